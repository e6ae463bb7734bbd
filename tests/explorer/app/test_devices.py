"""What computes the pictures: shown, and switched in the window."""

from __future__ import annotations

import pytest

from explorer.worker.backend import TorchBackend
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import Driver


def test_only_devices_that_are_there_can_be_chosen(driver: Driver) -> None:
    panel = driver.app.window.sidebar.window
    driver.app.window.unfold(frozenset({panel.title}))
    driver.frames()
    there = {device for device, button in panel.device.buttons.items() if button.is_enabled}
    assert there == set(driver.app.happenings.model.devices)
    assert panel.device.buttons["cpu"].is_selected
    assert "cpu" in driver.app.happenings.status(driver.app.session.model)


def test_a_click_moves_the_model_and_keeps_everything_else(launch: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    """An accelerator that computes as this processor does: what is at stake is the way there, not its arithmetic."""
    use, moved = TorchBackend.use, []

    def pretend(self: TorchBackend, device: str) -> None:
        use(self, "cpu")
        self.devices = ("cuda", "cpu")
        self.device = device
        moved.append(device)

    opens = TorchBackend.open

    def open_here(self: TorchBackend, *arguments: object) -> object:
        device, self.device = self.device, "cpu"
        try:
            return opens(self, *arguments)  # type: ignore[arg-type]
        finally:
            self.device = device

    monkeypatch.setattr(TorchBackend, "use", pretend)
    monkeypatch.setattr(TorchBackend, "open", open_here)
    driver = launch()
    driver.settle()
    driver.type_into(driver.app.window.sidebar.truncation.psi.entry, "0.6")
    driver.settle()
    before, document = driver.pictures(), driver.app.session.document
    panel = driver.app.window.sidebar.window
    driver.app.window.unfold(frozenset({panel.title}))
    driver.frames()
    driver.click(panel.device.buttons["cuda"])
    driver.pump(lambda: driver.app.happenings.model.device == "cuda", "the other device")
    driver.settle()
    assert moved == ["cpu", "cuda"]
    assert panel.device.buttons["cuda"].is_selected
    assert "cuda" in driver.app.happenings.status(driver.app.session.model)
    assert driver.app.session.document == document
    assert all((now == then).all() for now, then in zip(driver.pictures(), before, strict=True))

"""Fixtures for tests that drive the whole application without a display."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from explorer.app.options import AppOptions
from explorer.worker.failures import LOG_NAME
from explorer.worker.render_worker import RenderWorker
from tests.explorer.app.driver import LIMIT_SECONDS, MODEL, Driver, in_a_thread

Launch = Callable[..., Driver]


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Favourites go here, videos are proposed here, and neither a display nor a loudspeaker is touched."""
    folder = tmp_path / "data"
    monkeypatch.setenv("STYLEGAN_EXPLORER_DATA", str(folder))
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    monkeypatch.setattr("explorer.app.exporting.default_folder", lambda: tmp_path)
    monkeypatch.setattr("explorer.app.sharing.default_folder", lambda: tmp_path)
    return folder


@pytest.fixture
def launch(data_folder: Path) -> Iterator[Launch]:
    """Starts applications and closes them at the end. None of them may have met a bug and gone on."""
    drivers: list[Driver] = []

    def start(
        model: Path | None = MODEL,
        *,
        size: tuple[int, int] | None = (1000, 900),
        grid: tuple[int, int] | None = (2, 2),
        device: str = "cpu",
        session: Path | None = None,
        new: bool = False,
        worker: Callable[[AppOptions], RenderWorker] = in_a_thread,
    ) -> Driver:
        options = AppOptions(model=model, size=size, grid=grid, device=device, session=session, new=new)
        driver = Driver(options, worker(options))
        drivers.append(driver)
        return driver

    yield start
    for driver in drivers:
        driver.app.close()
        assert driver.app.worker.stop(LIMIT_SECONDS)  # nothing of it goes on beside the next test
    log = data_folder / LOG_NAME
    assert not log.is_file(), log.read_text(encoding="utf-8")


@pytest.fixture
def driver(launch: Launch) -> Driver:
    """An application with all four tiles drawn."""
    started = launch()
    started.settle()
    return started

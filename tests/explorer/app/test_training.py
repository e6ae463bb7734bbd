"""A training is begun, watched and stopped from the window: a real process, tiny networks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pygame
import pytest
from PIL import Image

from explorer.app import following, training_desk
from explorer.app.continue_window import ContinueWindow
from explorer.app.options import MIN_SIZE
from explorer.runs.run_reader import RunReader
from explorer.runs.training_process import KIMG
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import Driver
from tests.explorer.app.test_window import cut_off

TINY = (
    *("--cfg", "auto", "--batch", "4", "--channel-base", "64", "--channel-max", "8", "--latent-dim", "16"),
    *("--device", "cpu", "--snapshot-kimg", "0.04", "--tick-kimg", "0.02", "--augment", "none"),
    *("--resolution", "8", "--path-length-weight", "0"),
)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "some pictures"
    folder.mkdir()
    for index in range(6):
        Image.new("RGB", (20 + 4 * index, 16), (index * 40, 90, 30)).save(folder / f"{index}.png")
    (folder / "broken.png").write_bytes(b"not a picture")
    return folder


@pytest.fixture(autouse=True)
def nearby(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_desk, "default_outdir", lambda: tmp_path / "runs")
    monkeypatch.setattr(training_desk, "LISTEN_SECONDS", 0.1)
    monkeypatch.setattr(following, "READ_SECONDS", 0.1)


@pytest.fixture
def driver(launch: Launch) -> Iterator[Driver]:
    """Whatever a test does, its training ends with it."""
    started = launch()
    started.settle()
    started.app.training.further = TINY
    yield started
    process = started.app.training._process
    if process is not None:
        process._process.kill()
        process._process.wait()


def message(driver: Driver) -> str:
    notice = driver.app.window.notices.current
    return notice.text if notice else ""


def begin(driver: Driver, pictures: Path) -> None:
    """Until the window knows what there is."""
    driver.post(pygame.DROPFILE, file=str(pictures))
    driver.pump(lambda: driver.app.training.state().check is not None, "the look at the pictures")
    driver.frames()


def test_from_a_dropped_folder_to_pictures_and_a_safe_stop(driver: Driver, pictures: Path) -> None:
    begin(driver, pictures)
    window = driver.app.window.dialog
    assert window.found.text == "6 pictures, from 20 × 16 to 40 × 16; Auto is 16 px"
    assert "broken.png is left out" in driver.app.training.state().check.problems[0]
    assert cut_off(driver) == []
    driver.click(window.unit.buttons[KIMG])
    driver.type_into(window.amount, "500")
    driver.frames()
    driver.click(window.start_button)
    driver.frames()
    assert not driver.app.window.has_dialog
    panel = driver.app.window.sidebar.training
    driver.pump(lambda: panel.opened and panel.line.text == driver.app.training.line != "", "what it says")
    driver.pump(lambda: driver.app.follow.state().shown.startswith("Shown"), "the first snapshot")
    driver.pump(lambda: driver.app.follow.state().run.charts, "a report")
    driver.settle()
    assert driver.app.session.model.img_resolution == 8
    driver.app.window.sidebar.reveal(panel.stop_button)
    driver.frames()
    driver.click(panel.stop_button)
    driver.pump(lambda: "was stopped, and has saved everything" in message(driver), "the end")
    run = driver.app.follow.state().run.folder
    assert run.parent == driver.app.training.state().outdir
    assert run.name in message(driver)
    assert (run / "checkpoint.safetensors").is_file()
    assert (run / "report.html").is_file()
    assert not driver.app.training.running
    continued(driver, run)


def continued(driver: Driver, run: Path) -> None:
    """A run that has stopped goes on from where it was, for as long as the person says."""
    before = RunReader(run).read().kimg
    assert before > 0
    panel = driver.app.window.sidebar.training
    driver.frames()
    driver.app.window.sidebar.reveal(panel.continue_button)
    driver.frames()
    driver.click(panel.continue_button)
    window = driver.app.window.dialog
    assert isinstance(window, ContinueWindow)
    assert cut_off(driver) == []
    driver.click(window.unit.buttons[KIMG])
    driver.type_into(window.amount, "0.1")
    driver.frames()
    driver.click(window.start_button)
    assert not driver.app.window.has_dialog
    assert driver.app.training.running
    driver.pump(lambda: "has come to its end" in message(driver), "the end")
    assert driver.app.follow.state().run.folder == run
    assert [folder.name for folder in run.parent.iterdir()] == [run.name]
    assert RunReader(run).read().kimg == pytest.approx(before + 0.1, abs=0.01)
    assert panel.opened


def test_before_there_are_pictures_only_they_can_be_chosen(driver: Driver) -> None:
    driver.key(pygame.K_r, "r")
    window = driver.app.window.dialog
    for control in (window.amount, *window.unit.buttons.values(), *window.resolution.buttons.values()):
        assert not control.is_enabled
    assert window.choose_button.is_enabled
    assert not window.start_button.is_enabled


def test_a_mistake_is_the_commands_sentence(driver: Driver, pictures: Path) -> None:
    begin(driver, pictures)
    driver.app.training.further = (*TINY, "--resolution", "48")
    driver.click(driver.app.window.dialog.start_button)
    driver.pump(lambda: "48" in message(driver), "the sentence")
    assert "Traceback" not in message(driver)
    assert not driver.app.training.running
    driver.key(pygame.K_r, "r")
    assert driver.app.window.has_dialog
    driver.key(pygame.K_r, "r")
    assert driver.app.training.state().plan.data == pictures


def test_on_closing_the_person_chooses(driver: Driver, pictures: Path) -> None:
    begin(driver, pictures)
    driver.click(driver.app.window.dialog.start_button)
    driver.pump(lambda: driver.app.follow.state().run is not None, "the run")
    driver.post(pygame.QUIT)
    assert driver.app.running
    assert cut_off(driver) == []
    driver.click(driver.app.window.dialog.buttons["Stay here"])
    driver.frames()
    assert driver.app.running
    assert not driver.app.window.has_dialog
    driver.post(pygame.QUIT)
    run = driver.app.follow.state().run.folder
    process = driver.app.training._process
    driver.click(driver.app.window.dialog.buttons["Stop and save"])
    assert not driver.app.running
    driver.app.close()
    deadline = time.monotonic() + 60
    while process.running and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process.look().error == ""
    assert (run / "checkpoint.safetensors").is_file()


def test_a_training_goes_on_without_the_window(driver: Driver, pictures: Path) -> None:
    begin(driver, pictures)
    driver.click(driver.app.window.dialog.start_button)
    driver.pump(lambda: driver.app.follow.state().run is not None, "the run")
    driver.post(pygame.QUIT)
    driver.click(driver.app.window.dialog.buttons["Let it go on"])
    assert not driver.app.running
    driver.app.close()
    reader = RunReader(driver.app.follow.state().run.folder)
    before = reader.read().kimg
    deadline = time.monotonic() + 60
    while reader.read().kimg <= before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert reader.read().kimg > before


def test_pictures_that_are_none_are_a_sentence(launch: Launch, tmp_path: Path) -> None:
    folder = tmp_path / "nothing"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"")
    driver = launch(size=MIN_SIZE)
    driver.settle()
    begin(driver, folder)
    window = driver.app.window.dialog
    assert window.found.text.startswith(str(folder)[:8])
    assert not window.start_button.is_enabled
    assert cut_off(driver) == []
    driver.post(pygame.QUIT)
    assert not driver.app.running

"""No failure ends the application or reaches the person as anything but a sentence."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pygame
import pytest
import torch

from engine.formats.model_info import Weights
from engine.inference.renderer import Renderer
from explorer.app.main_loop import App
from explorer.app.options import AppOptions
from explorer.app.sharing import SharingDesk
from explorer.library.favourites import Library
from explorer.worker.backend import OpenedModel, TorchBackend
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import FIXTURES, MODEL, Driver


def message(driver: Driver) -> str:
    notice = driver.app.window.notices.current
    return notice.text if notice else ""


@pytest.mark.parametrize(
    "content", [b"", b"not a model", b"\x80\x02cos\nsystem\n(S'echo'\ntR."], ids=["empty", "text", "hostile"]
)
def test_a_broken_model_file_is_a_message_and_the_model_before_stays(
    driver: Driver, tmp_path: Path, content: bytes
) -> None:
    before = driver.app.session.model
    broken = tmp_path / "broken.pkl"
    broken.write_bytes(content)
    driver.post(pygame.DROPFILE, file=str(broken))
    driver.pump(lambda: message(driver), "a message")
    assert "broken.pkl" in message(driver)
    assert "Traceback" not in message(driver)
    assert driver.app.session.model is before
    driver.key(pygame.K_ESCAPE)
    assert message(driver) == ""
    driver.key(pygame.K_n, "n")
    driver.settle()


def test_after_a_broken_file_at_the_start_a_good_one_opens(launch: Launch, tmp_path: Path) -> None:
    driver = launch(tmp_path / "missing.safetensors")
    driver.pump(lambda: message(driver), "a message")
    assert "missing.safetensors" in message(driver)
    driver.click(driver.app.window.notices.action_button)
    assert driver.app.window.has_dialog
    driver.key(pygame.K_ESCAPE)
    driver.post(pygame.DROPFILE, file=str(MODEL))
    driver.settle()
    assert len(driver.pictures()) == 4


def test_without_a_bundled_model_the_window_says_so(launch: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.app.opening.bundled_model", lambda: None)
    driver = launch(None)
    driver.frames()
    assert "critters.safetensors" in message(driver)
    assert driver.app.window.notices.action_button is not None
    driver.post(pygame.DROPFILE, file=str(MODEL))
    driver.settle()


def test_a_file_that_could_not_be_opened_is_read_anew(driver: Driver, tmp_path: Path) -> None:
    file = tmp_path / "half.pkl"
    file.write_bytes(MODEL.read_bytes()[:1000])
    driver.post(pygame.DROPFILE, file=str(file))
    driver.pump(lambda: message(driver), "a message")
    file.write_bytes((FIXTURES / "ada_grey_32.pkl").read_bytes())
    driver.post(pygame.DROPFILE, file=str(file))
    driver.pump(lambda: driver.app.session.model.img_resolution == 32, "the whole file")


def test_a_load_that_takes_long_can_be_cancelled(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    entered, go_on, opens = threading.Event(), threading.Event(), TorchBackend.open

    def slowly(self: TorchBackend, path: Path, weights: Weights, still_wanted: Callable[[], bool]) -> OpenedModel:
        entered.set()
        assert go_on.wait(60)
        return opens(self, path, weights, still_wanted)

    monkeypatch.setattr(TorchBackend, "open", slowly)
    before, pictures = driver.app.session.model, driver.pictures()
    other = str(FIXTURES / "ada_grey_32.pkl")
    driver.post(pygame.DROPFILE, file=other)
    driver.pump(entered.is_set, "the load")
    button = driver.app.window.sidebar.model.open_button
    assert button.text == "Cancel"
    driver.click(button)
    driver.frames()
    assert button.text == "Open…"
    go_on.set()
    driver.key(pygame.K_n, "n")
    driver.settle()  # the worker has come back from the load, and goes on with the model before
    assert driver.app.session.model is before
    assert not np.array_equal(pictures[0], driver.pictures()[0])
    driver.post(pygame.DROPFILE, file=other)
    driver.pump(lambda: driver.app.session.model.img_resolution == 32, "the other model")


def test_a_model_chosen_in_the_dialog_opens(driver: Driver) -> None:
    driver.key(pygame.K_o, "o")
    dialog = driver.app.window.dialog
    driver.click(dialog.files.centre("ada_grey_32.pkl"))
    driver.click(dialog.accept_button)
    driver.pump(lambda: driver.app.session.model.img_resolution == 32, "the other model")
    driver.settle()
    assert driver.app.happenings.model.name == "ada_grey_32.pkl"
    assert not driver.app.window.has_dialog


def test_out_of_memory_is_a_message(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(self: Renderer, look: object, *, cache_key: object, resolution: int) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    with monkeypatch.context() as patch:
        patch.setattr(Renderer, "render", exhausted)
        driver.key(pygame.K_n, "n")
        driver.pump(lambda: message(driver), "a message")
    assert "memory" in message(driver)
    driver.key(pygame.K_n, "n")
    driver.settle()


def test_a_picture_that_cannot_be_shown_is_a_message_and_the_log_has_it(
    driver: Driver, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def five_channels(self: Renderer, look: object, *, cache_key: object, resolution: int) -> np.ndarray:
        return np.zeros((64, 64, 5), np.uint8)

    with monkeypatch.context() as patch:
        patch.setattr(Renderer, "render", five_channels)
        driver.key(pygame.K_n, "n")
        driver.pump(lambda: message(driver), "a message")
        driver.settle()
    log = data_folder / "errors.log"
    assert "not possible to show everything" in message(driver)
    assert str(log) in message(driver)
    assert log.read_text().count("Traceback") == 1  # however many frames it happens in
    driver.key(pygame.K_ESCAPE)
    driver.key(pygame.K_n, "n")
    driver.settle()
    assert message(driver) == ""
    log.unlink()  # which a test without a bug must not leave


def test_a_bug_behind_a_key_a_click_or_an_errand_is_a_message_and_the_window_stays(
    driver: Driver, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = driver.app
    log = data_folder / "errors.log"
    with monkeypatch.context() as patch:
        patch.setattr(app.session, "edit", lambda *_arguments: {}["not there"])
        driver.key(pygame.K_n, "n")
        assert "not possible to do what was asked: KeyError" in message(driver)
        app.window.notices.close()
        driver.drag(driver.tile(0), driver.tile(1))
        patch.setattr(SharingDesk, "_bring_back", lambda *_arguments: [][1])
        driver.move(driver.tile(0))
        driver.key(pygame.K_s, "s")
        driver.pump(lambda: not app.errands.busy, "the picture")
        saved = next(app.sharing.folder.glob("*.png"))
        driver.post(pygame.DROPFILE, file=str(saved))
        driver.pump(lambda: "done meanwhile: IndexError" in message(driver), "the sentence")
    assert app.running
    log.unlink()  # which a test without a bug must not leave
    driver.key(pygame.K_ESCAPE)
    before = app.session.document
    driver.key(pygame.K_n, "n")
    driver.settle()
    assert app.session.document != before


def test_a_reply_that_cannot_be_taken_in_is_a_message(
    driver: Driver, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(driver.app.session, "set_model", lambda info: 1 // 0)
        driver.post(pygame.DROPFILE, file=str(FIXTURES / "ada_grey_32.pkl"))
        driver.pump(lambda: message(driver), "a message")
    assert "not possible to take in" in message(driver)
    assert driver.app.happenings.failed == message(driver)
    (data_folder / "errors.log").unlink()


def test_an_unusable_data_folder_is_a_message(launch: Launch, data_folder: Path) -> None:
    data_folder.write_text("a file where a folder should be")
    driver = launch()
    driver.frames()
    assert message(driver)
    driver.settle()

    def refused() -> bool:
        driver.click(driver.tile(0))
        return "Favourites cannot be kept" in message(driver)  # unless the session just said the same of itself

    driver.pump(refused, "the complaint")
    driver.key(pygame.K_n, "n")
    driver.settle()


def test_a_library_in_use_delays_no_picture_and_is_tried_again(launch: Launch, data_folder: Path) -> None:
    with closing(Library()) as library:
        path = library.path
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=DELETE")  # without WAL even readers are shut out
        other.execute("BEGIN EXCLUSIVE")
        driver = launch()
        driver.frames()
        assert "Another program is using it" in message(driver)
        driver.settle()
        driver.key(pygame.K_ESCAPE)
        driver.click(driver.tile(0))
        assert "Another program is using it" in message(driver)
        assert driver.app.favourites.looks == ()
        other.execute("ROLLBACK")
    driver.key(pygame.K_ESCAPE)
    driver.click(driver.tile(0))
    assert message(driver) == ""
    assert driver.app.favourites.marked_tiles() == {0}


def test_the_first_frame_and_the_engine_do_not_wait_for_the_library(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = App(AppOptions(model=MODEL))
    seen: list[tuple[int, bool]] = []
    started: list[bool] = []
    monkeypatch.setattr(app.worker, "start", lambda: started.append(True))
    monkeypatch.setattr(app.favourites, "open_library", lambda: seen.append((app.frames_drawn, bool(started))))
    app.start()
    app.close()
    assert seen == [(1, True)]


def test_favourites_that_cannot_be_read_are_told_of(launch: Launch, data_folder: Path) -> None:
    driver = launch()
    driver.settle()
    driver.click(driver.tile(0))
    driver.click(driver.tile(1))
    driver.app.close()
    with closing(sqlite3.connect(data_folder / "favourites.sqlite")) as connection, connection:
        connection.execute("UPDATE favourites SET look = '{}' WHERE favourite_id = 2")
    driver = launch()
    driver.settle()
    assert "Favourite 2" in message(driver)
    assert "left out" in message(driver)
    assert driver.app.favourites.marked_tiles() == {0}


def test_another_model_keeps_the_controls_that_make_sense(driver: Driver) -> None:
    driver.type_into(driver.app.window.sidebar.truncation.psi.entry, "0.6")
    driver.click(driver.tile(0))
    driver.post(pygame.DROPFILE, file=str(FIXTURES / "ada_grey_32.pkl"))
    driver.pump(lambda: driver.app.session.model.img_resolution == 32, "the other model")
    driver.settle()
    assert driver.app.session.document.truncation.psi == 0.6
    assert driver.app.window.strip.ids == ()
    driver.post(pygame.DROPFILE, file=str(MODEL))
    driver.pump(lambda: driver.app.session.model.img_resolution == 64, "the first model")
    driver.settle()
    assert len(driver.app.window.strip.ids) == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is such a device here")
def test_a_device_that_is_not_there_is_a_message(launch: Launch) -> None:
    driver = launch(device="cuda")
    driver.pump(lambda: message(driver), "a message")
    assert "cuda" in message(driver).lower()
    driver.frames()
    assert not driver.app.window.grid.waiting
    assert driver.app.running

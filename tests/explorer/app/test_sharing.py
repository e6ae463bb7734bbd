"""Pictures carry their recipe, looks travel as text, sessions as files: what leaves the window can come back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pygame
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.errors import DataError
from engine.inference.images import read_recipe, save_png
from engine.inference.recipes import looks_of, recipe_of_look
from engine.video.recipe import read_video_recipe
from explorer.session.document import latent_of
from explorer.session.session_file import read_session
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import FIXTURES, MODEL, Driver


def message(driver: Driver) -> str:
    notice = driver.app.window.notices.current
    return notice.text if notice else ""


def wait(driver: Driver) -> None:
    """Until files are read or written."""
    driver.pump(lambda: not driver.app.errands.busy, "the errands")
    driver.frames()


def drop(driver: Driver, path: Path) -> None:
    driver.post(pygame.DROPFILE, file=str(path))
    wait(driver)


def something_special(driver: Driver) -> None:
    sidebar = driver.app.window.sidebar
    driver.type_into(sidebar.truncation.psi.entry, "0.7")
    driver.type_into(sidebar.mixing.layers.rows[(0, 1, 2, 3)].entry, "0.4")
    start = driver.tile(0)
    driver.drag(start, (start[0] + 60, start[1] - 30))
    driver.settle()


def test_a_saved_picture_brings_its_look_back(driver: Driver, tmp_path: Path) -> None:
    something_special(driver)
    driver.move(driver.tile(3))
    driver.frames()
    look, picture = driver.app.session.look_of(3), driver.pictures()[3]
    (tmp_path / "ada_uncond_64-seed2.png").write_bytes(b"someone else's")
    driver.key(pygame.K_s, "s")
    driver.key(pygame.K_s, "s")
    wait(driver)
    saved = sorted(path for path in tmp_path.glob("*.png") if path.stat().st_size > 100)
    assert len(saved) == 2
    assert saved[0].name in message(driver) or saved[1].name in message(driver)
    assert looks_of(read_recipe(saved[0])) == (look,)
    with Image.open(saved[0]) as image:
        assert np.array_equal(np.asarray(image).swapaxes(0, 1), picture)
    driver.key(pygame.K_n, "n")
    driver.key(pygame.K_ESCAPE)
    driver.click(driver.app.window.sidebar.truncation.reset_button)
    before = driver.app.session.document
    drop(driver, saved[0])
    driver.settle()
    assert driver.app.session.look_of(0) == look
    assert np.array_equal(driver.pictures()[0], picture)
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    assert driver.app.session.document == before


def test_the_buttons_save_and_the_dialog_opens(driver: Driver, tmp_path: Path) -> None:
    panel = driver.app.window.sidebar.share
    driver.click(panel.header)
    driver.frames()
    driver.click(panel.buttons["Picture", "Save"])
    assert "Move the mouse over a picture" in message(driver)
    driver.click(driver.tile(1), pygame.BUTTON_RIGHT)
    driver.click(panel.buttons["Picture", "Save"])
    wait(driver)
    assert (tmp_path / "ada_uncond_64-seed1.png").exists()
    driver.click(panel.buttons["Picture", "Open…"])
    assert driver.app.window.has_dialog
    driver.key(pygame.K_ESCAPE)
    driver.click(panel.buttons["Session", "Open…"])
    assert driver.app.window.has_dialog


def test_a_dropped_video_brings_its_keyframes_back(driver: Driver, tmp_path: Path) -> None:
    something_special(driver)
    for tile in range(3):
        driver.click(driver.tile(tile))
    looks = driver.app.favourites.looks
    driver.type_into(driver.app.window.sidebar.export.seconds.entry, "0.1")
    driver.key(ord("e"), "e")
    driver.pump(lambda: not driver.app.export.running, "the export")
    path = tmp_path / "ada_uncond_64-walk.mp4"
    driver.key(pygame.K_n, "n")
    driver.click(driver.app.window.sidebar.seeds.grid.buttons[1])
    drop(driver, path)
    driver.settle()
    document = driver.app.session.document
    assert (document.rows, document.columns) == (2, 2)
    assert tuple(driver.app.session.look_of(tile) for tile in range(3)) == looks
    with pytest.raises(DataError, match="carries no recipe"):
        read_video_recipe(MODEL)


def test_a_recipe_of_another_model_is_told_and_its_model_is_opened(driver: Driver, tmp_path: Path) -> None:
    driver.type_into(driver.app.window.sidebar.seeds.first, "9")
    driver.settle()
    driver.move(driver.tile(0))
    driver.key(pygame.K_s, "s")
    wait(driver)
    path = tmp_path / "ada_uncond_64-seed9.png"
    look = driver.app.session.look_of(0)
    drop(driver, FIXTURES / "ada_grey_32.pkl")
    driver.pump(lambda: driver.app.session.model.img_resolution == 32, "the other model")
    driver.key(pygame.K_n, "n")
    document = driver.app.session.document
    drop(driver, path)
    assert "made with another model, ada_uncond_64.pkl" in message(driver)
    assert driver.app.session.document == document
    driver.click(driver.app.window.notices.action_button)
    driver.pump(lambda: driver.app.session.model.img_resolution == 64, "its model")
    driver.settle()
    assert driver.app.session.look_of(0) == look

    strange = tmp_path / "strange.png"
    save_png(strange, np.zeros((8, 8, 3), np.uint8), recipe_of_look(driver.app.session.look_of(1), "f00dcafe1234"))
    drop(driver, strange)
    assert "begins with f00dcafe" in message(driver)
    driver.click(driver.app.window.notices.action_button)
    assert driver.app.session.look_of(0) == driver.app.session.look_of(1)


@pytest.mark.parametrize("name", ["plain.png", "broken.png", "broken.mp4", "broken.json"])
def test_files_without_a_recipe_are_sentences(driver: Driver, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "plain.png":
        Image.new("RGB", (8, 8)).save(path)
    else:
        path.write_bytes(b"\x00\x00\x00\x09moovx")
    document = driver.app.session.document
    drop(driver, path)
    assert name in message(driver)
    assert "bug" not in message(driver)
    assert driver.app.session.document == document


def test_a_look_travels_as_text(driver: Driver) -> None:
    something_special(driver)
    driver.move(driver.tile(2))
    driver.frames()
    look = driver.app.session.look_of(2)
    driver.key(pygame.K_c, mod=pygame.KMOD_LCTRL)
    assert json.loads(pygame.scrap.get_text())["truncation"]["psi"] == 0.7
    driver.key(pygame.K_n, "n")
    driver.click(driver.tile(1), pygame.BUTTON_RIGHT)
    driver.key(pygame.K_v, mod=pygame.KMOD_LCTRL)
    assert driver.app.session.look_of(1) == look
    document = driver.app.session.document
    for text in ("hello", "42", "{}", "[1]", "null", ""):
        pygame.scrap.put_text(text)
        driver.key(pygame.K_ESCAPE)
        driver.key(pygame.K_v, mod=pygame.KMOD_LCTRL)
        assert "holds no look" in message(driver), text
        driver.app.window.notices.close()
        driver.click(driver.tile(1), pygame.BUTTON_RIGHT)
    assert driver.app.session.document == document


def test_a_session_is_saved_in_a_dialog_and_dropped_on_another_window(launch: Launch, tmp_path: Path) -> None:
    driver = launch()
    driver.settle()
    something_special(driver)
    document = driver.app.session.document
    (tmp_path / "mine.json").write_text("someone else's")
    driver.key(pygame.K_s, "s", mod=pygame.KMOD_LCTRL)
    dialog = driver.app.window.dialog
    driver.click(dialog.path_field)
    driver.key(pygame.K_a, mod=pygame.KMOD_LCTRL)
    driver.write(str(tmp_path / "mine.json"))
    driver.click(dialog.accept_button)
    wait(driver)
    path = tmp_path / "mine-2.json"
    driver.pump(path.exists, "the file")
    assert read_session(path).document == document
    assert (tmp_path / "mine.json").read_text() == "someone else's"
    drop(driver, FIXTURES / "ada_grey_32.pkl")
    driver.pump(lambda: driver.app.session.model.img_resolution == 32, "the other model")
    driver.key(pygame.K_n, "n")
    drop(driver, path)
    driver.pump(lambda: driver.app.session.model.img_resolution == 64, "the session's model")
    driver.settle()
    assert driver.app.session.document == document
    assert latent_of(driver.app.session.document, 0) == latent_of(document, 0)


def test_an_unusable_folder_for_pictures_is_a_sentence(driver: Driver, tmp_path: Path) -> None:
    driver.app.sharing.folder = tmp_path / "gone"
    driver.move(driver.tile(0))
    driver.key(pygame.K_s, "s")
    wait(driver)
    assert "gone" in message(driver)
    assert "bug" not in message(driver)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_no_file_is_more_than_a_sentence(content: bytes, boxed: bool) -> None:
    import tempfile

    if boxed:
        content = len(content).to_bytes(4, "big") + b"moov" + content
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "video.mp4"
        path.write_bytes(content)
        with pytest.raises(DataError):
            read_video_recipe(path)

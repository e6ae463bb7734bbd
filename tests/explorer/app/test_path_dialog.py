"""Choosing files and folders with mouse and keyboard, and every answer that is none."""

from __future__ import annotations

import locale
import os
import shutil
from pathlib import Path

import pygame
import pytest

from explorer.app.folder_listing import path_from, rows_of, told_of
from explorer.app.path_dialog import PathDialog
from explorer.app.training_window import TrainingWindow
from explorer.elements.file_list import ROW
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import FIXTURES, Driver
from tests.explorer.app.test_window import cut_off

GREY = "ada_grey_32.pkl"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's folder with models in a folder of it."""
    home = tmp_path / "home"
    (home / "models" / "old").mkdir(parents=True)
    (home / ".hidden").mkdir()
    shutil.copy(FIXTURES / GREY, home / "models" / "Grey.PKL")
    (home / "models" / "notes.txt").write_text("not a model")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    return home


def opened(driver: Driver, folder: Path) -> PathDialog:
    """The dialog for models, in a folder that was typed."""
    driver.key(pygame.K_o, "o")
    dialog = driver.app.window.dialog
    assert isinstance(dialog, PathDialog)
    go_to(driver, dialog, str(folder))
    assert dialog.folder == folder
    return dialog


def go_to(driver: Driver, dialog: PathDialog, text: str) -> None:
    driver.click(dialog.path_field)
    driver.key(pygame.K_a, mod=pygame.KMOD_LCTRL)
    driver.write(text)
    driver.key(pygame.K_RETURN, "\r")
    driver.frames()


def double_click(driver: Driver, dialog: PathDialog, name: str) -> None:
    driver.app.window.manager.mouse_double_click_time = 60.0  # a slow hand on a busy machine
    driver.click(dialog.files.centre(name))
    driver.click(dialog.files.centre(name))


def names(dialog: PathDialog) -> list[str]:
    return [row.name for row in dialog.files.rows]


def test_double_clicks_lead_into_folders_and_open_files(driver: Driver, home: Path) -> None:
    dialog = opened(driver, home)
    assert names(dialog) == ["models"]
    assert cut_off(driver) == []
    double_click(driver, dialog, "models")
    assert dialog.folder == home / "models"
    assert names(dialog) == ["old", "Grey.PKL"]
    assert "1 folder, 1 file (" in dialog.remark.text
    double_click(driver, dialog, "Grey.PKL")
    assert not driver.app.window.has_dialog
    driver.pump(lambda: driver.app.session.model.img_resolution == 32, "the model")


def test_other_programs_models_are_listed_and_open(driver: Driver, home: Path) -> None:
    shutil.copy(FIXTURES / "ros_64.pt", home / "models" / "old" / "rosinality.pt")
    dialog = opened(driver, home / "models" / "old")
    assert names(dialog) == ["rosinality.pt"]
    double_click(driver, dialog, "rosinality.pt")
    driver.pump(lambda: driver.app.happenings.model.name == "rosinality.pt", "the model")


def test_the_keyboard_alone_opens_a_model(driver: Driver, home: Path) -> None:
    dialog = opened(driver, home / "models" / "old")
    while driver.app.window.focus_ring.current is not dialog.files:
        driver.key(pygame.K_TAB)
    driver.key(pygame.K_BACKSPACE)
    assert dialog.folder == home / "models"
    assert dialog.files.rows[dialog.files.selected].name == "old"  # where one comes from
    driver.key(pygame.K_g, "g")
    assert dialog.path_field.get_text() == str(home / "models" / "Grey.PKL")
    driver.key(pygame.K_HOME)
    driver.key(pygame.K_DOWN)
    driver.key(pygame.K_RETURN, "\r")
    driver.pump(lambda: driver.app.session.model.img_resolution == 32, "the model")


def test_what_cannot_be_opened_is_a_sentence_and_nothing_else(driver: Driver, home: Path) -> None:
    dialog = opened(driver, home)
    for text in ("nothing here.pkl", "no/such/folder/a.pkl", "\\0", "x" * 300):
        go_to(driver, dialog, text)
        assert driver.app.window.dialog is dialog
        assert "There is no" in dialog.remark.text
        assert dialog.folder == home
    go_to(driver, dialog, "  '~/models' ")
    assert dialog.folder == home / "models"
    go_to(driver, dialog, "")
    assert dialog.folder == home / "models"
    driver.key(pygame.K_ESCAPE)
    assert not driver.app.window.has_dialog


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="folders that this user may not read are wanted")
def test_a_folder_that_must_not_be_read_is_a_sentence(driver: Driver, home: Path) -> None:
    (home / "models" / "old").chmod(0)
    dialog = opened(driver, home / "models")
    double_click(driver, dialog, "old")
    assert "cannot be read" in dialog.remark.text
    assert dialog.folder == home / "models"


def test_a_folder_that_is_gone_is_a_sentence(driver: Driver, home: Path) -> None:
    dialog = opened(driver, home / "models")
    (home / "models" / "old").rmdir()
    double_click(driver, dialog, "old")
    assert "There is no" in dialog.remark.text or "cannot be read" in dialog.remark.text
    assert dialog.folder == home / "models"


def test_a_locale_that_the_system_lacks_does_not_matter(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "xx_YY.UTF-8")
    before = locale.setlocale(locale.LC_ALL)
    driver.key(pygame.K_o, "o")
    assert driver.app.window.has_dialog
    assert locale.setlocale(locale.LC_ALL) == before


def test_standing_in_a_folder_of_pictures_one_chooses_it(driver: Driver, home: Path) -> None:
    pictures = home / "pictures"
    pictures.mkdir()
    pygame.image.save(pygame.Surface((20, 16)), str(pictures / "1.png"))
    for choose in ("the folder", "a picture in it"):
        driver.key(pygame.K_r, "r")
        driver.click(driver.app.window.dialog.choose_button)
        dialog = driver.app.window.dialog
        go_to(driver, dialog, str(pictures))
        assert names(dialog) == ["1.png"]
        if choose != "the folder":
            driver.click(dialog.files.centre("1.png"))
        driver.click(dialog.accept_button)
        assert isinstance(driver.app.window.dialog, TrainingWindow), choose
        assert driver.app.training.state().plan.data == pictures
        driver.app.training._plan = None
        driver.key(pygame.K_ESCAPE)


@pytest.mark.parametrize("way", ["cancel", "escape", "cross"])
def test_without_an_answer_one_is_back_where_one_was(driver: Driver, way: str) -> None:
    driver.key(pygame.K_r, "r")
    driver.click(driver.app.window.dialog.choose_button)
    dialog = driver.app.window.dialog
    assert isinstance(dialog, PathDialog)
    if way == "escape":
        driver.key(pygame.K_ESCAPE)
    else:
        driver.click(dialog.cancel_button if way == "cancel" else dialog.close_window_button)
    driver.frames()
    assert isinstance(driver.app.window.dialog, TrainingWindow)
    driver.key(pygame.K_ESCAPE)
    assert not driver.app.window.has_dialog


def test_a_new_name_replaces_the_one_that_is_proposed_and_no_file(driver: Driver, home: Path) -> None:
    driver.click(driver.app.window.sidebar.export.path_button)
    dialog = driver.app.window.dialog
    assert dialog.path_field.get_text().endswith("ada_uncond_64-walk.mp4")
    driver.write("first")
    assert Path(dialog.path_field.get_text()).name == "first.mp4"
    (dialog.folder / "taken.mp4").write_text("someone else's")
    (dialog.folder / "films").mkdir()
    go_to(driver, dialog, "films")
    assert Path(dialog.path_field.get_text()) == dialog.folder
    driver.key(pygame.K_BACKSPACE)
    driver.click(dialog.path_field)
    driver.key(pygame.K_a, mod=pygame.KMOD_LCTRL)
    driver.write("../taken.mp4")
    assert dialog.remark.text == "There is a taken.mp4 already: it stays as it is"
    driver.click(dialog.accept_button)
    driver.frames()
    assert driver.app.export.state().path.name == "taken-2.mp4"


def test_a_long_list_scrolls_and_names_have_their_natural_order(launch: Launch, tmp_path: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(300):
        (many / f"snapshot-{number}.pkl").touch()
    rows = rows_of(many, frozenset({".pkl"}))
    assert [row.name for row in rows][:3] == ["snapshot-0.pkl", "snapshot-1.pkl", "snapshot-2.pkl"]
    driver = launch(size=(900, 600))
    driver.settle()
    dialog = opened(driver, many)
    page = int(dialog.files.rect.height) // ROW - 1
    driver.click(dialog.files.centre("snapshot-3.pkl"))
    for key, name in ((pygame.K_END, 299), (pygame.K_UP, 298), (pygame.K_HOME, 0), (pygame.K_PAGEDOWN, page)):
        driver.key(key)
        assert dialog.files.rows[dialog.files.selected].name == f"snapshot-{name}.pkl"
    driver.move(dialog.files.rect.center)
    before = dialog.files.centre("snapshot-0.pkl")
    driver.post(pygame.MOUSEWHEEL, x=0, y=-2, flipped=False, precise_x=0.0, precise_y=-2.0)
    assert dialog.files.centre("snapshot-0.pkl")[1] < before[1]


def test_paths_as_people_write_them(tmp_path: Path) -> None:
    assert path_from("", tmp_path) == tmp_path
    assert path_from(' "a b.png" ', tmp_path) == tmp_path / "a b.png"
    assert path_from(str(tmp_path / "c"), Path("elsewhere")) == tmp_path / "c"
    assert path_from("~", tmp_path) == Path.home()


def test_what_is_told_of_a_file(tmp_path: Path) -> None:
    for size, told in ((0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (12_345_678, "12 MB")):
        with open(tmp_path / "file", "wb") as file:
            file.truncate(size)
        assert told_of(tmp_path / "file").endswith(told)
    assert told_of(tmp_path) == told_of(tmp_path / "gone") == ""

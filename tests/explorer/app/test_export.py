"""The video of the favourites, from the click on Export to the frames of the file."""

from __future__ import annotations

import os
from pathlib import Path

import av
import numpy as np
import pygame
import pytest

from tests.explorer.app.driver import FIXTURES, Driver


def keep(driver: Driver, count: int) -> None:
    for tile in range(count):
        driver.click(driver.tile(tile))
    driver.frames()


def message(driver: Driver) -> str:
    notice = driver.app.window.notices.current
    return notice.text if notice else ""


def test_export_writes_a_video_that_decodes(driver: Driver, tmp_path: Path) -> None:
    panel = driver.app.window.sidebar.export
    keep(driver, 3)
    driver.type_into(panel.seconds.entry, "0.5")
    driver.click(panel.fps.buttons[24])
    driver.click(panel.loop.buttons[False])
    driver.frames()
    driver.click(panel.export_button)
    driver.pump(lambda: driver.app.export.state().done > 0, "progress")
    driver.type_into(driver.app.window.sidebar.truncation.psi.entry, "0.5")  # the grid stays live
    driver.pump(lambda: driver.app.settled, "pictures while exporting")
    driver.pump(lambda: not driver.app.export.running, "the end of the export")
    path = tmp_path / "ada_uncond_64-walk.mp4"
    assert str(path.name) in message(driver)
    assert driver.app.export.state().path == tmp_path / "ada_uncond_64-walk-2.mp4"
    with av.open(str(path)) as video:
        stream = video.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(stream)]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert stream.average_rate == 24
    assert len(frames) == 2 * 12 + 1
    assert frames[0].shape == (256, 256, 3)
    assert not np.array_equal(frames[0], frames[12])


def test_a_cancelled_export_leaves_nothing(driver: Driver, tmp_path: Path) -> None:
    panel = driver.app.window.sidebar.export
    keep(driver, 2)
    driver.type_into(panel.seconds.entry, "60")
    driver.frames()
    driver.click(panel.export_button)
    driver.pump(lambda: driver.app.export.state().done > 2, "progress")
    driver.frames()
    assert "frames" in panel.progress.done_text
    driver.click(panel.cancel_button)
    driver.pump(lambda: not driver.app.export.running, "the cancelling")
    assert "cancelled" in message(driver)
    assert [entry for entry in tmp_path.iterdir() if entry.suffix == ".mp4" or "partial" in entry.name] == []


def test_an_export_never_overwrites(driver: Driver, tmp_path: Path) -> None:
    keep(driver, 2)
    path = driver.app.export.state().path
    assert path is not None
    path.write_bytes(b"someone else's")
    driver.type_into(driver.app.window.sidebar.export.seconds.entry, "0.2")
    driver.key(ord("e"), "e")
    driver.pump(lambda: not driver.app.export.running, "the export")
    assert path.read_bytes() == b"someone else's"
    assert (tmp_path / "ada_uncond_64-walk-2.mp4").stat().st_size > 1000


def test_the_path_can_be_chosen_in_a_dialog(driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    driver.click(driver.app.window.sidebar.export.path_button)
    dialog = driver.app.window.dialog
    driver.click(dialog.path_field)
    driver.key(pygame.K_a, mod=pygame.KMOD_LCTRL)
    driver.write(str(tmp_path / "films" / "first.mp4"))
    driver.click(dialog.accept_button)
    driver.frames()
    assert not driver.app.window.has_dialog
    assert driver.app.export.state().path == tmp_path / "films" / "first.mp4"
    assert driver.app.window.sidebar.export.path.text.endswith("first.mp4")


def test_too_few_favourites_are_explained(driver: Driver) -> None:
    keep(driver, 1)
    panel = driver.app.window.sidebar.export
    assert not panel.export_button.is_enabled
    assert "1 more favourite:" in panel.hint.text
    driver.key(ord("e"), "e")
    assert "two pictures" in message(driver)


def test_nothing_is_exported_while_another_model_opens(driver: Driver, tmp_path: Path) -> None:
    keep(driver, 2)
    panel = driver.app.window.sidebar.export
    assert panel.export_button.is_enabled
    driver.app.models.open(FIXTURES / "ada_grey_32.pkl")
    driver.app.commands.start_export()  # before the worker's answer can have been heard
    assert "being opened" in message(driver)
    assert not driver.app.export.running
    driver.pump(lambda: not driver.app.happenings.model.opening, "the other model")
    assert not list(tmp_path.glob("*.mp4"))


def unusable_folders(tmp_path: Path) -> list[Path]:
    folders = [tmp_path / "gone"]
    if Path("/proc/self").exists():
        folders.append(Path("/proc/self"))  # refuses new files even to the superuser
    if hasattr(os, "geteuid") and os.geteuid() != 0:
        (tmp_path / "locked").mkdir(mode=0o500)
        folders.append(tmp_path / "locked")
    return folders


def test_a_folder_that_takes_no_files_is_a_message(driver: Driver, tmp_path: Path) -> None:
    keep(driver, 2)
    for folder in unusable_folders(tmp_path):
        driver.app.export.choose(folder / "walk.mp4")
        driver.frames()
        driver.click(driver.app.window.sidebar.export.export_button)
        driver.pump(lambda: not driver.app.export.running, "the failure")
        assert str(folder / "walk.mp4") in message(driver)
        driver.key(27)
    driver.key(ord("n"), "n")
    driver.settle()


@pytest.mark.parametrize("name", ["walk", "walk.mp4", "walk.MP4"])
def test_a_chosen_name_gets_its_suffix(driver: Driver, tmp_path: Path, name: str) -> None:
    driver.app.export.choose(tmp_path / name)
    path = driver.app.export.state().path
    assert path is not None
    assert path.suffix.lower() == ".mp4"
    assert path.stem == "walk"

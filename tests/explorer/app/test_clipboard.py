"""The picture on the system's clipboard, by a program that is there, or a sentence where there is none."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import numpy as np
import pygame
import pytest
from PIL import Image

from engine.inference.images import png_bytes, read_recipe
from engine.inference.recipes import looks_of
from explorer.app import clipboard
from tests.explorer.app.driver import Driver

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="other systems have their own programs for this")


def message(driver: Driver) -> str:
    notice = driver.app.window.notices.current
    return notice.text if notice else ""


def program(folder: Path, name: str, line: str) -> None:
    """A clipboard of our own, that does what its line says with what it is given."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def copy(driver: Driver, tile: int) -> None:
    driver.move(driver.tile(tile))
    driver.key(pygame.K_c, mod=pygame.KMOD_LCTRL | pygame.KMOD_LSHIFT)
    driver.pump(lambda: not driver.app.errands.busy, "the clipboard")
    driver.frames()


@LINUX
def test_the_picture_is_handed_over_as_a_png(driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = tmp_path / "taken.png"
    program(tmp_path / "bin", "wl-copy", "exit 1")  # installed, but there is no Wayland
    program(tmp_path / "bin", "xclip", f'cat > "{taken}"; (sleep 30 &)')  # stays to serve, as the real one does
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    copy(driver, 2)
    assert "on the clipboard" in message(driver)
    with Image.open(io.BytesIO(taken.read_bytes())) as picture:
        np.testing.assert_array_equal(np.asarray(picture.convert("RGB")), driver.app.session.results[2].pixels)
    assert looks_of(read_recipe(taken)) == (driver.app.session.look_of(2),)


@LINUX
def test_without_a_program_it_is_a_sentence(driver: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    copy(driver, 1)
    assert "wl-copy" in message(driver)
    assert "save the picture with S" in message(driver)
    assert "bug" not in message(driver)


@LINUX
def test_a_clipboard_that_refuses_or_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clipboard, "SECONDS", 0.3)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    program(tmp_path / "bin", "wl-copy", "exit 3")
    program(tmp_path / "bin", "xclip", "exec sleep 30")
    with pytest.raises(clipboard.WindowError, match="did not take it"):
        clipboard.PictureClipboard().put(png_bytes(np.zeros((8, 8, 3), np.uint8), {}))


def test_no_picture_under_the_mouse_is_a_sentence(driver: Driver) -> None:
    driver.move((5, 5))
    driver.key(pygame.K_c, mod=pygame.KMOD_LCTRL | pygame.KMOD_LSHIFT)
    assert "Move the mouse over a picture" in message(driver)

"""A click keeps a picture, for good; a thumbnail brings its look back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pygame

from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import MODEL, Driver


def test_a_click_keeps_and_another_lets_go(driver: Driver) -> None:
    driver.click(driver.tile(2))
    driver.frames()
    assert driver.app.favourites.looks == (driver.app.session.look_of(2),)
    assert driver.app.favourites.marked_tiles() == {2}
    assert len(driver.app.window.strip.ids) == 1
    driver.click(driver.tile(2))
    driver.frames()
    assert driver.app.favourites.looks == ()
    assert driver.app.window.strip.ids == ()


def test_the_heart_is_seen_on_the_tile(driver: Driver) -> None:
    corner = pygame.Rect(driver.app.window.grid.geometry.place(1)).move(driver.app.window.grid.rect.topleft)
    corner = pygame.Rect(corner.right - 40, corner.top, 40, 40)
    driver.move((10, 300))
    driver.frames()
    before = pygame.surfarray.array3d(driver.app.window.surface.subsurface(corner))
    driver.click(driver.tile(1))
    driver.move((10, 300))
    driver.frames()
    after = pygame.surfarray.array3d(driver.app.window.surface.subsurface(corner))
    accent = np.array(driver.app.window.grid.colour("heart")[:3])
    assert not np.array_equal(before, after)
    assert (np.abs(after.astype(int) - accent).sum(axis=2) < 30).sum() > 50


def test_only_the_left_button_and_the_key_keep(driver: Driver) -> None:
    driver.click(driver.tile(1), pygame.BUTTON_MIDDLE)
    driver.click(driver.tile(1), pygame.BUTTON_RIGHT)
    driver.post(pygame.MOUSEWHEEL, x=0, y=1, flipped=False)
    assert driver.app.favourites.looks == ()
    assert driver.app.session.document.selected == 1
    driver.move(driver.tile(3))
    driver.frames()
    driver.key(pygame.K_f, "f")
    assert driver.app.favourites.looks == (driver.app.session.look_of(3),)


def test_a_thumbnail_brings_the_look_back_after_a_restart(launch: Launch) -> None:
    driver = launch()
    driver.settle()
    sidebar = driver.app.window.sidebar
    driver.type_into(sidebar.truncation.psi.entry, "0.4")
    driver.type_into(sidebar.mixing.layers.rows[(0, 1, 2, 3)].entry, "0.5")
    driver.settle()
    driver.click(driver.tile(3))
    driver.click(driver.tile(1))
    kept, picture = driver.app.session.look_of(3), driver.pictures()[3]
    driver.app.close()

    driver = launch()
    driver.settle()
    assert len(driver.app.window.strip.ids) == 2
    driver.key(pygame.K_n, "n")
    driver.settle()
    driver.click(driver.tile(2), pygame.BUTTON_RIGHT)
    driver.click(driver.app.window.strip.centre(0))
    driver.settle()
    assert driver.app.session.look_of(2) == kept
    assert np.array_equal(driver.pictures()[2], picture)
    assert driver.app.favourites.marked_tiles() == {2}


def test_the_right_button_or_the_x_removes(driver: Driver) -> None:
    for tile in range(3):
        driver.click(driver.tile(tile))
    first, second, third = driver.app.window.strip.ids
    driver.click(driver.app.window.strip.centre(1), pygame.BUTTON_RIGHT)
    assert driver.app.window.strip.ids == (first, third)
    driver.click(driver.app.window.notices.action_button)  # takes it back
    assert len(driver.app.window.strip.ids) == 3
    assert len(driver.app.favourites.looks) == 3
    driver.click(driver.app.window.strip.centre(driver.app.window.strip.ids.index(second)), pygame.BUTTON_RIGHT)
    place = driver.app.window.strip.place(0).move(driver.app.window.strip.rect.topleft)
    driver.click((place.right - 10, place.top + 10))
    assert driver.app.window.strip.ids == (third,)


def test_the_wheel_scrolls_a_full_strip(launch: Launch) -> None:
    driver = launch(size=(900, 600), grid=(4, 4))
    driver.settle()
    for tile in range(12):
        driver.click(driver.tile(tile))
    strip = driver.app.window.strip
    assert strip.place(11).right <= strip.rect.width
    before = strip.place(0).left
    driver.move(strip.rect.center)
    driver.frames()
    driver.post(pygame.MOUSEWHEEL, x=0, y=1, flipped=False)
    assert strip.place(0).left > before


def test_a_kill_right_after_the_click_loses_nothing(launch: Launch, data_folder: Path) -> None:
    program = (
        "from tests.explorer.app.driver import *\n"
        f"driver = Driver(AppOptions(model=Path({str(MODEL)!r}), grid=(2, 2), device='cpu'))\n"
        "driver.settle()\n"
        "driver.click(driver.tile(1))\n"
        "print('clicked', flush=True)\n"
        "driver.pump(lambda: False)\n"
    )
    root = Path(__file__).parents[3]
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=root)
    assert process.stdout is not None
    while "clicked" not in (line := process.stdout.readline()):
        assert line, "the application ended before the click"
    process.kill()
    process.wait()
    driver = launch()
    driver.settle()
    assert driver.app.favourites.looks == (driver.app.session.look_of(1),)


CLICKS = f"""
import sys
from tests.explorer.app.driver import *
driver = Driver(AppOptions(model=Path({str(MODEL)!r}), grid=(2, 2), device='cpu', session=Path(sys.argv[1])))
driver.settle()
driver.click(driver.tile(1))
print("clicked", flush=True)
driver.pump(lambda: len(driver.app.favourites.looks) == 2)
print("seen", flush=True)
"""


def test_two_explorers_see_each_others_favourites(driver: Driver, tmp_path: Path) -> None:
    """The other one is a process of its own."""
    command = [sys.executable, "-c", CLICKS, str(tmp_path / "other.json")]
    other = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3])
    driver.pump(lambda: len(driver.app.favourites.looks) == 1, "the other explorer's favourite")
    assert driver.app.favourites.marked_tiles() == {1}
    driver.click(driver.tile(2))
    printed, _ = other.communicate(timeout=120)
    assert printed.split()[-2:] == ["clicked", "seen"]
    assert len(driver.app.favourites.looks) == 2


def test_a_damaged_library_is_told_and_back_from_its_backup(launch: Launch, data_folder: Path) -> None:
    first = launch()
    first.settle()
    first.click(first.tile(1))
    first.app.close()
    second = launch()  # finds it sound, and makes a backup
    second.settle()
    second.pump((data_folder / "favourites.backup.sqlite").exists, "the backup")
    second.app.close()
    (data_folder / "favourites.sqlite").write_bytes(b"no database at all" * 1000)
    third = launch()
    third.settle()
    notice = third.app.window.notices.current
    assert notice is not None
    assert "the backup of" in notice.text
    assert third.app.favourites.marked_tiles() == {1}
    assert len(list(data_folder.glob("favourites.damaged-*.sqlite"))) == 1

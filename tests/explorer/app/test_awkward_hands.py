"""Keys while the mouse holds something, drags that leave the window, text that is no number, files that are none.

Nothing of it is a bug (the fixture looks into the log), and what was there before can be had again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pygame
import pytest

from explorer.app.input import BINDINGS, Binding
from explorer.elements.number_entry import NumberEntry
from explorer.elements.text_field import TextField
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import Driver, Point, centre

LEFT_OUT = ("choose_model", "train", "toggle_full_screen")
"""dialogs of which others stand for all, and another display"""
KEYS = tuple(binding for binding in BINDINGS if binding.command not in LEFT_OUT)
MOVING = (
    *("new_seeds", "undo", "redo", "close_dialogs", "zoom", "resize_grid"),
    *("neighbours", "toggle_library", "compare", "toggle_drift"),
)
"""commands that change what is held, or where it lies"""
LET_GO_SECONDS = 20.0
"""small steps by arrow keys are one gesture, which ends a moment after the last"""
TEXTS = ("", " ", "abc", "-1", "1e999", "-1e999", "nan", "9" * 300, "0x10", "1,5", "½", "<b>1</b>", "\u202e7", "😀")


def grip_of_the_grid(driver: Driver) -> tuple[Point, Point]:
    return driver.tile(0), driver.tile(3)


def grip_of_a_slider(driver: Driver) -> tuple[Point, Point]:
    slider = driver.app.window.sidebar.truncation.psi.slider
    driver.app.window.sidebar.reveal(slider)
    driver.frames(2)
    start = centre(slider.sliding_button)
    return start, (start[0] - 40, start[1])


def grip_of_the_pad(driver: Driver) -> tuple[Point, Point]:
    pad = driver.app.window.sidebar.pad
    pad.opened = True
    driver.frames()
    driver.app.window.sidebar.reveal(pad.pad)
    driver.frames(2)
    start = centre(pad.pad)
    return start, (start[0] + 30, start[1] + 20)


def grip_of_layer_bars(driver: Driver) -> tuple[Point, Point]:
    panel = driver.app.window.sidebar.truncation
    panel.opened = panel.shows_layers = True
    driver.frames()
    driver.app.window.sidebar.reveal(panel.bars)
    driver.frames(2)
    start = centre(panel.bars)
    return (start[0] - 50, start[1]), (start[0] + 50, start[1] - 10)


def grip_of_a_favourite(driver: Driver) -> tuple[Point, Point]:
    if not driver.app.window.strip.ids:
        driver.click(driver.tile(1))
    return driver.app.window.strip.centre(0), driver.tile(2)


GRIPS: dict[str, Callable[[Driver], tuple[Point, Point]]] = {
    "grid": grip_of_the_grid,
    "slider": grip_of_a_slider,
    "pad": grip_of_the_pad,
    "bars": grip_of_layer_bars,
    "favourite": grip_of_a_favourite,
}


def pressed(driver: Driver, binding: Binding) -> None:
    """As a keyboard sends it."""
    mod = (pygame.KMOD_LCTRL if binding.control else 0) | (pygame.KMOD_LSHIFT if binding.shift else 0)
    character = binding.characters[:1] or (binding.shown.lower() if len(binding.shown) == 1 else "")
    driver.key(binding.keys[0] if binding.keys else ord(character), "" if binding.control else character, mod=mod)


def clear(driver: Driver) -> None:
    """No dialog, no view over the grid, no message."""
    app = driver.app
    app.drift.stop()
    while app.window.close_dialog() or app.window.close_library() or app.commands.close_film():
        driver.frames(2)
    app.window.show_timeline(False)
    app.window.grid.zoom(None)
    app.window.notices.close()
    driver.frames(2)


@pytest.mark.parametrize("grip", GRIPS)
def test_any_key_while_something_is_held(launch: Launch, grip: str) -> None:
    driver = launch(size=(1000, 900))
    driver.settle()
    app = driver.app
    for binding in KEYS if grip == "grid" else [each for each in KEYS if each.command in MOVING]:
        clear(driver)
        app.session.edit(app.session.document)
        start, end = GRIPS[grip](driver)
        driver.press(start)
        driver.move(((start[0] + end[0]) // 2, (start[1] + end[1]) // 2))
        pressed(driver, binding)
        driver.move(end)
        driver.release(end)
        app.drift.stop()
        held = f"{binding.shown} while holding the {grip}: it is still held"
        driver.pump(lambda: not app.session.dragging, held, seconds=LET_GO_SECONDS)
        before = app.session.document
        driver.move((5, 5))
        driver.move(end)  # nothing follows the mouse any more
        assert app.session.document == before, f"{binding.shown} while holding the {grip}"
    driver.settle()


@pytest.mark.parametrize("grip", GRIPS)
def test_a_drag_that_ends_outside_of_the_window_is_one_step(launch: Launch, grip: str) -> None:
    driver = launch(size=(1000, 900))
    driver.settle()
    session = driver.app.session
    start, end = GRIPS[grip](driver)
    before = session.document
    driver.press(start)
    for point in (end, (-40, -30), (2000, 400), (500, 5000)):
        driver.move(point)
    driver.release((500, 5000))
    driver.frames()
    assert not session.dragging
    if grip == "favourite":
        assert session.document == before  # let go where nothing takes it
        return
    assert session.document != before
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    assert session.document == before


def fields(driver: Driver, kind: type) -> Iterator[NumberEntry | TextField]:
    """Those of the sidebar, each found anew, since panels may be built again."""
    index = 0
    while True:
        sprites = driver.app.window.manager.get_sprite_group().sprites()
        found = [each for each in sprites if isinstance(each, kind) and each.visible and each.is_enabled]
        found.sort(key=lambda each: (each.rect.y, each.rect.x))
        if index >= len(found):
            return
        yield found[index]
        index += 1


def test_what_is_no_number_changes_nothing_and_what_is_too_large_is_the_largest(launch: Launch) -> None:
    driver = launch(size=(1000, 1000))
    driver.settle()
    for panel in driver.app.window.sidebar.panels:
        panel.opened = True
    driver.frames()
    tried = 0
    for entry in fields(driver, NumberEntry):
        driver.app.window.sidebar.reveal(entry)
        driver.frames(2)
        form = entry._format
        for text in TEXTS:
            if not entry.alive():
                break
            entry.set_text(text)
            driver.app.window.manager.set_focus_set(entry)
            driver.key(pygame.K_RETURN, "\r")
            driver.frames(1)
            assert form.low <= entry.value <= form.high, (entry.tool_tip_text, text)
            assert form.read(entry.text) is not None, (entry.tool_tip_text, text)
            tried += 1
    assert tried > 100
    driver.settle()


def test_files_that_are_not_what_their_name_says_are_sentences(driver: Driver, tmp_path: Path) -> None:
    app, before = driver.app, driver.app.session.document
    contents = {"empty": b"", "text": b"what is this?", "zeros": bytes(5000), "brackets": b"[" * 100_000}
    suffixes = (".pkl", ".safetensors", ".pt", ".png", ".json", ".zip", ".mp4", ".webm", ".wav", ".mp3", ".xyz", "")
    for suffix in suffixes:
        for name, content in contents.items():
            path = tmp_path / f"{name} 100% {{é}} <b>{suffix}"
            path.write_bytes(content)
            app.window.notices.close()
            driver.post(pygame.DROPFILE, file=str(path))
            driver.pump(lambda: app.window.notices.current is not None, f"a sentence about {path.name}")
            driver.pump(lambda: not (app.errands.busy or app.happenings.model.opening or app.timeline.sounds.busy))
            text = app.window.notices.current.text
            assert "This is a bug" not in text, (path.name, text)
    for path in (tmp_path / "gone.pkl", tmp_path / "gone", Path("/dev/null"), tmp_path / ("x" * 255)):
        app.window.notices.close()
        driver.post(pygame.DROPFILE, file=str(path))
        driver.pump(lambda: app.window.notices.current is not None, f"a sentence about {path}")
        driver.pump(lambda: not app.happenings.model.opening)
        assert "This is a bug" not in app.window.notices.current.text
    assert app.session.document == before
    driver.settle()

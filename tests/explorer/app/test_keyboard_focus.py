"""Every control is reached with Tab, seen while it has the keyboard, and worked without a mouse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pygame
import pytest
from pygame_gui.core import UIElement
from pygame_gui.elements import UIButton, UITextEntryLine

from explorer.app.continue_window import ContinueWindow
from explorer.app.focus import is_stop
from explorer.app.question_window import Answer, QuestionWindow
from explorer.elements.drawn import DrawnElement
from explorer.elements.value_slider import ValueSlider
from explorer.runs.run_state import RunState
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import Driver


def tab(driver: Driver, *, backwards: bool = False) -> None:
    driver.key(pygame.K_TAB, "\t", mod=pygame.KMOD_SHIFT if backwards else 0)


def tab_to(driver: Driver, element: object) -> None:
    for _ in range(200):
        if driver.app.window.focus_ring.current is element:
            return
        tab(driver)
    raise AssertionError(f"Tab never came to {element}")


@pytest.mark.parametrize("size", [(1440, 900), (900, 600)])
def test_tab_comes_to_everything_and_shows_where_it_is(launch: Launch, size: tuple[int, int]) -> None:
    driver = launch(size=size)
    driver.settle()
    ring = driver.app.window.focus_ring
    stops = ring.stops()
    visited = []
    for _ in stops:
        tab(driver)
        visited.append(ring.current)
        outline = ring.outline()
        assert outline is not None
        place = pygame.Rect(ring.current.rect)
        assert outline.inflate(-4, -4).height >= min(place.height, 20)  # scrolled into view
        colour = driver.app.window.surface.get_at((outline.left, outline.centery))
        assert colour[:3] == driver.app.window.screen.accent[:3]
    assert visited == stops
    tab(driver)
    assert ring.current is stops[0]
    tab(driver, backwards=True)
    assert ring.current is stops[-1]
    window = driver.app.window
    sidebar = window.sidebar
    wanted = [sidebar.model.open_button, sidebar.seeds.first, sidebar.truncation.psi.slider, window.grid, window.strip]
    assert all(element in stops for element in wanted)
    for element in window.manager.get_sprite_group().sprites():
        shown = isinstance(element, UIButton | UITextEntryLine) and element.visible and element.is_enabled
        if shown and is_stop(element):
            assert element in stops


def test_without_a_mouse_buttons_fields_sliders_tiles_and_favourites(driver: Driver) -> None:
    window, session = driver.app.window, driver.app.session
    tab_to(driver, window.sidebar.noise.header)
    driver.key(pygame.K_RETURN, "\r")
    assert window.sidebar.noise.opened
    tab(driver)  # on from where the header was, although its panel was built anew
    assert window.focus_ring.current is not None
    tab_to(driver, window.sidebar.truncation.psi.slider)
    driver.key(pygame.K_LEFT)
    assert session.document.truncation.psi == 0.99
    tab_to(driver, window.sidebar.truncation.psi.entry)
    driver.key(pygame.K_a, mod=pygame.KMOD_LCTRL)
    driver.write("0.4")
    driver.key(pygame.K_RETURN, "\r")
    assert session.document.truncation.psi == 0.4
    driver.settle()
    tab_to(driver, window.grid)
    driver.key(pygame.K_RIGHT)
    driver.key(pygame.K_RIGHT)
    assert session.document.selected == 1
    driver.key(pygame.K_RETURN, "\r")
    assert driver.app.favourites.looks == (session.look_of(1),)
    kept = session.look_of(1)
    driver.key(pygame.K_n, "n")
    tab_to(driver, window.strip)
    driver.key(pygame.K_RETURN, "\r")
    assert session.look_of(1) == kept
    driver.key(pygame.K_DELETE)
    assert driver.app.favourites.looks == ()
    assert window.notices.action_button in window.focus_ring.stops()
    window.focus_ring.go_to(window.notices.action_button)
    driver.key(pygame.K_SPACE, " ")
    assert driver.app.favourites.looks == (kept,)


def test_a_dialog_keeps_the_keyboard_and_escape_gives_it_up(driver: Driver) -> None:
    driver.key(pygame.K_o, "o")
    dialog = driver.app.window.dialog
    for _ in range(12):
        tab(driver)
        assert dialog.rect.contains(driver.app.window.focus_ring.current.rect)
    tab_to(driver, dialog.cancel_button)
    driver.key(pygame.K_RETURN, "\r")
    assert not driver.app.window.has_dialog
    tab(driver)
    driver.key(pygame.K_ESCAPE)
    assert driver.app.window.focus_ring.outline() is None
    before = driver.app.session.document
    driver.click(driver.app.window.grid.rect.topleft)
    driver.key(pygame.K_RIGHT)  # a mouse's grid leaves the arrows to the plane of seeds
    assert driver.app.session.document.pad[0] == before.pad[0] + 1


def press(key: int, character: str = "", mod: int = 0) -> Callable[[Driver], None]:
    return lambda driver: driver.key(key, character, mod=mod)


def open_export(driver: Driver) -> None:
    """With all that unfolds."""
    studio = driver.app.timeline.studio
    studio.add(tuple(driver.app.session.look_of(tile) for tile in range(2)))
    driver.app.window.show_timeline(True)
    driver.app.commands.video.toggle_window()
    driver.app.window.dialog.toggle_more()


def open_continuing(driver: Driver) -> None:
    run, window = RunState(folder=Path("a run"), kimg=1.0), driver.app.window
    window.open_dialog(ContinueWindow(run, window.manager, lambda _plan: None))


def open_layers(driver: Driver) -> None:
    driver.key(pygame.K_m, "m")
    driver.pump(lambda: driver.app.window.layer_viewer.maps is not None, "the maps")


def ask(driver: Driver) -> None:
    window = driver.app.window
    answers = (Answer(label="Yes", action=lambda: None, primary=True), Answer(label="No", action=lambda: None))
    window.open_dialog(QuestionWindow("Well?", "One of them.", answers, window.manager))


def open_training(driver: Driver) -> None:
    """With pictures, so that everything in it can be used."""
    pictures = driver.app.sharing.folder / "pictures"
    pictures.mkdir()
    pygame.image.save(pygame.Surface((16, 16)), str(pictures / "1.png"))
    driver.post(pygame.DROPFILE, file=str(pictures))
    driver.pump(lambda: driver.app.training.state().check is not None, "the look at the pictures")


DIALOGS = {
    "models": press(pygame.K_o, "o"),
    "session": press(pygame.K_s, mod=pygame.KMOD_LCTRL),
    "layers": open_layers,
    "training": open_training,
    "continuing": open_continuing,
    "export": open_export,
    "question": ask,
}


@pytest.mark.parametrize("name", DIALOGS)
def test_tab_goes_through_every_dialog_and_escape_leaves_it(launch: Launch, name: str) -> None:
    driver = launch(size=(900, 600))
    driver.settle()
    DIALOGS[name](driver)
    driver.frames(4)
    window = driver.app.window
    ring, dialog = window.focus_ring, window.dialog
    controls = worked_by_hand(driver, dialog)
    assert controls
    visited = []
    for _ in range(len(controls) + 3):
        tab(driver)
        visited.append(ring.current)
        outline = ring.outline()
        assert outline is not None
        assert dialog.rect.inflate(6, 6).contains(outline)
        middles = (outline.left, outline.centery), (outline.centerx, outline.top)
        seen = [window.surface.get_at(point)[:3] for point in middles]
        assert tuple(window.screen.accent[:3]) in seen
    missed = [each for each in controls if each not in visited]
    assert missed == []
    assert len(set(map(id, visited))) < len(visited)  # round and round
    driver.key(pygame.K_ESCAPE)
    assert not dialog.alive()


def worked_by_hand(driver: Driver, dialog: UIElement) -> list[UIElement]:
    """What a mouse could use in a dialog, but for its title, which has Escape, and for bars of scrolling."""
    kinds = UIButton | UITextEntryLine | ValueSlider | DrawnElement
    sprites = driver.app.window.manager.get_sprite_group().sprites()
    inside = [each for each in sprites if isinstance(each, kinds) and each.visible and each.is_enabled]
    inside = [each for each in inside if each.layer >= dialog.layer and dialog.rect.contains(each.rect)]
    return [each for each in inside if is_stop(each)]


def test_the_library_and_the_timeline_are_reached_with_tab(driver: Driver) -> None:
    for tile in range(2):
        driver.click(driver.tile(tile))
    driver.key(pygame.K_l, "l")
    view = driver.app.window.library
    for element in (view.search, view.cards, view.rail, view.export_button):
        tab_to(driver, element)
    tab_to(driver, view.cards)
    driver.key(pygame.K_RIGHT)
    driver.frames()
    tab_to(driver, view.inspector.fields["Name"])
    driver.write("By keyboard")
    driver.key(pygame.K_RETURN, "\r")
    driver.pump(lambda: "By keyboard" in {each.name for each in driver.app.favourites.shelf.favourites}, "the name")
    driver.key(pygame.K_ESCAPE)
    driver.key(pygame.K_ESCAPE)
    assert driver.app.window.library is None
    driver.key(pygame.K_t, "t")
    timeline = driver.app.window.timeline.view
    tab_to(driver, timeline.track)
    tab_to(driver, timeline.add_button)

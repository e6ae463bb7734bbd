"""Every control is reached with Tab, seen while it has the keyboard, and worked without a mouse."""

from __future__ import annotations

import pygame
import pytest
from pygame_gui.elements import UIButton, UITextEntryLine

from explorer.app.focus import is_stop
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

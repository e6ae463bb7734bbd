"""A window that was resized is like one that was opened at that size, and what did not change was left alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pygame
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from pygame_gui.core import UIElement

from explorer.app.main_loop import App
from explorer.app.options import MIN_SIZE
from explorer.elements.drawn import DrawnElement
from explorer.elements.points import Scale
from tests.explorer.app.driver import Driver

SIZES = st.tuples(st.integers(700, 1700), st.integers(450, 1100))
FINAL_FRAMES, FINAL_SECONDS = 12, 0.5
"""after which shapes and enlarged pictures have their final form"""
OPENERS: dict[str, Callable[[App], object]] = {
    "nothing more": lambda app: None,
    "the timeline": lambda app: app.window.show_timeline(True),
    "the film": lambda app: app.commands.toggle_psi_film(),
    "the library": lambda app: app.window.show_library(True),
    "a message": lambda app: app.complain("Something did not work out, and this is told in more than a line. " * 3),
}
Seen = tuple[list[tuple[object, ...]], np.ndarray]


def resize(driver: Driver, size: tuple[int, int]) -> None:
    driver.post(pygame.VIDEORESIZE, size=size, w=size[0], h=size[1])


def unfold_all(driver: Driver) -> None:
    window = driver.app.window
    window.unfold(window.unfolded | {panel.title for panel in window.sidebar.panels})
    driver.frames()


def seen(driver: Driver) -> Seen:
    """Every element with its place, and all pixels, once nothing moves any more."""
    driver.settle()
    driver.frames(FINAL_FRAMES)
    until = time.monotonic() + FINAL_SECONDS
    while time.monotonic() < until:
        driver.frames(1)
    window = driver.app.window
    places = [(type(each).__name__, *map(int, each.rect), str(getattr(each, "text", ""))) for each in elements(driver)]
    return sorted(places), pygame.surfarray.array3d(window.surface)


def difference(before: np.ndarray, after: np.ndarray) -> tuple[int, ...] | None:
    """Left, top, right and bottom of all pixels that differ; None if there are none."""
    across, down = np.nonzero((before != after).any(axis=2))
    if not across.size:
        return None
    return int(across.min()), int(down.min()), int(across.max()), int(down.max())


def elements(driver: Driver) -> list[UIElement]:
    sprites = driver.app.window.manager.get_sprite_group().sprites()
    return [each for each in sprites if isinstance(each, UIElement) and each.visible]


@pytest.mark.parametrize("opened", OPENERS)
@settings(
    max_examples=1,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # the same window goes through all examples: a failure does not shrink
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(sizes=[(1300, 800), (1000, 900)])  # back to where it was
@given(sizes=st.lists(SIZES, min_size=1, max_size=4))
def test_a_resized_window_is_like_one_that_was_opened_at_that_size(
    driver: Driver, opened: str, sizes: list[tuple[int, int]]
) -> None:
    app = driver.app
    app.window.show_library(False)
    app.commands.close_film()
    unfold_all(driver)
    OPENERS[opened](app)
    driver.frames()
    for size in sizes:
        resize(driver, size)
    places, pixels = seen(driver)
    app.film.close()
    app.restyle(app.preferences.settings)  # a new window of the same size
    if opened in ("the film", "the library"):
        OPENERS[opened](app)
    fresh_places, fresh_pixels = seen(driver)
    assert places == fresh_places
    assert difference(pixels, fresh_pixels) is None


def test_dragging_the_edge_makes_no_element_anew(driver: Driver) -> None:
    unfold_all(driver)
    window = driver.app.window
    for shows in (window.show_timeline, window.show_library):
        shows(True)
        driver.frames()
        before = {id(each): each for each in elements(driver)}
        for width in range(700, 1600, 90):  # below the smallest size, and over all widths at which something moves
            resize(driver, (width, 450 + width // 3))
        after = elements(driver)
        assert before.keys() == {id(each) for each in after}


def test_a_size_asks_few_elements_to_move(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library alone would ask each of them several times."""
    unfold_all(driver)
    driver.app.window.show_timeline(True)
    driver.frames()
    everything = len(driver.app.window.manager.get_sprite_group().sprites())
    asked: list[UIElement] = []
    place = UIElement._update_absolute_rect_position_from_anchors

    def counted(element: UIElement, recalculate_margins: bool = False) -> None:
        asked.append(element)
        place(element, recalculate_margins)

    monkeypatch.setattr(UIElement, "_update_absolute_rect_position_from_anchors", counted)
    for size in ((1000, 900), (1010, 900), (1010, 905), (1400, 1000)):
        asked.clear()
        driver.app.window.resize(size)
        assert len(asked) < 2 * everything


def test_what_is_hidden_is_not_drawn_until_it_is_shown(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    window, drawn = driver.app.window, []
    repaint = DrawnElement.repaint

    def noted(element: DrawnElement) -> None:
        drawn.append(element)
        repaint(element)

    monkeypatch.setattr(DrawnElement, "repaint", noted)
    window.show_library(True)
    for width in (1100, 1200, 1300):
        resize(driver, (width, 800))
    assert window.library is not None
    assert window.library.cards in drawn
    assert not {window.grid, window.strip, window.film, window.frame} & set(drawn)
    window.show_library(False)
    driver.frames()
    assert window.grid in drawn
    assert window.grid.image.get_size() == window.grid.rect.size


def test_what_is_typed_and_selected_stays(driver: Driver) -> None:
    driver.click(driver.tile(0))
    driver.frames()
    driver.key(pygame.K_l, "l")
    view = driver.app.window.library
    assert view is not None
    driver.click(view.cards.centre(view.cards.cards[0].card_id))
    field = view.inspector.fields["Name"]
    driver.click(field)
    driver.write("half a na")
    for size in ((1500, 1000), (900, 600), (1200, 700)):
        resize(driver, size)
    assert field.alive()
    assert field.is_focused
    assert field.text == "half a na"
    assert view.cards.chosen == (view.cards.cards[0].card_id,)


def test_a_timeline_stays_magnified(driver: Driver) -> None:
    driver.app.window.show_timeline(True)
    driver.app.timeline.add(0)
    driver.app.timeline.add(1)
    driver.frames()
    view = driver.app.window.timeline.view
    assert view is not None
    driver.move(view.track.rect.center)
    whole = view.track.geometry.scale
    pygame.key.set_mods(pygame.KMOD_CTRL)
    driver.post(pygame.MOUSEWHEEL, x=0, y=8, flipped=False, precise_x=0.0, precise_y=8.0)
    pygame.key.set_mods(pygame.KMOD_NONE)
    magnified = view.track.geometry.scale
    assert magnified > 2 * whole
    resize(driver, (1300, 800))
    assert driver.app.window.timeline.view is view
    assert view.track.geometry.scale > magnified  # and the track is wider


def test_a_display_that_the_system_has_resized_gets_the_scale_that_fits(driver: Driver) -> None:
    app = driver.app
    app.restyle(replace(app.preferences.settings, scale=1.5))
    for size in ((900, 600), (1350, 900), (1080, 720)):
        pygame.display.set_mode(size, pygame.RESIZABLE)  # as an edge that is dragged does, before the event comes
        resize(driver, size)
        assert app.window.screen.scale == Scale.fitted(1.5, size, MIN_SIZE)
        assert app.window.grid.rect.right <= app.window.size[0]

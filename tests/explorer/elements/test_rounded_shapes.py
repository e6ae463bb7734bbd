"""Rounded rectangles look as pygame_gui draws them, at any size, and cost little memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pygame
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pygame_gui.core.colour_gradient import ColourGradient
from pygame_gui.core.drawable_shapes import RoundedRectangleShape
from pygame_gui.core.surface_cache import SurfaceCache
from pygame_gui.ui_manager import UIManager

from explorer.elements.rounded_shapes import MAX_TILES, RoundedShapes

COLOURS = ("#292c31", "#ff8f70", "#ffffff", "#000000")


class Forgetful(SurfaceCache):
    """With it pygame_gui draws everything itself."""

    def find_surface_in_cache(self, lookup_id: str) -> None:
        """Nothing is known."""


@pytest.fixture(scope="module")
def manager() -> Iterator[UIManager]:
    pygame.display.init()
    pygame.font.init()
    pygame.display.set_mode((8, 8))
    yield UIManager((800, 600))
    pygame.display.quit()


def drawn(
    manager: UIManager, cache: SurfaceCache | RoundedShapes, size: tuple[int, int], theming: dict[str, object]
) -> np.ndarray:
    """uint8 [w, h, 4]"""
    manager.get_theme().shape_cache = cache
    shape = RoundedRectangleShape(pygame.Rect((0, 0), size), theming, ["normal"], manager)
    surface = shape.get_fresh_surface()
    return np.dstack([pygame.surfarray.array3d(surface), pygame.surfarray.array_alpha(surface)]).astype(int)


def look(border: int, radius: int, ground: str, line: str) -> dict[str, object]:
    return {
        "normal_bg": pygame.Color(ground).premul_alpha(),
        "normal_border": pygame.Color(line).premul_alpha(),
        "border_width": border,
        "shadow_width": 0,
        "shape_corner_radius": [radius] * 4,
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    size=st.tuples(st.integers(12, 300), st.integers(12, 120)),
    border=st.integers(0, 2),
    radius=st.integers(0, 6),
    ground=st.sampled_from(COLOURS),
    line=st.sampled_from(COLOURS),
)
def test_a_shape_looks_as_the_library_draws_it(
    manager: UIManager, size: tuple[int, int], border: int, radius: int, ground: str, line: str
) -> None:
    theming = look(border, radius, ground, line)
    expected, found = (drawn(manager, cache, size, theming) for cache in (Forgetful(), RoundedShapes()))
    difference = np.abs(expected - found).max(axis=2)
    corner = border + radius + 1
    straight = difference.copy()
    for x, y in ((0, 0), (-corner, 0), (0, -corner), (-corner, -corner)):
        part = np.s_[x : x + corner or None, y : y + corner or None]
        assert difference[part].mean() < 48  # a corner of a few pixels is smoothed otherwise
        straight[part] = 0
    assert straight.max(initial=0) <= 8


@pytest.mark.parametrize("ground", ["#00000000", "#10203080"])
def test_a_shape_that_is_seen_through_has_no_black_edge(manager: UIManager, ground: str) -> None:
    found = drawn(manager, RoundedShapes(), (40, 20), look(0, 4, ground, ground))
    expected = pygame.Color(ground).premul_alpha()
    assert (found[..., :3] <= found[..., 3:]).all()  # premultiplied
    assert tuple(found[20, 10]) == tuple(expected)


def test_a_large_shape_takes_the_memory_of_its_pixels_and_no_more(manager: UIManager) -> None:
    shapes = RoundedShapes()
    key = shapes.build_cache_id(
        "rounded_rectangle",
        (1200, 900),
        0,
        {"left": 1},
        pygame.Color("red"),
        pygame.Color("blue"),
        [6] * 4,
    )
    assert key is not None
    surface = shapes.find_surface_in_cache(key)
    assert surface is not None
    assert surface.get_size() == (1200, 900)
    assert surface.get_at((600, 450)) == pygame.Color("blue")
    assert surface.get_at((600, 0)) == pygame.Color("red")
    assert surface.get_at((0, 0)).a < 128
    assert sum(tile.get_width() * tile.get_height() for tile in shapes.tiles) < 400


def test_tiles_are_bounded(manager: UIManager) -> None:
    shapes = RoundedShapes()
    for number in range(2 * MAX_TILES):
        colour = pygame.Color(number % 256, number // 256, 0)
        key = shapes.build_cache_id("rounded_rectangle", (40, 20), 0, {"left": 0}, colour, colour, [4] * 4)
        assert shapes.find_surface_in_cache(key) is not None
    assert len(shapes.tiles) == MAX_TILES


def test_what_is_not_drawn_here_is_left_to_the_library(manager: UIManager) -> None:
    plain, gradient = pygame.Color("red"), ColourGradient(0, pygame.Color("red"), pygame.Color("blue"))
    widths = {"left": 0}
    for shape, shadow, colour in (
        ("ellipse", 0, plain),
        ("rounded_rectangle", 2, plain),
        ("rounded_rectangle", 0, gradient),
    ):
        assert RoundedShapes.build_cache_id(shape, (40, 20), shadow, widths, plain, colour, [4] * 4) is None
    assert RoundedShapes().find_surface_in_cache(None) is None
    theming = look(1, 4, "#123456", "#654321") | {"normal_bg": gradient}
    expected, found = (drawn(manager, cache, (60, 30), theming) for cache in (Forgetful(), RoundedShapes()))
    assert np.array_equal(expected, found)

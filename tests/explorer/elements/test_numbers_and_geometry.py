"""The arithmetic behind elements: places of tiles, values of sliders, numbers in fields, pictures at a size."""

from __future__ import annotations

import numpy as np
import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.elements.drawn import CLICK_TOLERANCE, Press
from explorer.elements.grid_geometry import GridGeometry
from explorer.elements.icons import chevron, cross, heart
from explorer.elements.number_entry import NumberFormat
from explorer.elements.pixels import scaled_to, surface_of
from explorer.elements.value_slider import ValueRange

sizes = st.tuples(st.integers(100, 4000), st.integers(100, 4000))
sides = st.integers(1, 8)


@given(sizes, sides, sides, st.sampled_from([4, 8]))
def test_tiles_lie_inside_apart_and_are_as_large_as_fit(
    size: tuple[int, int], rows: int, columns: int, gap: int
) -> None:
    geometry = GridGeometry.fitted(size, rows, columns, gap)
    places = [pygame.Rect(geometry.place(tile)) for tile in range(rows * columns)]
    window = pygame.Rect((0, 0), size)
    assert all(window.contains(place) for place in places)
    assert all(len(place.inflate(gap, gap).collidelistall(places)) == 1 for place in places)
    larger = geometry.side + 1
    assert larger * columns + gap * (columns - 1) > size[0] or larger * rows + gap * (rows - 1) > size[1]


@given(sizes, sides, sides, st.integers(-50, 4050), st.integers(-50, 4050))
def test_the_tile_at_a_point_is_the_one_that_covers_it(
    size: tuple[int, int], rows: int, columns: int, x: int, y: int
) -> None:
    geometry = GridGeometry.fitted(size, rows, columns, 8)
    covering = [t for t in range(rows * columns) if pygame.Rect(geometry.place(t)).collidepoint(x, y)]
    found = geometry.tile_at(x, y)
    assert covering == ([] if found is None else [found])


@given(st.floats(-10, 10), st.sampled_from([(0.0, 1.5, 0.01), (0.5, 10.0, 0.1), (0.0, 1.0, 0.01)]))
def test_a_slider_stands_at_the_nearest_step(value: float, shape: tuple[float, float, float]) -> None:
    low, high, step = shape
    values = ValueRange(low=low, high=high, default=low, step=step)
    nearest = values.nearest(value)
    assert low <= nearest <= high
    assert nearest == pytest.approx(round(nearest / step) * step)
    assert abs(nearest - min(max(value, low), high)) <= step / 2 + 1e-9
    assert values.nearest(nearest) == nearest


@given(st.floats(-2, 2))
def test_a_written_number_is_read_again(value: float) -> None:
    form = NumberFormat(low=-2, high=2, decimals=2)
    half_a_step = 0.005 + 1e-12  # 0.125 stands half a step from 0.12, and a little more once both are binary
    assert form.read(form.write(value)) == pytest.approx(value, abs=half_a_step)


@pytest.mark.parametrize(
    ("text", "value"), [("0,7", 0.7), (" 1 ", 1.0), ("9", 2.0), ("-9", -2.0), ("x", None), ("", None), ("nan", None)]
)
def test_typed_numbers(text: str, value: float | None) -> None:
    assert NumberFormat(low=-2, high=2, decimals=2).read(text) == value


@pytest.mark.parametrize(
    ("text", "value"), [("12.6", 13.0), ("-1", 0.0), ("1e99", 4294967295.0), ("inf", 4294967295.0)]
)
def test_typed_whole_numbers(text: str, value: float) -> None:
    assert NumberFormat(low=0, high=2**32 - 1).read(text) == value


def test_a_press_becomes_a_drag_beyond_the_tolerance_and_stays_one() -> None:
    press = Press(start=(100, 100))
    press.moved((100 + CLICK_TOLERANCE, 100))
    assert not press.dragging
    press.moved((100, 101 + CLICK_TOLERANCE))
    assert press.dragging
    assert press.moved((100, 100)) == (0, 0)
    assert press.dragging


def test_pixels_keep_their_place_and_colour() -> None:
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[0, 3] = (255, 10, 20)
    surface = surface_of(pixels)
    assert surface.get_at((3, 0))[:3] == (255, 10, 20)
    assert surface.get_at((0, 3))[:3] == (0, 0, 0)
    enlarged = scaled_to(surface, 64)
    assert enlarged.get_size() == (64, 64)
    assert enlarged.get_at((58, 5))[0] > 240
    assert enlarged.get_at((8, 56))[:3] == (0, 0, 0)
    assert scaled_to(enlarged, 4).get_at((3, 0))[0] > 200


def test_transparent_pixels_show_a_chequerboard() -> None:
    pixels = np.zeros((16, 16, 4), np.uint8)
    pixels[:8] = (200, 0, 0, 255)
    surface = surface_of(pixels)
    assert surface.get_at((0, 0))[:3] == (200, 0, 0)
    assert surface.get_at((0, 12))[:3] != surface.get_at((12, 12))[:3]


def test_icons_draw_something_smooth() -> None:
    white = pygame.Color("white")
    icons = [
        heart(20, white, filled=True),
        heart(20, white, filled=False),
        cross(14, white),
        chevron(12, white, opened=True),
        chevron(12, white, opened=False),
    ]
    covered = [pygame.surfarray.array_alpha(icon).astype(int) for icon in icons]
    assert all(alpha.max() > 200 and ((alpha > 20) & (alpha < 235)).any() for alpha in covered)
    assert covered[0].sum() > 1.5 * covered[1].sum()
    assert not np.array_equal(covered[3], covered[4])

"""Points and pixels: what is seen somewhere is hit there, neighbours stay neighbours, and scale 1 changes nothing."""

from __future__ import annotations

import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.elements.pen import Pen
from explorer.elements.points import FINENESS, Scale

factors = st.one_of(
    st.sampled_from([1.0, 1.25, 1.5, 2.0, 2.5]), st.integers(FINENESS, 4 * FINENESS).map(lambda n: n / FINENESS)
)
coordinates = st.integers(-200, 4000)
lengths = st.integers(1, 600)
rects = st.builds(pygame.Rect, coordinates, coordinates, lengths, lengths)


@given(factors, rects, st.integers(-400, 12000), st.integers(-400, 12000))
def test_pixels_of_a_place_are_those_whose_points_are_in_it(factor: float, rect: pygame.Rect, x: int, y: int) -> None:
    scale = Scale(factor)
    place = scale.place(rect)
    for px, py in ((x, y), place.topleft, (place.right - 1, place.bottom - 1), (place.right, place.bottom)):
        point = scale.point(px), scale.point(py)
        assert place.collidepoint(px, py) == rect.collidepoint(point)


@given(factors, rects, lengths)
def test_neighbours_stay_neighbours_and_places_fit_the_surface_made_for_them(
    factor: float, rect: pygame.Rect, width: int
) -> None:
    scale = Scale(factor)
    beside = pygame.Rect(rect.right, rect.top, width, rect.height)
    assert scale.place(rect).right == scale.place(beside).left
    most = scale.most(rect.size)
    place = scale.place(rect)
    assert place.width <= most[0] <= place.width + 1
    assert place.height <= most[1] <= place.height + 1


@given(factors, rects)
def test_the_points_that_cover_pixels_are_no_more_than_needed(factor: float, rect: pygame.Rect) -> None:
    scale = Scale(factor)
    assert scale.covering(scale.place(rect)) == rect


@given(rects)
def test_scale_1_changes_nothing(rect: pygame.Rect) -> None:
    scale = Scale()
    assert scale.place(rect) == rect
    assert scale.most(rect.size) == scale.room(rect.size) == rect.size
    assert scale.length(rect.width) == rect.width
    assert scale.point(rect.x) == scale.px(rect.x) == rect.x


@given(st.floats(1.0, 4.0), st.integers(900, 8000), st.integers(600, 5000))
def test_a_scale_never_leaves_too_little_room_and_wastes_none(factor: float, width: int, height: int) -> None:
    scale = Scale.fitted(factor, (width, height), (900, 600))
    across, down = scale.room((width, height))
    assert across >= 900
    assert down >= 600
    assert scale.px(across) >= width - 1
    assert scale.point(width - 1) < across
    assert 0 <= max(min(factor, width / 900, height / 600), 1.0) - scale.factor < 1 / FINENESS


def drawn(factor: float) -> pygame.Surface:
    """A bit of everything, 40 by 30 points."""
    scale, white = Scale(factor), pygame.Color("white")
    pen = Pen(pygame.Surface(scale.most((40, 30))), (40, 30), scale)
    pen.rect(white, (2, 2, 12, 8), radius=2)
    pen.rect(white, (16, 2, 12, 8), width=1)
    pen.line(white, (2, 14), (30, 14))
    pen.line(white, (34, 2), (34, 27))
    pen.smooth_lines(white, [(2.0, 18.0), (12.0, 27.0), (20.0, 18.5)])
    pen.smooth_circle(white, (26, 22), 4)
    pen.polygon(white, [(31, 18), (31, 26), (38, 22)])
    return pen.surface


@pytest.mark.parametrize("factor", [1.5, 2.0, 2.5, 3.0])
def test_what_a_pen_draws_lies_where_it_lies_at_scale_1(factor: float) -> None:
    once, larger = drawn(1.0), drawn(factor)
    small = pygame.transform.smoothscale(larger, once.get_size())
    differences = abs(pygame.surfarray.array3d(small).astype(int) - pygame.surfarray.array3d(once))
    assert differences.mean() < 16
    ink = [pygame.surfarray.array3d(each).mean() for each in (once, small)]
    assert ink[1] == pytest.approx(ink[0], rel=0.12)


def test_a_pen_draws_only_within_the_part_that_is_asked_for() -> None:
    scale = Scale(1.5)
    pen = Pen(pygame.Surface(scale.most((20, 20))), (20, 20), scale)
    pen.within(pygame.Rect(5, 5, 6, 6))
    pen.fill(pygame.Color("white"))
    assert pen.clip == pygame.Rect(5, 5, 6, 6)
    assert pygame.mask.from_threshold(pen.surface, (255, 255, 255), (1, 1, 1)).get_bounding_rects() == [
        scale.place(pygame.Rect(5, 5, 6, 6))
    ]

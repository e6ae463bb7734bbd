"""Draws in points on a surface that has more pixels than points. Knows shapes, nothing of elements.

At scale 1 everything is handed to pygame as it is.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Literal

import pygame

from explorer.elements.points import Scale
from explorer.elements.rounded_shapes import RoundedShape, RoundedShapes

Spot = tuple[float, float]
Anchor = Literal["center", "midleft", "midright", "topleft"]
Place = pygame.Rect | tuple[int, int, int, int]
CLEAR = (0, 0, 0, 0)
_shapes = RoundedShapes()
"""smooth corners; at scale 1 they are as they have always been"""


class Pen:
    """Draws on one surface. Its places, spots and lengths are in points, relative to the surface."""

    def __init__(self, surface: pygame.Surface, size: tuple[int, int], scale: Scale) -> None:
        """size: of the surface, in points."""
        self.surface = surface
        """in pixels"""
        self.scale = scale
        self.area = pygame.Rect((0, 0), size)
        self.clip = self.area
        """where drawing is wanted; the surface's own clip is at least that"""

    def within(self, part: pygame.Rect | None) -> None:
        """Draws nowhere else from now on; None: everywhere again."""
        self.clip = self.area if part is None else part.clip(self.area)
        self.surface.set_clip(None if part is None else self.scale.place(part))

    def fill(self, colour: pygame.Color, place: Place | None = None) -> None:
        """A place, or everything."""
        self.surface.fill(colour, None if place is None else self.scale.place(pygame.Rect(place)))

    def length(self, points: float) -> int:
        """In pixels: of an icon, for instance."""
        return self.scale.length(points)

    def side(self, place: Place) -> int:
        """The width of a place in pixels, for a picture that is to fill it."""
        return self.scale.place(pygame.Rect(place)).width

    def rect(self, colour: pygame.Color, place: Place, *, width: int = 0, radius: int = 0) -> None:
        """Filled, or an outline of `width` within the place; the colour is opaque."""
        scale = self.scale
        pixels = scale.place(pygame.Rect(place))
        if radius == 0 or scale.factor == 1.0 or min(pixels.size) < 1:
            pygame.draw.rect(self.surface, colour, pixels, scale.length(width), border_radius=scale.length(radius))
            return
        solid = colour.r, colour.g, colour.b, colour.a
        roundness = min(scale.length(radius), min(pixels.size) // 2)
        shape = RoundedShape(
            size=pixels.size,
            border=min(scale.length(width), min(pixels.size) // 2),
            border_colour=solid,
            ground=CLEAR if width else solid,
            radii=(roundness,) * 4,
        )
        drawn = _shapes.find_surface_in_cache(shape)
        if drawn is not None:
            self.surface.blit(drawn, pixels, special_flags=pygame.BLEND_PREMULTIPLIED)

    def line(self, colour: pygame.Color, start: tuple[int, int], end: tuple[int, int]) -> None:
        """One point wide, from the first point to the last; across, down, or aslant."""
        if self.scale.factor == 1.0 or (start[0] != end[0] and start[1] != end[1]):
            pygame.draw.line(self.surface, colour, self._spot(start), self._spot(end), self.scale.length(1))
            return
        (left, right), (top, bottom) = (sorted(pair) for pair in zip(start, end, strict=True))
        place = self.scale.place(pygame.Rect(left, top, right - left + 1, bottom - top + 1))
        thin = self.scale.length(1)
        place.size = (thin, place.height) if start[0] == end[0] else (place.width, thin)
        self.surface.fill(colour, place)

    def column(self, colour: pygame.Color, x: float, span: tuple[float, float]) -> None:
        """One pixel wide, however many pixels a point has."""
        across, (top, bottom) = round(x * self.scale.factor), (round(y * self.scale.factor) for y in span)
        pygame.draw.line(self.surface, colour, (across, top), (across, bottom))

    def lines(self, colour: pygame.Color, spots: Sequence[Spot], *, width: int = 1) -> None:
        """From spot to spot."""
        pygame.draw.lines(self.surface, colour, False, self._spots(spots), self.scale.length(width))

    def smooth_line(self, colour: pygame.Color, start: Spot, end: Spot) -> None:
        """A thin one."""
        (x, y), (to_x, to_y) = self._spot(start), self._spot(end)
        for more in range(self.scale.length(1)):  # beside each other: not every pygame has wide smooth lines
            across, down = (0, more) if abs(to_x - x) > abs(to_y - y) else (more, 0)
            pygame.draw.aaline(self.surface, colour, (x + across, y + down), (to_x + across, to_y + down))

    def smooth_lines(self, colour: pygame.Color, spots: Sequence[Spot]) -> None:
        """Thin ones from spot to spot."""
        if self.scale.factor == 1.0:
            pygame.draw.aalines(self.surface, colour, False, spots)
            return
        for start, end in itertools.pairwise(spots):
            self.smooth_line(colour, start, end)

    def polygon(self, colour: pygame.Color, spots: Sequence[Spot]) -> None:
        """Filled."""
        pygame.draw.polygon(self.surface, colour, self._spots(spots))

    def circle(self, colour: pygame.Color, centre: Spot, radius: int) -> None:
        """Filled."""
        pygame.draw.circle(self.surface, colour, self._spot(centre), self.scale.length(radius))

    def smooth_circle(self, colour: pygame.Color, centre: Spot, radius: int, *, width: int = 0) -> None:
        """Filled, or a ring of `width`."""
        length = self.scale.length
        pygame.draw.aacircle(self.surface, colour, self._spot(centre), length(radius), length(width))

    def arc(self, colour: pygame.Color, place: Place, start: float, stop: float) -> None:
        """A thin piece of an ellipse, from angle to angle."""
        pixels = self.scale.place(pygame.Rect(place))
        pygame.draw.arc(self.surface, colour, pixels, start, stop, self.scale.length(1))

    def picture(self, picture: pygame.Surface, place: Place | tuple[int, int]) -> None:
        """One that has the size already, in pixels, with its upper left corner there."""
        self.surface.blit(picture, (self.scale.px(place[0]), self.scale.px(place[1])))

    def write(self, rendered: pygame.Surface, anchor: Anchor, spot: Spot) -> pygame.Rect:
        """Text that was rendered in pixels, with that part of it at the spot; returns its place, in points."""
        x, y = (round(each * self.scale.factor) for each in spot)
        place = rendered.get_rect(**{anchor: (x, y)})
        self.surface.blit(rendered, place, special_flags=pygame.BLEND_PREMULTIPLIED)
        return self.scale.covering(place)

    def _spot(self, spot: Spot) -> Spot:
        """Its middle in pixels, as pygame counts them: pixel 0 lies around 0."""
        factor = self.scale.factor
        return spot if factor == 1.0 else ((spot[0] + 0.5) * factor - 0.5, (spot[1] + 0.5) * factor - 0.5)

    def _spots(self, spots: Sequence[Spot]) -> list[Spot]:
        return [self._spot(spot) for spot in spots]

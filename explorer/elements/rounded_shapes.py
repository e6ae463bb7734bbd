"""Rounded rectangles for pygame_gui, drawn from small tiles instead of sixteen times their size.

pygame_gui draws a shape at four times its width and height and shrinks it: for a dialog that takes a tenth of a second
and hundreds of megabytes. It asks its cache first, though, with everything that describes the shape. This
cache draws what it is asked for: only the corners are shrunk, and the rest is stretched between them.
Knows no elements.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pygame
from pygame_gui.core.colour_gradient import ColourGradient

FINER = 4
"""The tiles are drawn so many times larger, and shrunk, for smooth corners."""
MAX_TILES = 512
Colour = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundedShape:
    """What a rounded rectangle looks like; colours are premultiplied."""

    size: tuple[int, int]
    border: int
    border_colour: Colour
    ground: Colour
    radii: tuple[int, ...]
    """top left, top right, bottom left, bottom right"""

    @property
    def inner_radii(self) -> tuple[int, ...]:
        """Of the ground inside the border, as pygame_gui reckons them."""
        share = min((side - 2 * self.border) / side for side in self.size)
        return tuple(int(radius * share) for radius in self.radii)


class RoundedShapes:
    """Stands in the place of pygame_gui's `SurfaceCache`. The library draws what this cannot, such as gradients."""

    def __init__(self) -> None:
        self._tiles: OrderedDict[object, pygame.Surface] = OrderedDict()

    @property
    def tiles(self) -> tuple[pygame.Surface, ...]:
        """What is kept, the least recently used first."""
        return tuple(self._tiles.values())

    @staticmethod
    def build_cache_id(
        shape: str,
        size: tuple[int, int],
        shadow_width: int,
        border_widths: Mapping[str, int],
        border_colour: pygame.Color | ColourGradient,
        bg_colour: pygame.Color | ColourGradient,
        corner_radius: Sequence[int] | None = None,
    ) -> RoundedShape | None:
        """The shape itself; None for one that is not drawn here."""
        if shape != "rounded_rectangle" or shadow_width or corner_radius is None or min(size) < 1:
            return None
        if isinstance(border_colour, ColourGradient) or isinstance(bg_colour, ColourGradient):
            return None
        return RoundedShape(
            size=(int(size[0]), int(size[1])),
            border=int(border_widths["left"]),
            border_colour=_numbers(border_colour),
            ground=_numbers(bg_colour),
            radii=tuple(corner_radius),
        )

    def find_surface_in_cache(self, lookup_id: RoundedShape | None) -> pygame.Surface | None:
        """The shape, drawn."""
        return None if lookup_id is None else _stretched(self._tile(lookup_id), lookup_id.size)

    def add_surface_to_cache(self, surface: pygame.Surface, string_id: object) -> None:
        """What the library has drawn itself is not kept: it is quickly drawn again."""

    def remove_user_from_cache_item(self, string_id: object) -> None:
        """Nobody is counted."""

    def update(self) -> None:
        """There is nothing to move from frame to frame."""

    def _tile(self, shape: RoundedShape) -> pygame.Surface:
        """The smallest shape with these corners."""
        inset = max(shape.radii, default=0) + shape.border + 1
        size = min(shape.size[0], 2 * inset + 1), min(shape.size[1], 2 * inset + 1)
        key = (size, shape.border, shape.border_colour, shape.ground, shape.radii, shape.inner_radii)
        if key not in self._tiles:
            self._tiles[key] = _drawn(shape, size)
            while len(self._tiles) > MAX_TILES:
                self._tiles.popitem(last=False)
        self._tiles.move_to_end(key)
        return self._tiles[key]


def _numbers(colour: pygame.Color) -> Colour:
    return colour.r, colour.g, colour.b, colour.a


def _drawn(shape: RoundedShape, size: tuple[int, int]) -> pygame.Surface:
    large = pygame.Surface((size[0] * FINER, size[1] * FINER), flags=pygame.SRCALPHA, depth=32)
    if shape.border:
        _fill(large, large.get_rect(), shape.border_colour, shape.radii)
    inside = large.get_rect().inflate(-2 * FINER * shape.border, -2 * FINER * shape.border)
    _fill(large, inside, shape.ground, shape.inner_radii)
    return pygame.transform.smoothscale(large, size)


def _fill(surface: pygame.Surface, place: pygame.Rect, colour: Colour, radii: Sequence[int]) -> None:
    if min(place.size) < 1:
        return
    top_left, top_right, bottom_left, bottom_right = (radius * FINER for radius in radii)
    pygame.draw.rect(
        surface,
        colour,
        place,
        border_top_left_radius=top_left,
        border_top_right_radius=top_right,
        border_bottom_left_radius=bottom_left,
        border_bottom_right_radius=bottom_right,
    )


def _stretched(tile: pygame.Surface, size: tuple[int, int]) -> pygame.Surface:
    """The tile at that size: its corners as they are, its middle row and column as often as it takes."""
    surface = pygame.Surface(size, flags=pygame.SRCALPHA, depth=32)
    for top, height, y, high in _parts(tile.get_height(), size[1]):
        for left, width, x, wide in _parts(tile.get_width(), size[0]):
            part = tile.subsurface((left, top, width, height))
            if (wide, high) != (width, height):
                part = pygame.transform.scale(part, (wide, high))
            surface.blit(part, (x, y), special_flags=pygame.BLEND_PREMULTIPLIED)
    return surface


def _parts(source: int, target: int) -> tuple[tuple[int, int, int, int], ...]:
    """(where in the tile, how long there, where in the shape, how long there) of both ends and what is between them."""
    if source == target:
        return ((0, source, 0, target),)
    end = source // 2
    between = source - 2 * end
    return (
        (0, end, 0, end),
        (end, between, end, target - 2 * end),
        (source - end, end, target - end, end),
    )

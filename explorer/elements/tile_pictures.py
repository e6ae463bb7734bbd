"""The pictures of a grid's tiles, and each of them enlarged to a tile's size. Knows nothing of where tiles lie.

A new picture is enlarged in the quickest way, since during a drag the next one is already on its way; so is one that
gets another size, since the window's edge may be dragged. One that has stood for a moment is enlarged well.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pygame

from explorer.elements.pixels import quickly_scaled_to, scaled_to, surface_of

REFINE_SECONDS = 0.15
"""for which a picture has to stand before the time is spent to enlarge it well"""
REFINED_AT_ONCE = 4
REFINED_PIXELS = 500_000
"""of pictures as they came and enlarged, that are enlarged well in one frame: more would be seen as a stall"""


class TilePictures:
    """Of tiles by their numbers."""

    def __init__(self) -> None:
        self._pictures: dict[int, pygame.Surface] = {}
        self._scaled: dict[int, pygame.Surface] = {}
        self._rough: dict[int, float] = {}
        """tile -> for how many seconds its picture has been there"""

    def __contains__(self, tile: object) -> bool:
        return tile in self._pictures

    def put(self, tile: int, pixels: np.ndarray) -> None:
        """uint8 [height, width, 3 or 4]"""
        self._pictures[tile] = surface_of(pixels)
        self._scaled.pop(tile, None)
        self._rough[tile] = 0.0

    def unscaled(self, tile: int) -> pygame.Surface | None:
        """The picture as it came."""
        return self._pictures.get(tile)

    def scaled(self, tile: int, side: int) -> pygame.Surface:
        """The picture at this size, which may be another one in every frame. There must be one."""
        known = self._scaled.get(tile)
        if known is not None and known.get_width() != side:
            known, self._rough[tile] = None, 0.0
        if known is None:
            scale = quickly_scaled_to if tile in self._rough else scaled_to
            known = self._scaled[tile] = scale(self._pictures[tile], side)
        return known

    def keep(self, tiles: Collection[int]) -> None:
        """Of other tiles there are no pictures any more."""
        for known in (self._pictures, self._scaled, self._rough):
            for tile in [tile for tile in known if tile not in tiles]:
                del known[tile]

    def pass_time(self, seconds: float) -> list[int]:
        """The tiles whose pictures will be enlarged better from now on: a few in a frame."""
        self._rough = {tile: age + seconds for tile, age in self._rough.items()}
        refined: list[int] = []
        pixels = 0
        for tile in [tile for tile, age in self._rough.items() if age >= REFINE_SECONDS][:REFINED_AT_ONCE]:
            pixels += _area(self._pictures[tile]) + _area(self._scaled.get(tile))
            if refined and pixels > REFINED_PIXELS:
                break
            del self._rough[tile]
            self._scaled.pop(tile, None)
            refined.append(tile)
        return refined

    @property
    def refining(self) -> bool:
        """Whether some are still to be enlarged well."""
        return bool(self._rough)


def _area(surface: pygame.Surface | None) -> int:
    return 0 if surface is None else surface.get_width() * surface.get_height()

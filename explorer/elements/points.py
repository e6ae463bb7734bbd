"""Points and pixels. Places, lengths, layouts and events are in points; what is drawn is drawn in the display's pixels.

At scale 1 a point is a pixel. At a larger scale only drawing knows of pixels: elements lie where they would lie at
scale 1, and are hit where they are seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import pygame

FINENESS = 64
"""Factors are such parts of 1, so that reckoning with them is exact: no pixel belongs to two places, or to none."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How many pixels a point has, at least 1.

    `px` of an edge and `point` of a pixel belong together: the pixels from px(a) up to px(b) are those whose point is
    in [a, b).
    """

    factor: float = 1.0
    """a whole number of 64ths"""

    @staticmethod
    def fitted(wanted: float, size: tuple[int, int], least: tuple[int, int]) -> Scale:
        """The wanted one, or as much of it as leaves `least` points in a window of `size` pixels."""
        factor = max(min(wanted, size[0] / least[0], size[1] / least[1]), 1.0)
        return Scale(math.floor(factor * FINENESS) / FINENESS)

    def px(self, points: float) -> int:
        """The pixel at which a point begins."""
        return math.ceil(points * self.factor - 0.5)

    def point(self, pixel: int) -> int:
        """The point in which a pixel lies."""
        return math.floor((pixel + 0.5) / self.factor)

    def length(self, points: float) -> int:
        """The pixels of a length: of a line, a radius, an icon. Nothing that is there disappears."""
        return max(math.floor(points * self.factor + 0.5), 1) if points > 0 else 0

    def place(self, rect: pygame.Rect) -> pygame.Rect:
        """The pixels of a place; neighbours stay neighbours."""
        if self.factor == 1.0:
            return rect.copy()
        left, top = self.px(rect.left), self.px(rect.top)
        return pygame.Rect(left, top, self.px(rect.right) - left, self.px(rect.bottom) - top)

    def covering(self, pixels: pygame.Rect) -> pygame.Rect:
        """The points of which some pixels are in a rectangle."""
        left, top = self.point(pixels.left), self.point(pixels.top)
        right, bottom = self.point(pixels.right - 1) + 1, self.point(pixels.bottom - 1) + 1
        return pygame.Rect(left, top, right - left, bottom - top)

    def most(self, size: tuple[int, int]) -> tuple[int, int]:
        """The pixels that a place of this size has at most, wherever it lies."""
        return math.ceil(size[0] * self.factor), math.ceil(size[1] * self.factor)

    def room(self, size: tuple[int, int]) -> tuple[int, int]:
        """The points of so many pixels; the last one may be cut off."""
        return math.ceil(size[0] / self.factor), math.ceil(size[1] / self.factor)

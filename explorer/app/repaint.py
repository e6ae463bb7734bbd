"""Which parts of the window have to be drawn again: where an element looks different, or lies elsewhere, than before.

A frame in which only a slider moves costs a tenth of one that draws everything. Knows elements as pictures with places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pygame
from pygame_gui.core import UIElement

from explorer.elements.drawn import DrawnElement
from explorer.elements.sharp_shapes import extent

MOST_PARTS = 12
"""more than these become one: each is drawn by itself"""


class _Seen(NamedTuple):
    """One element as it was drawn. Its picture is a new object whenever it changes, except where it is cut off."""

    picture: int
    place: tuple[int, int, int, int]
    cut: tuple[int, int, int, int] | None
    mode: int


class Repaint:
    """Remembers the last frame."""

    def __init__(self) -> None:
        self._size = (0, 0)
        self._seen: list[_Seen] = []
        self._pictures: list[pygame.Surface] = []  # held, so that no new one gets the identity of one of these

    def forget(self) -> None:
        """The next frame is drawn as a whole."""
        self._size = (0, 0)

    def parts(
        self, elements: Sequence[UIElement], outline: pygame.Rect | None, size: tuple[int, int]
    ) -> list[pygame.Rect]:
        """Of a window of this size, with these visible elements from the back to the front; [] if all is as it was.

        outline: what is drawn over the elements.
        """
        painted = [part for each in elements if isinstance(each, DrawnElement) for part in each.take_painted()]
        seen = [_as_seen(element) for element in elements]
        if outline is not None:
            seen.append(_Seen(0, _four(outline), None, 0))
        before, self._seen = self._seen, seen
        self._pictures = [element.image for element in elements]
        if size != self._size:
            self._size = size
            return [pygame.Rect((0, 0), size)]
        window = pygame.Rect((0, 0), size)
        changed = [] if seen == before else [pygame.Rect(each.place) for each in _differing(before, seen)]
        return _merged(part for part in (each.clip(window) for each in (*changed, *painted)) if part.size != (0, 0))


def _as_seen(element: UIElement) -> _Seen:
    cut = element.get_image_clipping_rect()
    return _Seen(id(element.image), _four(extent(element)), None if cut is None else _four(cut), int(element.blendmode))


def _four(rect: pygame.Rect) -> tuple[int, int, int, int]:
    return int(rect.left), int(rect.top), int(rect.width), int(rect.height)


def _differing(before: list[_Seen], now: list[_Seen]) -> Iterable[_Seen]:
    """What is only in one of them, and what lies at another depth."""
    only = set(before) ^ set(now)
    stayed_before = [each for each in before if each not in only]
    stayed_now = [each for each in now if each not in only]
    moved = {each for pair in zip(stayed_before, stayed_now, strict=False) if pair[0] != pair[1] for each in pair}
    return only | moved


def _merged(parts: Iterable[pygame.Rect]) -> list[pygame.Rect]:
    """The same area, without overlaps."""
    merged: list[pygame.Rect] = []
    for part in parts:
        while (index := part.collidelist(merged)) >= 0:
            part = part.union(merged.pop(index))
        merged.append(part)
    return merged if len(merged) <= MOST_PARTS else [merged[0].unionall(merged[1:])]

"""Two pictures side by side, as large as fits, with their names below. Knows ids and pictures."""

from __future__ import annotations

from collections.abc import Callable

import pygame
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.ui_manager import UIManager

from explorer.elements.drawn import DrawnElement
from explorer.elements.line_fit import shortened
from explorer.elements.pen import Pen
from explorer.elements.pixels import scaled_to

GAP = 16
LINE = 22


class Comparison(DrawnElement):
    """Shows what it is given; draws a picture as soon as it has come."""

    def __init__(
        self,
        rect: pygame.Rect,
        manager: UIManager,
        container: IContainerLikeInterface | None,
        pictures: Callable[[int], pygame.Surface | None],
    ) -> None:
        self._pictures = pictures
        self.sides: tuple[tuple[int, str, str], ...] = ()
        self._scaled: dict[int, pygame.Surface] = {}
        super().__init__(rect, manager, container, "comparison")

    def show_sides(self, sides: tuple[tuple[int, str, str], ...]) -> None:
        """(id, name, what is different about it), left to right."""
        if sides != self.sides:
            self.sides = sides
            self.touch()

    def places(self) -> tuple[pygame.Rect, ...]:
        """Where the pictures are, relative to the element."""
        width, height = int(self.rect.width), int(self.rect.height)
        side = max(min((width - 3 * GAP) // 2, height - 2 * GAP - 2 * LINE), 16)
        left, top = (width - 2 * side - GAP) // 2, (height - side - 2 * LINE) // 2
        return pygame.Rect(left, top, side, side), pygame.Rect(left + side + GAP, top, side, side)

    def paint(self, pen: Pen) -> None:
        """Pictures and names."""
        width = self.letters.width
        for place, (favourite_id, name, detail) in zip(self.places(), self.sides, strict=False):
            picture = self._picture(favourite_id, pen.side(place))
            if picture is None:
                pen.rect(self.colour("panel"), place, radius=6)
            else:
                pen.picture(picture, place)
            for line, (text, colour) in enumerate(((name, "text"), (detail, "muted"))):
                shown = shortened(text, place.width, width)
                if shown:
                    centre = (place.centerx, place.bottom + 6 + LINE * line + LINE // 2)
                    self.write(pen, shown, colour, centre)

    def _picture(self, favourite_id: int, side: int) -> pygame.Surface | None:
        known = self._scaled.get(favourite_id)
        if known is None or known.get_width() != side:
            picture = self._pictures(favourite_id)
            if picture is None:
                return None
            known = self._scaled[favourite_id] = scaled_to(picture, side)
        return known

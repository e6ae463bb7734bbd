"""A row of pictures along the range of a slider. Knows numbers and pictures, nothing of what they are of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pygame
from pygame_gui.core.gui_type_hints import Coordinate
from pygame_gui.ui_manager import UIManager

from explorer.elements.drawn import DrawnElement
from explorer.elements.icons import cross
from explorer.elements.pen import Pen
from explorer.elements.pixels import scaled_to

GAP = 8
NUMBER_HEIGHT = 22
TITLE_WIDTH = 96
CROSS_SIZE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmActions:
    """What the strip tells."""

    pick: Callable[[int], None]
    """(index) a picture was clicked"""
    close: Callable[[], object]
    """the x was clicked"""


class FilmStrip(DrawnElement):
    """Pictures with their numbers below, the present one framed; a click takes the slider there."""

    def __init__(self, rect: pygame.Rect, manager: UIManager, actions: FilmActions) -> None:
        self._actions = actions
        self._title = ""
        self._numbers: tuple[str, ...] = ()
        self._pictures: tuple[pygame.Surface | None, ...] = ()
        self._scaled: dict[int, pygame.Surface] = {}
        self._present: int | None = None
        self._under_mouse: int | None = None
        super().__init__(rect, manager, None, "film_strip")
        self.set_tooltip("Click a picture to set the slider to its number. P closes the strip.")

    def show_frames(self, title: str, numbers: Sequence[str], present: int | None) -> None:
        """What the slider is called, the number below each picture, and which is the present one."""
        state = (title, tuple(numbers), present)
        if state != (self._title, self._numbers, self._present):
            self._title, self._numbers, self._present = state
            self.touch()

    def show_pictures(self, pictures: Sequence[pygame.Surface | None]) -> None:
        """None where a picture is still to come."""
        if len(pictures) == len(self._pictures) and all(a is b for a, b in zip(pictures, self._pictures, strict=True)):
            return
        self._pictures = tuple(pictures)
        self._scaled.clear()
        self.touch()

    @property
    def complete(self) -> bool:
        """Whether every picture is there."""
        return bool(self._pictures) and all(picture is not None for picture in self._pictures)

    def place(self, index: int) -> pygame.Rect:
        """Where a picture is, relative to the element."""
        count = max(len(self._numbers), 1)
        width = int(self.rect.width) - TITLE_WIDTH - 4 * GAP - CROSS_SIZE
        side = max(min(int(self.rect.height) - NUMBER_HEIGHT - GAP, (width + GAP) // count - GAP), 1)
        left = TITLE_WIDTH + GAP + (width - count * (side + GAP) + GAP) // 2
        top = (int(self.rect.height) - side - NUMBER_HEIGHT) // 2
        return pygame.Rect(left + index * (side + GAP), top, side, side)

    def centre(self, index: int) -> tuple[int, int]:
        """The middle of a picture in the window."""
        x, y = self.place(index).center
        return int(self.rect.x) + x, int(self.rect.y) + y

    @property
    def cross_place(self) -> pygame.Rect:
        """Where the x is, relative to the element."""
        return pygame.Rect(int(self.rect.width) - CROSS_SIZE - 2 * GAP, GAP, CROSS_SIZE, CROSS_SIZE)

    def set_dimensions(self, dimensions: Coordinate, clamp_to_container: bool = False) -> None:
        """Pictures as large as fit."""
        self._scaled.clear()
        super().set_dimensions(dimensions, clamp_to_container)

    def update(self, time_delta: float) -> None:
        """Follows the mouse."""
        mouse = self.mouse()
        index = self._index_at(mouse) if mouse else None
        if index != self._under_mouse:
            self._under_mouse = index
            self.touch()
        super().update(time_delta)

    def process_event(self, event: pygame.event.Event) -> bool:
        """The left button picks or closes."""
        if event.type != pygame.MOUSEBUTTONDOWN or not self.hover_point(*event.pos):
            return False
        inside = (int(event.pos[0] - self.rect.x), int(event.pos[1] - self.rect.y))
        if event.button == pygame.BUTTON_LEFT:
            index = self._index_at(inside)
            if self.cross_place.inflate(12, 12).collidepoint(inside):
                self._actions.close()
            elif index is not None:
                self._actions.pick(index)
        return True

    def paint(self, pen: Pen) -> None:
        """Title, pictures, numbers, x."""
        self.write(pen, self._title, "text", (TITLE_WIDTH / 2 + GAP, pen.area.height / 2))
        pen.picture(cross(pen.length(CROSS_SIZE), self.colour("muted")), self.cross_place)
        for index, number in enumerate(self._numbers):
            place = self.place(index)
            picture = self._pictures[index] if index < len(self._pictures) else None
            if picture is None:
                pen.rect(self.colour("control"), place, radius=4)
            else:
                scaled = self._scaled.get(index)
                if scaled is None or scaled.get_width() != pen.side(place):
                    scaled = self._scaled[index] = scaled_to(picture, pen.side(place))
                pen.picture(scaled, place)
            if index == self._present:
                pen.rect(self.colour("accent"), place.inflate(4, 4), width=2, radius=4)
            elif index == self._under_mouse:
                pen.rect(self.colour("muted"), place.inflate(2, 2), width=1, radius=3)
            colour = "text" if index == self._present else "muted"
            self.write(pen, number, colour, (place.centerx, place.bottom + NUMBER_HEIGHT / 2))

    def ground(self) -> pygame.Color:
        """That of the panels."""
        return self.colour("panel")

    def _index_at(self, position: tuple[int, int]) -> int | None:
        return next((i for i in range(len(self._numbers)) if self.place(i).collidepoint(position)), None)

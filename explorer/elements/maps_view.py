"""A large map and the small maps of its neighbours. Knows pixels and numbers of channels, nothing of networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pygame
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.ui_manager import UIManager

from explorer.elements.drawn import DrawnElement
from explorer.elements.pen import Pen

GAP = 4
SMALL = 44
BETWEEN = 12


class MapsView(DrawnElement):
    """The large map at the left; at the right as many small ones as there is room for. Calls `on_pick(channel)`."""

    def __init__(
        self,
        rect: pygame.Rect,
        manager: UIManager,
        container: IContainerLikeInterface,
        on_pick: Callable[[int], None],
    ) -> None:
        self._on_pick = on_pick
        self._large: pygame.Surface | None = None
        self._small: tuple[tuple[int, pygame.Surface], ...] = ()
        self._present = 0
        super().__init__(rect, manager, container, "maps_view")
        self.set_tooltip("Click a small map to see that channel; those that vary most come first.")

    @property
    def channels(self) -> tuple[int, ...]:
        """The channels that have a small map, in order."""
        return tuple(channel for channel, _ in self._small)

    @property
    def room(self) -> int:
        """How many small maps can be shown."""
        columns, rows = self._grid
        return columns * rows

    def show_maps(self, large: np.ndarray, small: Sequence[tuple[int, np.ndarray]], present: int) -> None:
        """uint8 [h, w]; (channel, uint8 [s, s]); the channel of the large map."""
        self._large = _grey(large)
        self._small = tuple((channel, _grey(pixels)) for channel, pixels in small)
        self._present = present
        self.touch()

    def centre(self, index: int) -> tuple[int, int]:
        """The middle of a small map in the window."""
        x, y = self._place(index).center
        return int(self.rect.x) + x, int(self.rect.y) + y

    def process_event(self, event: pygame.event.Event) -> bool:
        """The left button picks."""
        if event.type != pygame.MOUSEBUTTONDOWN or not self.hover_point(*event.pos):
            return False
        inside = (int(event.pos[0] - self.rect.x), int(event.pos[1] - self.rect.y))
        for index, (channel, _) in enumerate(self._small):
            if event.button == pygame.BUTTON_LEFT and self._place(index).collidepoint(inside):
                self._on_pick(channel)
        return True

    def paint(self, pen: Pen) -> None:
        """All maps; the present channel is framed."""
        if self._large is None:
            self.write(pen, "Looking…", "muted", pen.area.center)
            return
        self._paint_map(pen, self._large, pygame.Rect(0, 0, pen.area.height, pen.area.height))
        for index, (channel, picture) in enumerate(self._small):
            place = self._place(index)
            self._paint_map(pen, picture, place)
            if channel == self._present:
                pen.rect(self.colour("accent"), place.inflate(4, 4), width=2, radius=2)

    def ground(self) -> pygame.Color:
        """That of the panels."""
        return self.colour("panel")

    def _paint_map(self, pen: Pen, picture: pygame.Surface, place: pygame.Rect) -> None:
        """As it is, in squares: smoothing would show what is not there."""
        pen.picture(pygame.transform.scale(picture, pen.scale.place(place).size), place)

    @property
    def _grid(self) -> tuple[int, int]:
        width, height = int(self.rect.width), int(self.rect.height)
        return max((width - height - BETWEEN + GAP) // (SMALL + GAP), 1), max((height + GAP) // (SMALL + GAP), 1)

    def _place(self, index: int) -> pygame.Rect:
        row, column = divmod(index, self._grid[0])
        left = int(self.rect.height) + BETWEEN
        return pygame.Rect(left + column * (SMALL + GAP), GAP // 2 + row * (SMALL + GAP), SMALL, SMALL)


def _grey(pixels: np.ndarray) -> pygame.Surface:
    height, width = pixels.shape
    rgb = np.repeat(pixels[:, :, None], 3, axis=2)
    return pygame.image.frombytes(np.ascontiguousarray(rgb).tobytes(), (width, height), "RGB")

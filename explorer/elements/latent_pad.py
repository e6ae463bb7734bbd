"""A map of the seeds' plane that is moved under a fixed mark. Knows positions, nothing of latents."""

from __future__ import annotations

import math
from collections.abc import Callable

import pygame
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.ui_manager import UIManager

from explorer.elements.drawn import DrawnElement, Press
from explorer.elements.pen import Pen
from explorer.elements.phase import Phase

STEP_PIXELS = 56
"""Pixels from one seed to the next."""


class LatentPad(DrawnElement):
    """Drag: the map follows the hand. Calls `on_move(x, y, phase)` in steps of seeds.

    `label_at(column, row)` names a point of the lattice; "" leaves it without a name.
    """

    def __init__(
        self,
        rect: pygame.Rect,
        manager: UIManager,
        container: IContainerLikeInterface,
        on_move: Callable[[float, float, Phase], None],
        label_at: Callable[[int, int], str],
    ) -> None:
        self._on_move = on_move
        self._label_at = label_at
        self._position = (0.0, 0.0)
        self._origin = ""
        self._press: Press | None = None
        self._start = (0.0, 0.0)
        super().__init__(rect, manager, container, "latent_pad")

    @property
    def held(self) -> bool:
        """Whether the map is being dragged."""
        return self._press is not None

    def show_position(self, x: float, y: float) -> None:
        """Where on the plane the mark stands, in steps from the first seed."""
        origin = self._label_at(0, 0)
        if (x, y, origin) != (*self._position, self._origin):
            self._position, self._origin = (x, y), origin
            self.touch()

    def process_event(self, event: pygame.event.Event) -> bool:
        """The left button drags."""
        left = getattr(event, "button", None) == pygame.BUTTON_LEFT
        if event.type == pygame.MOUSEBUTTONDOWN and left and self.hover_point(*event.pos):
            self._press = Press(start=event.pos)
            self._start = self._position
            return True
        if event.type == pygame.MOUSEMOTION and self._press is not None:
            self._move(event.pos, "drag")
            return True
        if event.type == pygame.MOUSEBUTTONUP and left and self._press is not None:
            self._move(event.pos, "drop")
            self._press = None
            return True
        return False

    def paint(self, pen: Pen) -> None:
        """Lattice, seeds, mark."""
        centre_x, centre_y = pen.area.width / 2, pen.area.height / 2
        x, y = self._position
        reach_x = math.ceil(centre_x / STEP_PIXELS) + 1
        reach_y = math.ceil(centre_y / STEP_PIXELS) + 1
        for column in range(math.floor(x) - reach_x, math.ceil(x) + reach_x + 1):
            at = round(centre_x + (column - x) * STEP_PIXELS)
            pen.line(self.colour("line"), (at, 0), (at, pen.area.height))
        for row in range(math.floor(y) - reach_y, math.ceil(y) + reach_y + 1):
            at = round(centre_y + (row - y) * STEP_PIXELS)
            pen.line(self.colour("line"), (0, at), (pen.area.width, at))
        for column in range(math.floor(x) - reach_x, math.ceil(x) + reach_x + 1):
            for row in range(math.floor(y) - reach_y, math.ceil(y) + reach_y + 1):
                place = (
                    round(centre_x + (column - x) * STEP_PIXELS),
                    round(centre_y + (row - y) * STEP_PIXELS),
                )
                self._paint_seed(pen, place, column, row)
        self._paint_mark(pen, (round(centre_x), round(centre_y)))

    def _paint_seed(self, pen: Pen, place: tuple[int, int], column: int, row: int) -> None:
        pen.smooth_circle(self.colour("muted"), place, 3)
        label = self._label_at(column, row)
        if label:
            self.write(pen, label, "muted", (place[0], place[1] + 13))

    def _paint_mark(self, pen: Pen, place: tuple[int, int]) -> None:
        pen.smooth_circle(self.colour("accent"), place, 8, width=2)
        on_a_seed = all(value == int(value) for value in self._position)
        if on_a_seed:
            pen.smooth_circle(self.colour("accent"), place, 4)

    def _move(self, position: tuple[int, int], phase: Phase) -> None:
        press = self._press
        if press is None:
            return
        dx, dy = press.moved(position)
        if press.dragging:
            x, y = self._start
            self._on_move(x - dx / STEP_PIXELS, y - dy / STEP_PIXELS, phase)

"""An easing's curve with its two handles, which can be dragged. Knows a frozen Easing, nothing of keys."""

from __future__ import annotations

from collections.abc import Callable

import pygame
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.ui_manager import UIManager

from engine.video.easing import Easing
from explorer.elements.drawn import DrawnElement
from explorer.elements.pen import Pen
from explorer.elements.phase import Phase

MARGIN = 10
POINTS = 32
REACH = 14
"""pixels from a handle where it can be taken hold of"""


class EasingCurve(DrawnElement):
    """Time goes to the right, the share of the way upwards."""

    def __init__(
        self,
        rect: pygame.Rect,
        manager: UIManager,
        container: IContainerLikeInterface,
        on_change: Callable[[Easing, Phase], None],
    ) -> None:
        self._on_change = on_change
        self.easing: Easing | None = None
        self._held: int | None = None
        super().__init__(rect, manager, container, "easing_curve")
        self.set_tooltip("How fast a transition begins and ends: drag the two handles")

    def show_easing(self, easing: Easing | None) -> None:
        """None where there is nothing to ease."""
        if easing != self.easing:
            self.easing = easing
            self.touch()

    def handle_point(self, number: int) -> tuple[int, int]:
        """The first or the second handle (0, 1), in the window."""
        assert self.easing is not None
        x, y = self._at(*self.easing.handles[2 * number : 2 * number + 2])
        return int(self.rect.x) + round(x), int(self.rect.y) + round(y)

    def process_event(self, event: pygame.event.Event) -> bool:
        """The left button drags the nearest handle."""
        if self.easing is None:
            return False
        left = getattr(event, "button", None) == pygame.BUTTON_LEFT
        if event.type == pygame.MOUSEBUTTONDOWN and left and self.hover_point(*event.pos):
            distances = [pygame.Vector2(self.handle_point(n)).distance_to(event.pos) for n in (0, 1)]
            nearest = min((0, 1), key=lambda n: distances[n])
            self._held = nearest if distances[nearest] <= REACH else None
            return True
        if event.type == pygame.MOUSEMOTION and self._held is not None:
            self._drag(event.pos, "drag")
            return True
        if event.type == pygame.MOUSEBUTTONUP and left and self._held is not None:
            self._drag(event.pos, "drop")
            self._held = None
            return True
        return False

    def paint(self, pen: Pen) -> None:
        """Frame, curve, handles."""
        frame = pen.area.inflate(-2 * MARGIN, -2 * MARGIN)
        pen.rect(self.colour("line"), frame, width=1)
        easing = self.easing
        if easing is None:
            return
        handles = self._at(easing.x1, easing.y1), self._at(easing.x2, easing.y2)
        for end, handle in zip((self._at(0, 0), self._at(1, 1)), handles, strict=True):
            pen.smooth_line(self.colour("muted"), end, handle)
        curve = [self._at(i / POINTS, easing.at(i / POINTS)) for i in range(POINTS + 1)]
        pen.lines(self.colour("accent"), curve, width=2)
        for handle in handles:
            pen.smooth_circle(self.colour("text"), handle, 5)

    def _at(self, x: float, y: float) -> tuple[float, float]:
        width, height = int(self.rect.width) - 2 * MARGIN, int(self.rect.height) - 2 * MARGIN
        return MARGIN + x * width, MARGIN + (1 - y) * height

    def _drag(self, position: tuple[int, int], phase: Phase) -> None:
        if self.easing is None or self._held is None:
            return
        width, height = int(self.rect.width) - 2 * MARGIN, int(self.rect.height) - 2 * MARGIN
        x = (position[0] - int(self.rect.x) - MARGIN) / width
        y = 1 - (position[1] - int(self.rect.y) - MARGIN) / height
        handles = list(self.easing.handles)
        handles[2 * self._held : 2 * self._held + 2] = [round(min(max(each, 0.0), 1.0), 3) for each in (x, y)]
        x1, y1, x2, y2 = handles
        self._on_change(Easing(x1=x1, y1=y1, x2=x2, y2=y2), phase)

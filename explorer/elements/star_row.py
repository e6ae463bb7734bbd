"""Five stars to click: a rating, or the least that is asked for. Knows a number."""

from __future__ import annotations

from collections.abc import Callable

import pygame
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.ui_manager import UIManager

from explorer.elements.drawn import DrawnElement
from explorer.elements.icons import star
from explorer.elements.pen import Pen

STARS = 5
SIZE = 18


class StarRow(DrawnElement):
    """Calls `on_change(number)`; a click on the star that is set clears them. Keys: Left, Right, 0 to 5."""

    takes_keys = True

    def __init__(
        self,
        rect: pygame.Rect,
        manager: UIManager,
        container: IContainerLikeInterface | None,
        on_change: Callable[[int], None],
    ) -> None:
        self._on_change = on_change
        self.value = 0
        self._under_mouse: int | None = None
        super().__init__(rect, manager, container, "star_row")

    def show_value(self, value: int) -> None:
        """So many stars are lit."""
        if value != self.value:
            self.value = value
            self.touch()

    def centre(self, number: int) -> tuple[int, int]:
        """The middle of a star (1 to 5) in the window."""
        pitch = self.rect.width / STARS
        return round(self.rect.x + (number - 0.5) * pitch), int(self.rect.centery)

    def update(self, time_delta: float) -> None:
        """Follows the mouse."""
        mouse = self.mouse()
        number = None if mouse is None else self._number_at(mouse[0])
        if number != self._under_mouse:
            self._under_mouse = number
            self.touch()
        super().update(time_delta)

    def process_event(self, event: pygame.event.Event) -> bool:
        """Click and keys."""
        if event.type == pygame.KEYDOWN and self.is_focused:
            typed = getattr(event, "unicode", "")
            steps = {pygame.K_LEFT: -1, pygame.K_DOWN: -1, pygame.K_RIGHT: 1, pygame.K_UP: 1}.get(event.key, 0)
            number = int(typed) if typed and typed in "012345" else min(max(self.value + steps, 0), STARS)
            if number == self.value and not steps:
                return False
            self._on_change(number)
            return True
        left_down = event.type == pygame.MOUSEBUTTONDOWN and event.button == pygame.BUTTON_LEFT
        if not left_down or not self.hover_point(*event.pos):
            return False
        number = self._number_at(int(event.pos[0] - self.rect.x))
        self._on_change(0 if number == self.value else number)
        return True

    def paint(self, pen: Pen) -> None:
        """Lit, unlit, and what a click would do."""
        shown = self.value if self._under_mouse is None else self._under_mouse
        pitch = pen.area.width / STARS
        for number in range(1, STARS + 1):
            filled = number <= shown
            picture = star(pen.length(SIZE), self.colour("accent" if filled else "muted"), filled=filled)
            place = pygame.Rect(0, 0, SIZE, SIZE)
            place.center = round((number - 0.5) * pitch), pen.area.height // 2
            pen.picture(picture, place)

    def _number_at(self, x: int) -> int:
        return min(max(int(x * STARS / max(int(self.rect.width), 1)) + 1, 1), STARS)

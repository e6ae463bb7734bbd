"""The column of thumbnails of the last steps, the newest on top. Knows step numbers, nothing of documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pygame
from pygame_gui.ui_manager import UIManager

from explorer.elements.drawn import DrawnElement
from explorer.elements.icons import cross
from explorer.elements.pen import Pen

HEADING_HEIGHT = 32
SIDE = 60
GAP = 8
CROSS_SIZE = 12
UNDONE_ALPHA = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryActions:
    """What the column tells."""

    pick: Callable[[int], object]
    """(step) a thumbnail was clicked"""
    hide: Callable[[], None]
    """the x was clicked"""


class HistoryStrip(DrawnElement):
    """As many steps as there is room for. The present one is framed, undone ones are dim.

    Up and Down go through them while it has the focus.
    """

    takes_keys = True

    def __init__(self, rect: pygame.Rect, manager: UIManager, actions: HistoryActions) -> None:
        self._actions = actions
        self._steps: tuple[tuple[int, pygame.Surface | None], ...] = ()
        self._present = 0
        self._under_mouse: int | None = None
        super().__init__(rect, manager, None, "history_strip")
        self.set_tooltip("Click a step to go back to it, or forward again. H hides the history.")

    @property
    def steps(self) -> tuple[int, ...]:
        """The numbers of the steps that are shown, the newest first."""
        return tuple(step for step, _ in self._steps)

    @property
    def picture_side(self) -> int:
        """How large the thumbnails are, in pixels."""
        return self.scale.length(SIDE)

    @property
    def room(self) -> int:
        """How many steps can be shown."""
        return max((int(self.rect.height) - HEADING_HEIGHT) // (SIDE + GAP), 1)

    def show_steps(self, steps: Sequence[tuple[int, pygame.Surface | None]], present: int) -> None:
        """(step, thumbnail or None where there is none), the newest first, and which of them is shown now."""
        if (tuple(steps), present) != (self._steps, self._present):
            self._steps, self._present = tuple(steps), present
            self.touch()

    def place(self, index: int) -> pygame.Rect:
        """Where a thumbnail is, relative to the element."""
        return pygame.Rect((int(self.rect.width) - SIDE) // 2, HEADING_HEIGHT + index * (SIDE + GAP), SIDE, SIDE)

    def centre(self, step: int) -> tuple[int, int]:
        """The middle of a step's thumbnail in the window."""
        x, y = self.place(self.steps.index(step)).center
        return int(self.rect.x) + x, int(self.rect.y) + y

    @property
    def cross_place(self) -> pygame.Rect:
        """Where the x is, relative to the element."""
        return pygame.Rect(int(self.rect.width) - CROSS_SIZE - 8, (HEADING_HEIGHT - CROSS_SIZE) // 2, CROSS_SIZE, 12)

    def update(self, time_delta: float) -> None:
        """Follows the mouse."""
        mouse = self.mouse()
        index = self._index_at(mouse) if mouse else None
        if index != self._under_mouse:
            self._under_mouse = index
            self.touch()
        super().update(time_delta)

    def process_event(self, event: pygame.event.Event) -> bool:
        """The left button picks or hides; Up and Down go on to the next step."""
        if event.type == pygame.KEYDOWN and self.is_focused and event.key in (pygame.K_UP, pygame.K_DOWN):
            step = self._present + (1 if event.key == pygame.K_UP else -1)
            if step in self.steps:
                self._actions.pick(step)
            return True
        if event.type != pygame.MOUSEBUTTONDOWN or not self.hover_point(*event.pos):
            return False
        inside = (int(event.pos[0] - self.rect.x), int(event.pos[1] - self.rect.y))
        index = self._index_at(inside)
        if event.button != pygame.BUTTON_LEFT:
            return False
        if self.cross_place.inflate(12, 12).collidepoint(inside):
            self._actions.hide()
        elif index is not None:
            self._actions.pick(self._steps[index][0])
        return True

    def paint(self, pen: Pen) -> None:
        """Heading, x, thumbnails."""
        self.write(pen, "History", "muted", (pen.area.width / 2 - 8, HEADING_HEIGHT / 2))
        pen.picture(cross(pen.length(CROSS_SIZE), self.colour("muted")), self.cross_place)
        for index, (step, thumbnail) in enumerate(self._steps):
            place = self.place(index)
            if thumbnail is None:
                pen.rect(self.colour("panel"), place, radius=4)
            else:
                thumbnail.set_alpha(UNDONE_ALPHA if step > self._present else 255)
                pen.picture(thumbnail, place)
            if step == self._present:
                pen.rect(self.colour("accent"), place.inflate(4, 4), width=2, radius=4)
            elif index == self._under_mouse:
                pen.rect(self.colour("muted"), place.inflate(2, 2), width=1, radius=3)

    def _index_at(self, position: tuple[int, int]) -> int | None:
        return next((i for i in range(len(self._steps)) if self.place(i).collidepoint(position)), None)

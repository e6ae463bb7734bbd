"""A column of names, one of which is chosen: the collections. Knows entries, nothing of what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pygame
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.ui_manager import UIManager

from explorer.elements.drawn import DrawnElement
from explorer.elements.line_fit import shortened
from explorer.elements.pen import Pen

ROW = 32
PADDING = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One name."""

    entry_id: int | None
    label: str
    count: int


class SideList(DrawnElement):
    """Calls `on_choice(entry id)`. The wheel scrolls; Up and Down choose while it has the focus."""

    takes_keys = True

    def __init__(
        self,
        rect: pygame.Rect,
        manager: UIManager,
        container: IContainerLikeInterface | None,
        on_choice: Callable[[int | None], None],
    ) -> None:
        self._on_choice = on_choice
        self.entries: tuple[Entry, ...] = ()
        self._chosen: int | None = None
        self._target: int | None = None
        self._under_mouse: int | None = None
        self._scroll = 0
        super().__init__(rect, manager, container, "side_list")

    def show_entries(self, entries: Sequence[Entry], chosen: int | None) -> None:
        """In order, and which one is chosen."""
        if (tuple(entries), chosen) != (self.entries, self._chosen):
            self.entries, self._chosen = tuple(entries), chosen
            self._scroll = min(self._scroll, self._most_scroll())
            self.touch()

    def entry_at(self, position: tuple[int, int]) -> Entry | None:
        """The entry under a point in the window."""
        if not self.rect.collidepoint(position):
            return None
        index = (int(position[1] - self.rect.y) + self._scroll) // ROW
        return self.entries[index] if index < len(self.entries) else None

    def show_target(self, position: tuple[int, int] | None) -> None:
        """Something is dragged over this point in the window, and could be dropped; None for nothing."""
        entry = None if position is None else self.entry_at(position)
        index = None if entry is None else self.entries.index(entry)
        if index != self._target:
            self._target = index
            self.touch()

    def centre(self, entry_id: int | None) -> tuple[int, int]:
        """The middle of an entry in the window."""
        index = [entry.entry_id for entry in self.entries].index(entry_id)
        return int(self.rect.centerx), int(self.rect.y) + index * ROW + ROW // 2 - self._scroll

    def update(self, time_delta: float) -> None:
        """Follows the mouse."""
        mouse = self.mouse()
        index = None if mouse is None else (mouse[1] + self._scroll) // ROW
        if index != self._under_mouse:
            self._under_mouse = index
            self.touch()
        super().update(time_delta)

    def process_event(self, event: pygame.event.Event) -> bool:
        """Click, wheel, Up and Down."""
        if event.type == pygame.MOUSEWHEEL and self.hovered:
            self._scroll = min(max(self._scroll - event.y * ROW, 0), self._most_scroll())
            self.touch()
            return True
        if event.type == pygame.KEYDOWN and self.is_focused and event.key in (pygame.K_UP, pygame.K_DOWN):
            ids = [entry.entry_id for entry in self.entries]
            index = ids.index(self._chosen) + (1 if event.key == pygame.K_DOWN else -1)
            self._on_choice(ids[min(max(index, 0), len(ids) - 1)])
            return True
        left_down = event.type == pygame.MOUSEBUTTONDOWN and event.button == pygame.BUTTON_LEFT
        if not left_down or not self.hover_point(*event.pos):
            return False
        self.ui_manager.set_focus_set(self)
        entry = self.entry_at(event.pos)
        if entry is not None:
            self._on_choice(entry.entry_id)
        return True

    def paint(self, pen: Pen) -> None:
        """Names and counts."""
        letters = self.letters
        for index, entry in enumerate(self.entries):
            place = pygame.Rect(0, index * ROW - self._scroll, pen.area.width, ROW - 2)
            chosen = entry.entry_id == self._chosen
            if chosen or index in (self._under_mouse, self._target):
                pen.rect(self.colour("accent_soft" if chosen else "control"), place, radius=4)
            if index == self._target or (chosen and self.is_focused):
                pen.rect(self.colour("accent"), place, width=2, radius=4)
            room = place.width - 3 * PADDING - letters.width(str(entry.count))
            shown = shortened(entry.label, room, letters.width)
            self.write_at(pen, shown, "text", ("midleft", (PADDING, place.centery)))
            colour = "text" if chosen else "muted"
            self.write_at(pen, str(entry.count), colour, ("midright", (place.width - PADDING, place.centery)))

    def ground(self) -> pygame.Color:
        """As the rest of the library."""
        return self.colour("canvas")

    def _most_scroll(self) -> int:
        return max(len(self.entries) * ROW - int(self.rect.height), 0)

"""A list of files and folders. Knows their names and what is told of them, nothing of disks."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pygame
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.ui_manager import UIManager

from explorer.elements.drawn import DrawnElement
from explorer.elements.icons import folder
from explorer.elements.line_fit import shortened
from explorer.elements.pen import Pen

ROW = 26
PADDING = 10
ICON = 16
WHEEL_ROWS = 3
BAR = 6
TYPING_SECONDS = 1.0
"""Letters that follow each other more quickly than this are the beginning of one name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """One of them."""

    name: str
    folder: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileListActions:
    """What the list tells, and what it asks."""

    select: Callable[[FileRow], None]
    open: Callable[[FileRow], None]
    """a double click, or Enter"""
    leave: Callable[[], None]
    """Backspace: to the folder above"""
    detail: Callable[[FileRow], str]
    """what stands at the right, asked only for what is seen"""


class FileList(DrawnElement):
    """The wheel scrolls; arrow keys, page keys and the beginning of a name go through it while it has the focus."""

    takes_keys = True

    def __init__(
        self, rect: pygame.Rect, manager: UIManager, container: IContainerLikeInterface, actions: FileListActions
    ) -> None:
        self._actions = actions
        self.rows: tuple[FileRow, ...] = ()
        self.selected: int | None = None
        self._details: dict[int, str] = {}
        self._scroll = 0
        self._under_mouse: int | None = None
        self._clicked: tuple[int, float] = (-1, 0.0)
        self._typed: tuple[str, float] = ("", 0.0)
        super().__init__(rect, manager, container, "file_list")

    def show_rows(self, rows: Sequence[FileRow]) -> None:
        """Others than before: nothing of them is selected."""
        self.rows = tuple(rows)
        self.selected, self._scroll, self._clicked = None, 0, (-1, 0.0)
        self._details.clear()
        self.touch()

    def select_name(self, name: str) -> None:
        """Without telling anybody; nothing is selected if there is no such name."""
        index = next((i for i, row in enumerate(self.rows) if row.name == name), None)
        if index != self.selected:
            self.selected = index
            self._reveal()

    def centre(self, name: str) -> tuple[int, int]:
        """The middle of a row in the window."""
        index = [row.name for row in self.rows].index(name)
        return int(self.rect.centerx), int(self.rect.y) + index * ROW + ROW // 2 - self._scroll

    def update(self, time_delta: float) -> None:
        """Follows the mouse."""
        mouse = self.mouse()
        index = None if mouse is None else self._index_at(mouse[1])
        if index != self._under_mouse:
            self._under_mouse = index
            self.touch()
        super().update(time_delta)

    def process_event(self, event: pygame.event.Event) -> bool:
        """Mouse and keyboard."""
        if event.type == pygame.MOUSEWHEEL and self.hovered:
            self._scroll_to(self._scroll - event.y * WHEEL_ROWS * ROW)
            return True
        if event.type == pygame.KEYDOWN and self.is_focused:
            return self._key(event)
        left_down = event.type == pygame.MOUSEBUTTONDOWN and event.button == pygame.BUTTON_LEFT
        if not left_down or not self.hover_point(*event.pos):
            return False
        self.ui_manager.set_focus_set(self)
        index = self._index_at(int(event.pos[1] - self.rect.y))
        if index is not None:
            self._click(index)
        return True

    def paint(self, pen: Pen) -> None:
        """The rows that are seen, and a thin bar that says where one is."""
        first = self._scroll // ROW
        for index in range(first, min(first + pen.area.height // ROW + 2, len(self.rows))):
            self._paint_row(pen, index)
        most, height = self._most_scroll(), pen.area.height
        if most > 0:
            bar = max(height * height // (most + height), 24)
            top = (height - bar) * self._scroll // most
            pen.rect(self.colour("track"), (pen.area.width - BAR, top, BAR - 2, bar), radius=2)

    def _paint_row(self, pen: Pen, index: int) -> None:
        row, chosen = self.rows[index], index == self.selected
        place = pygame.Rect(0, index * ROW - self._scroll, pen.area.width - BAR - 2, ROW - 2)
        if chosen or index == self._under_mouse:
            pen.rect(self.colour("accent_soft" if chosen else "control"), place, radius=4)
        if chosen and self.is_focused:
            pen.rect(self.colour("accent"), place, width=2, radius=4)
        faint = "text" if chosen else "muted"
        if row.folder:
            icon = folder(pen.length(ICON), self.colour(faint))
            pen.picture(icon, (PADDING, place.centery - ICON // 2))
        if index not in self._details:
            self._details[index] = self._actions.detail(row)
        detail, left = self._details[index], 2 * PADDING + ICON
        room = place.width - left - 2 * PADDING - self.letters.width(detail)
        shown = shortened(row.name, room, self.letters.width)
        self.write_at(pen, shown, "text", ("midleft", (left, place.centery)))
        self.write_at(pen, detail, faint, ("midright", (place.width - PADDING, place.centery)))

    def _click(self, index: int) -> None:
        last, now = self._clicked, time.monotonic()
        self._clicked = index, now
        self._choose(index)
        if last[0] == index and now - last[1] < self.ui_manager.get_double_click_time():
            self._clicked = (-1, 0.0)
            self._actions.open(self.rows[index])

    def _choose(self, index: int) -> None:
        self.selected = index
        self._reveal()
        self._actions.select(self.rows[index])

    def _key(self, event: pygame.event.Event) -> bool:
        if event.key == pygame.K_BACKSPACE:
            self._actions.leave()
            return True
        if not self.rows:
            return False
        page = max(int(self.rect.height) // ROW - 1, 1)
        last, present = len(self.rows) - 1, -1 if self.selected is None else self.selected
        targets = {
            pygame.K_DOWN: present + 1,
            pygame.K_UP: max(present, 1) - 1,
            pygame.K_PAGEDOWN: present + page,
            pygame.K_PAGEUP: present - page,
            pygame.K_HOME: 0,
            pygame.K_END: last,
        }
        if event.key in targets:
            self._choose(min(max(targets[event.key], 0), last))
            return True
        if event.key in (pygame.K_RETURN, pygame.K_KP_ENTER) and self.selected is not None:
            self._actions.open(self.rows[self.selected])
            return True
        return self._type(event)

    def _type(self, event: pygame.event.Event) -> bool:
        """The beginning of a name."""
        letter = getattr(event, "unicode", "")
        if not letter or not letter.isprintable() or event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META):
            return False
        before, at = self._typed
        begun = (before if time.monotonic() - at < TYPING_SECONDS else "") + letter.casefold()
        self._typed = begun, time.monotonic()
        found = next((i for i, row in enumerate(self.rows) if row.name.casefold().startswith(begun)), None)
        if found is not None:
            self._choose(found)
        return True

    def _index_at(self, y: int) -> int | None:
        index = (y + self._scroll) // ROW
        return index if 0 <= index < len(self.rows) else None

    def _reveal(self) -> None:
        if self.selected is not None:
            top = self.selected * ROW
            lowest = top + ROW - int(self.rect.height)
            self._scroll_to(min(max(self._scroll, lowest), top))
        self.touch()

    def _scroll_to(self, scroll: int) -> None:
        self._scroll = min(max(scroll, 0), self._most_scroll())
        self.touch()

    def _most_scroll(self) -> int:
        return max(len(self.rows) * ROW - int(self.rect.height), 0)

    def ground(self) -> pygame.Color:
        """A well in the dialog."""
        return self.colour("canvas")

"""Names and what is said about them, in columns. One surface: as labels they would take a moment each to make.

Knows texts and nothing of what they mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pygame
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.ui_manager import UIManager

from explorer.elements.drawn import DrawnElement
from explorer.elements.pen import Pen

GAP = 12
MAX_PITCH = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class TableStyle:
    """How the table is laid out."""

    columns: int
    name_width: int
    """pixels for the names of a column; what is said about them has the rest"""


class TextTable(DrawnElement):
    """(name, text) from top to bottom and then in the next column; lines move together where the room is short."""

    def __init__(
        self,
        rect: pygame.Rect,
        lines: Sequence[tuple[str, str]],
        style: TableStyle,
        manager: UIManager,
        container: IContainerLikeInterface | None,
    ) -> None:
        self.lines = tuple(lines)
        self._style = style
        super().__init__(rect, manager, container, "text_table")

    @property
    def rows(self) -> int:
        """Lines of the longest column."""
        return -(-len(self.lines) // self._style.columns)

    def too_wide(self) -> list[str]:
        """The texts that run into the next one, or out of the element."""
        width = self.letters.width
        room = self._pitch[0] - self._style.name_width - GAP
        found = [name for name, _ in self.lines if width(name) > self._style.name_width - GAP // 2]
        return found + [text for _, text in self.lines if width(text) > room]

    def paint(self, pen: Pen) -> None:
        """All lines."""
        across, down = self._pitch
        for index, line in enumerate(self.lines):
            column, row = divmod(index, self.rows)
            left = round(column * across)
            for text, colour, x in zip(line, ("muted", "text"), (left, left + self._style.name_width), strict=True):
                self.write_at(pen, text, colour, ("midleft", (x, round((row + 0.5) * down))))

    def ground(self) -> pygame.Color:
        """That of a dialog."""
        return self.colour("panel")

    @property
    def _pitch(self) -> tuple[float, float]:
        """(from column to column, from line to line) in pixels."""
        down = min(self.rect.height / max(self.rows, 1), MAX_PITCH)
        return self.rect.width / self._style.columns, down

"""A text field for one number. What is not a number is not taken, and the number before comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pygame
import pygame_gui
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.elements import UITextEntryLine
from pygame_gui.ui_manager import UIManager


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFormat:
    """How a number is written and what range it has."""

    low: float
    high: float
    decimals: int = 0
    """0 for whole numbers"""

    def write(self, value: float) -> str:
        """The number as it stands in the field."""
        return f"{value:.{self.decimals}f}"

    def read(self, text: str) -> float | None:
        """The number, brought into the range; None if the text is not one. A decimal comma is understood."""
        try:
            value = float(text.strip().replace(",", "."))
        except ValueError:
            return None
        if value != value:  # NaN
            return None
        value = min(max(value, self.low), self.high)
        return value if self.decimals else float(round(value))


class NumberEntry(UITextEntryLine):
    """Calls `on_commit(number)` after Enter, or when the focus goes elsewhere after a change. Escape reverts."""

    def __init__(
        self,
        rect: pygame.Rect,
        number_format: NumberFormat,
        manager: UIManager,
        container: IContainerLikeInterface,
        on_commit: Callable[[float], None],
    ) -> None:
        self._format = number_format
        self._on_commit = on_commit
        self._shown = ""
        super().__init__(rect, manager, container=container)

    def show_value(self, value: float) -> None:
        """Writes the number, unless the person is typing."""
        text = self._format.write(value)
        if self.is_focused or text == self._shown:
            return
        self._shown = text
        self.set_text(text)

    def process_event(self, event: pygame.event.Event) -> bool:
        """Enter commits, Escape reverts, the first click selects all."""
        if event.type == pygame_gui.UI_TEXT_ENTRY_FINISHED and event.ui_element is self:
            self._commit()
            self.ui_manager.set_focus_set(None)
            return True
        if event.type == pygame.KEYDOWN and event.key == pygame.K_ESCAPE and self.is_focused:
            self._write(self._shown)
            self.ui_manager.set_focus_set(None)
            return True
        fresh_click = event.type == pygame.MOUSEBUTTONDOWN and self._just_focused
        consumed = bool(super().process_event(event))
        if fresh_click and consumed:
            self.select_range = [0, len(self.text)]
            self.edit_position = len(self.text)
            self.selection_in_progress = False
            self._just_focused = False
        return consumed

    _just_focused = False

    def focus(self) -> None:
        """Remembers that the next click is the one that brought the focus."""
        super().focus()
        self._just_focused = True

    def unfocus(self) -> None:
        """Takes what was typed."""
        super().unfocus()
        self._just_focused = False
        self._commit()

    def _commit(self) -> None:
        if self.text == self._shown:
            return
        value = self._format.read(self.text)
        if value is None:
            self._write(self._shown)
            return
        self._shown = self._format.write(value)
        self._write(self._shown)
        self._on_commit(value)

    def _write(self, text: str) -> None:
        self.set_text(text)

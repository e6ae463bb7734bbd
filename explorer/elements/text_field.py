"""A line of text that a person edits: told while typing, and told again when it is meant. Knows nothing of its use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pygame
import pygame_gui
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.elements import UITextEntryLine
from pygame_gui.ui_manager import UIManager

MAX_LENGTH = 400


def _nothing(_text: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextActions:
    """Who hears of the text."""

    typed: Callable[[str], None] = _nothing
    """at every change"""
    meant: Callable[[str], None] = _nothing
    """after Enter, or when the focus goes elsewhere after a change"""


class TextField(UITextEntryLine):
    """Enter and leaving the field commit; Escape brings back what was there."""

    def __init__(
        self,
        rect: pygame.Rect,
        manager: UIManager,
        container: IContainerLikeInterface,
        actions: TextActions,
        placeholder: str = "",
    ) -> None:
        self._actions = actions
        self._shown = ""
        super().__init__(rect, manager, container=container, placeholder_text=placeholder)
        self.set_text_length_limit(MAX_LENGTH)

    def show_text(self, text: str) -> None:
        """Writes it, unless the person is typing."""
        if not self.is_focused and text != self.text:
            self.set_text(text)
        if not self.is_focused:
            self._shown = text

    def process_event(self, event: pygame.event.Event) -> bool:
        """Tells of changes."""
        mine = getattr(event, "ui_element", None) is self
        if event.type == pygame_gui.UI_TEXT_ENTRY_CHANGED and mine:
            self._actions.typed(self.text)
            return True
        if event.type == pygame_gui.UI_TEXT_ENTRY_FINISHED and mine:
            self._commit()
            return True
        if event.type == pygame.KEYDOWN and event.key == pygame.K_ESCAPE and self.is_focused:
            self.set_text(self._shown)
            self._actions.typed(self._shown)
            self.ui_manager.set_focus_set(None)
            return True
        return bool(super().process_event(event))

    def unfocus(self) -> None:
        """Takes what was typed."""
        super().unfocus()
        self._commit()

    def _commit(self) -> None:
        if self.text != self._shown:
            self._shown = self.text
            self._actions.meant(self.text)

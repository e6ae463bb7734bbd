"""Messages over the grid: one at a time, closed by the person, or by time if it was only news.

Knows sentences, not what they are about.
"""

from __future__ import annotations

import html
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.elements import UIButton, UIPanel, UITextBox
from pygame_gui.ui_manager import UIManager

from explorer.elements.icon import Icon
from explorer.elements.icons import cross
from explorer.elements.placing import put

PADDING = 12
CLOSE_SIZE = 28
BUTTON_WIDTH = 136
BUTTON_HEIGHT = 28
NEWS_SECONDS = 8.0
ICON_SIZE = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What to say, and what the person can do about it."""

    text: str
    lasting: bool = True
    """stays until it is closed; else it goes by itself"""
    action_label: str = ""
    action: Callable[[], None] | None = None


def as_sentence(text: str) -> str:
    """With a capital letter, unless it begins with a name or a path."""
    first_word = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first_word.isalpha() and first_word.islower() else text


class Notices:
    """The place of the messages."""

    def __init__(self, manager: UIManager, place: pygame.Rect) -> None:
        self._manager = manager
        self._place = place
        self._panel: UIPanel | None = None
        self._until = 0.0
        self.close_button: UIButton | None = None
        self.action_button: UIButton | None = None
        self.current: Notice | None = None

    def show(self, notice: Notice) -> None:
        """In place of the message before."""
        self.close()
        self.current = notice
        self._until = 0.0 if notice.lasting else time.monotonic() + NEWS_SECONDS
        self._build(notice)

    def close(self) -> bool:
        """No message. False if there was none."""
        was_open = self.current is not None
        if self._panel is not None:
            self._panel.kill()
        self._panel = self.current = self.close_button = self.action_button = None
        return was_open

    def move(self, place: pygame.Rect) -> None:
        """Another place: the window was resized."""
        before, self._place = self._place, place
        if self._panel is not None and place.width == before.width:
            put(self._panel, pygame.Rect(place.topleft, self._panel.relative_rect.size))
        elif self.current is not None:
            notice, until = self.current, self._until
            self.show(notice)
            self._until = until

    def pass_time(self) -> bool:
        """Closes news that were there long enough; True if it did."""
        if self.current is None or not self._until or time.monotonic() < self._until:
            return False
        return self.close()

    def _build(self, notice: Notice) -> None:
        place = self._place
        action_width = BUTTON_WIDTH + PADDING if notice.action else 0
        text_width = place.width - 2 * PADDING - CLOSE_SIZE - action_width
        panel = UIPanel(
            pygame.Rect(place.topleft, (place.width, 400)),
            starting_height=20,
            manager=self._manager,
            object_id=ObjectID(object_id="#notice"),
            margins={"left": 0, "right": 0, "top": 0, "bottom": 0},
        )
        text = UITextBox(
            html.escape(as_sentence(notice.text)),
            pygame.Rect(PADDING, PADDING - 4, text_width, -1),
            self._manager,
            container=panel,
            object_id=ObjectID(class_id="@notice_text"),
        )
        height = max(int(text.rect.height) + 2 * (PADDING - 4), CLOSE_SIZE + 2 * (PADDING - 4))
        put(panel, pygame.Rect(place.topleft, (place.width, height)))
        right = place.width - PADDING // 2
        close = pygame.Rect(right - CLOSE_SIZE, PADDING - 4, CLOSE_SIZE, CLOSE_SIZE)
        self.close_button = UIButton(
            close, "", self._manager, panel, object_id=ObjectID(class_id="@on_notice"), command=self._closed
        )
        self.close_button.set_tooltip("Close (Esc)")
        icon_place = pygame.Rect(0, 0, ICON_SIZE, ICON_SIZE)
        icon_place.center = close.center
        Icon(icon_place, partial(cross, colour=self._manager.get_theme().get_colour("text")), self._manager, panel)
        if notice.action is not None:
            button = pygame.Rect(close.left - BUTTON_WIDTH - PADDING // 2, PADDING - 4, BUTTON_WIDTH, BUTTON_HEIGHT)
            self.action_button = UIButton(
                button,
                notice.action_label,
                self._manager,
                panel,
                object_id=ObjectID(class_id="@primary"),
                command=notice.action,
            )
        self._panel = panel

    def _closed(self) -> None:
        self.close()

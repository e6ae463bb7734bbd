"""A question in a window of its own, with a button for each answer. Knows sentences, not what they are about."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.elements import UIButton, UITextBox, UIWindow
from pygame_gui.ui_manager import UIManager

from explorer.app.dialogs import centred

SIZE = (560, 176)
MARGIN = 16
GAP = 8
BUTTON_HEIGHT = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One of them."""

    label: str
    action: Callable[[], None]
    primary: bool = False


class QuestionWindow(UIWindow):
    """Closes with the answer. Closing it otherwise answers nothing."""

    def __init__(self, title: str, text: str, answers: Sequence[Answer], manager: UIManager) -> None:
        super().__init__(
            centred(SIZE, manager), manager, window_display_title=title, object_id=ObjectID(object_id="#question")
        )
        inside = self.get_container().get_rect()
        width = int(inside.width) - 2 * MARGIN
        top = int(inside.height) - MARGIN - BUTTON_HEIGHT
        UITextBox(
            html.escape(text),
            pygame.Rect(MARGIN, MARGIN // 2, width, top - MARGIN // 2),
            manager,
            container=self,
            object_id=ObjectID(class_id="@notice_text"),
        )
        pitch = (width + GAP) / len(answers)
        self.buttons: dict[str, UIButton] = {}
        for index, answer in enumerate(answers):
            left, right = round(index * pitch), round((index + 1) * pitch) - GAP
            self.buttons[answer.label] = UIButton(
                pygame.Rect(MARGIN + left, top, right - left, BUTTON_HEIGHT),
                answer.label,
                manager,
                self,
                object_id=ObjectID(class_id="@primary" if answer.primary else "@button"),
                command=self._answering(answer),
            )
        self.set_blocking(True)

    def _answering(self, answer: Answer) -> Callable[[], None]:
        def act() -> None:
            self.kill()
            answer.action()

        return act

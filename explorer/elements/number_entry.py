"""A text field for one number. What is not a number is not taken, and the number before comes back.

Up, Down and the wheel go by single steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pygame
import pygame_gui
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.elements import UITextEntryLine
from pygame_gui.ui_manager import UIManager

from explorer.elements.nudges import Nudges, WheelGuard, key_steps
from explorer.elements.phase import Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFormat:
    """How a number is written and what range it has."""

    low: float
    high: float
    decimals: int = 0
    """0 for whole numbers"""
    step: float = 1.0
    """what the wheel and the arrow keys change it by"""

    def write(self, value: float) -> str:
        """The number as it stands in the field."""
        return f"{value:.{self.decimals}f}"

    def within(self, value: float) -> float:
        """The number nearest to the value that the range has."""
        return min(max(value, self.low), self.high)

    def read(self, text: str) -> float | None:
        """The number, brought into the range; None if the text is not one. A decimal comma is understood."""
        try:
            value = float(text.strip().replace(",", "."))
        except ValueError:
            return None
        if value != value:  # NaN
            return None
        value = self.within(value)
        return value if self.decimals else float(round(value))


class NumberEntry(UITextEntryLine):
    """Calls `on_change(number, "drop")` after Enter, or when the focus goes elsewhere after a change. Escape reverts.

    The steps of one gesture come as "drag", and its last number as "drop".
    """

    def __init__(
        self,
        rect: pygame.Rect,
        number_format: NumberFormat,
        manager: UIManager,
        container: IContainerLikeInterface,
        on_change: Callable[[float, Phase], None],
    ) -> None:
        self._format = number_format
        self._on_change = on_change
        self._shown = ""
        self._value = number_format.low
        self._wheel = WheelGuard()
        self._nudges = Nudges(self._drop)
        super().__init__(rect, manager, container=container)

    def show_value(self, value: float) -> None:
        """Writes the number, unless the person is typing."""
        text = self._format.write(value)
        if self._nudges.pending and abs(value - self._value) > self._format.step / 2:
            self._nudges.forget()
        elif self.is_focused:
            return
        self._value = value
        if text != self._shown:
            self._shown = text
            self.set_text(text)

    @property
    def value(self) -> float:
        """The number that counts at present."""
        return self._value

    def nudge(self, steps: int) -> None:
        """So many steps up, or down if negative; what was typed counts first."""
        typed = self._format.read(self.text) if self.text != self._shown else None
        value = self._value if typed is None else typed
        self._value = self._format.within(round(value + steps * self._format.step, 6))
        self._shown = self._format.write(self._value)
        self.set_text(self._shown)
        self._nudges.step()
        self._on_change(self._value, "drag")

    def update(self, time_delta: float) -> None:
        """Ends a gesture in time."""
        self._nudges.pass_time(time_delta)
        super().update(time_delta)

    def kill(self) -> None:
        """Ends a gesture first."""
        if self._nudges.pending:
            self._nudges.forget()
            self._drop()
        super().kill()

    def process_event(self, event: pygame.event.Event) -> bool:
        """Enter commits, Escape reverts, the first click selects all, Up, Down and the wheel step."""
        if event.type == pygame_gui.UI_TEXT_ENTRY_FINISHED and event.ui_element is self:
            self._commit()
            self.ui_manager.set_focus_set(None)
            return True
        if event.type == pygame.KEYDOWN and event.key == pygame.K_ESCAPE and self.is_focused:
            self._write(self._shown)
            self.ui_manager.set_focus_set(None)
            return True
        steps = self._steps(event)
        if steps:
            self.nudge(steps)
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

    def _steps(self, event: pygame.event.Event) -> int:
        if not self.is_enabled:
            return 0
        if event.type == pygame.KEYDOWN and self.is_focused and event.key in (pygame.K_UP, pygame.K_DOWN):
            return key_steps(event)
        return self._wheel.steps(event, under_mouse=bool(self.hover_point(*self.ui_manager.get_mouse_position())))

    def _drop(self) -> None:
        self._on_change(self._value, "drop")

    def _commit(self) -> None:
        if self.text == self._shown:
            return
        value = self._format.read(self.text)
        if value is None:
            self._write(self._shown)
            return
        self._nudges.forget()
        self._value = value
        self._shown = self._format.write(value)
        self._write(self._shown)
        self._on_change(value, "drop")

    def _write(self, text: str) -> None:
        self.set_text(text)

"""One of a few choices, or several of them, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

import pygame
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.elements import UIButton
from pygame_gui.ui_manager import UIManager

from explorer.elements.placing import put

Value = TypeVar("Value")
GAP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Generic[Value]):
    """One of them."""

    label: str
    value: Value
    tooltip: str


class ChoiceRow(Generic[Value]):
    """Buttons of equal width, of which the chosen one is lit. Calls `on_choice(value)`."""

    def __init__(
        self,
        rect: pygame.Rect,
        choices: Sequence[Choice[Value]],
        manager: UIManager,
        container: IContainerLikeInterface,
        on_choice: Callable[[Value], None],
    ) -> None:
        self.buttons: dict[Value, UIButton] = {}
        self._chosen: frozenset[Value] = frozenset()
        for choice, place in zip(choices, _places(rect, len(choices)), strict=True):
            self.buttons[choice.value] = UIButton(
                place,
                choice.label,
                manager,
                container,
                command=partial(on_choice, choice.value),
                tool_tip_text=choice.tooltip,
            )

    def resize(self, rect: pygame.Rect) -> None:
        """To another place, or of another width."""
        for button, place in zip(self.buttons.values(), _places(rect, len(self.buttons)), strict=True):
            put(button, place)

    def show_value(self, value: Value | None) -> None:
        """Lights the button of this value; none of them if it is not among the choices."""
        self.show_values(frozenset() if value is None else frozenset({value}))

    def show_values(self, values: Set[Value]) -> None:
        """Lights several: for choices that do not exclude each other."""
        if values == self._chosen:
            return
        self._chosen = frozenset(values)
        for choice, button in self.buttons.items():
            if choice in values:
                button.select()
            else:
                button.unselect()

    def allow(self, values: Set[Value]) -> None:
        """Only these can be chosen."""
        for choice, button in self.buttons.items():
            if choice in values and not button.is_enabled:
                button.enable()
            elif choice not in values and button.is_enabled:
                button.disable()


def _places(rect: pygame.Rect, count: int) -> list[pygame.Rect]:
    """Of so many buttons, side by side."""
    pitch = (rect.width + GAP) / count
    edges = [(round(index * pitch), round((index + 1) * pitch) - GAP) for index in range(count)]
    return [pygame.Rect(rect.x + left, rect.y, right - left, rect.height) for left, right in edges]

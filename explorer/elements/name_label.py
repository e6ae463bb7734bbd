"""The name of a control. Knows nothing of the control but how to reset it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.elements import UILabel
from pygame_gui.ui_manager import UIManager


@dataclass(frozen=True, slots=True, kw_only=True)
class NameStyle:
    """What the name says, and how."""

    text: str
    tooltip: str | None = None
    class_id: str = "@label"


class NameLabel(UILabel):
    """A double click calls `on_reset`."""

    def __init__(
        self,
        rect: pygame.Rect,
        style: NameStyle,
        manager: UIManager,
        container: IContainerLikeInterface,
        on_reset: Callable[[], None],
    ) -> None:
        self._on_reset = on_reset
        self._clicked_at = 0.0
        super().__init__(rect, style.text, manager, container, object_id=ObjectID(class_id=style.class_id))
        self.set_tooltip(style.tooltip)

    def process_event(self, event: pygame.event.Event) -> bool:
        """Two clicks in a short time."""
        left_down = event.type == pygame.MOUSEBUTTONDOWN and event.button == pygame.BUTTON_LEFT
        if not left_down or not self.hover_point(*event.pos):
            return bool(super().process_event(event))
        now = time.monotonic()
        twice = now - self._clicked_at < self.ui_manager.get_double_click_time()
        self._clicked_at = 0.0 if twice else now
        if twice:
            self._on_reset()
        return True

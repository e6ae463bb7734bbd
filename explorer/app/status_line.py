"""The thin line at the bottom: model, device, speed at the left, a hint at the right."""

from __future__ import annotations

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.elements import UILabel, UIPanel
from pygame_gui.ui_manager import UIManager

from explorer.elements.placing import put
from explorer.panels.text_fit import fitted

MARGIN = 12
HINT = "N new seeds   ·   click to keep   ·   drag to wander   ·   ? all shortcuts"
HINT_WIDTH = 500


class StatusLine:
    """Two labels."""

    def __init__(self, rect: pygame.Rect, manager: UIManager) -> None:
        self._panel = UIPanel(
            rect,
            manager=manager,
            object_id=ObjectID(object_id="#status"),
            margins={"left": 0, "right": 0, "top": 0, "bottom": 0},
        )
        self._written = ""
        height = rect.height
        self.left = UILabel(
            pygame.Rect(MARGIN, 0, rect.width - HINT_WIDTH - 3 * MARGIN, height),
            "",
            manager,
            self._panel,
            object_id=ObjectID(class_id="@muted"),
        )
        self.right = UILabel(
            pygame.Rect(rect.width - HINT_WIDTH - MARGIN, 0, HINT_WIDTH, height),
            HINT,
            manager,
            self._panel,
            object_id=ObjectID(class_id="@muted_right"),
        )

    def show_text(self, text: str) -> None:
        """What is going on."""
        font = self.left.font
        if font is None or text == self._written:
            return
        self._written = text
        shown = fitted(text, int(self.left.rect.width), lambda candidate: font.size(candidate)[0])
        if shown != self.left.text:
            self.left.set_text(shown)

    def resize(self, rect: pygame.Rect) -> None:
        """Another width, another place."""
        self._written = ""
        put(self._panel, rect)
        put(self.left, pygame.Rect(MARGIN, 0, rect.width - HINT_WIDTH - 3 * MARGIN, rect.height))
        put(self.right, pygame.Rect(rect.width - HINT_WIDTH - MARGIN, 0, HINT_WIDTH, rect.height))

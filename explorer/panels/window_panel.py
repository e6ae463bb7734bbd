"""How the window looks: theme, and the size of everything in it. Knows what to ask for, not how it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pygame

from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.panels.panel import BUTTON_HEIGHT, CONTROL_LEFT, LABEL_WIDTH, Column, Panel, PanelFrame

THEMES = (
    Choice(label="Dark", value="dark", tooltip="Light text on a dark ground: pictures look brighter"),
    Choice(label="Light", value="light", tooltip="Dark text on a light ground"),
)
SCALES = tuple(
    Choice(label=f"{scale:g}", value=scale, tooltip=f"Everything {scale:g} times as large, as far as it fits")
    for scale in (1.0, 1.25, 1.5, 2.0, 2.5)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPanelActions:
    """What the panel shows and asks for."""

    theme: Callable[[], str]
    scale: Callable[[], float]
    choose_theme: Callable[[str], None]
    choose_scale: Callable[[float], None]


class WindowPanel(Panel):
    """Two rows of choices."""

    title = "Window"
    tooltip = "Theme, and the size of everything"

    def __init__(self, frame: PanelFrame, actions: WindowPanelActions, *, opened: bool = False) -> None:
        super().__init__(frame, opened=opened)
        self._actions = actions

    def build_body(self, column: Column) -> None:
        """Theme and size."""
        row = column.place(BUTTON_HEIGHT)
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "Theme")
        place = pygame.Rect(CONTROL_LEFT, row.y, row.right - CONTROL_LEFT, BUTTON_HEIGHT)
        self.theme = ChoiceRow(place, THEMES, self.frame.manager, self.place, self._actions.choose_theme)
        row = column.place(BUTTON_HEIGHT)
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "Size")
        place = pygame.Rect(CONTROL_LEFT, row.y, row.right - CONTROL_LEFT, BUTTON_HEIGHT)
        self.scale = ChoiceRow(place, SCALES, self.frame.manager, self.place, self._actions.choose_scale)

    def sync_body(self) -> None:
        """What is chosen."""
        self.theme.show_value(self._actions.theme())
        self.scale.show_value(self._actions.scale())

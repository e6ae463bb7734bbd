"""A name, a slider and the number it stands at, in one row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pygame
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.ui_manager import UIManager

from explorer.elements.name_label import NameLabel, NameStyle
from explorer.elements.number_entry import NumberEntry, NumberFormat
from explorer.elements.phase import Phase
from explorer.elements.value_slider import ValueRange, ValueSlider

ROW_HEIGHT = 24
SLIDER_HEIGHT = 18
ENTRY_WIDTH = 52
GAP = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class RowStyle:
    """What a row says and how."""

    label: str
    values: ValueRange
    label_width: int = 88
    label_class: str = "@label"
    tooltip: str | None = None
    name: str = ""
    """what it is called elsewhere, if that is not its label"""
    typed: tuple[float, float] | None = None
    """the range of typed numbers where it is wider than the slider's"""


class ValueRow:
    """Calls `on_change(value, phase)`, phase "drag" or "drop"; a typed number is a drop.

    A double click on the name or on the handle resets.
    """

    def __init__(
        self,
        rect: pygame.Rect,
        style: RowStyle,
        manager: UIManager,
        container: IContainerLikeInterface,
        on_change: Callable[[float, Phase], None],
    ) -> None:
        values = style.values
        label_rect = pygame.Rect(rect.x, rect.y, style.label_width, ROW_HEIGHT)
        slider_width = rect.width - style.label_width - ENTRY_WIDTH - 2 * GAP
        self.slider = ValueSlider(
            pygame.Rect(
                label_rect.right + GAP, rect.y + (ROW_HEIGHT - SLIDER_HEIGHT) // 2, slider_width, SLIDER_HEIGHT
            ),
            values,
            manager,
            container,
            on_change,
        )
        low, high = style.typed or (values.low, values.high)
        self.entry = NumberEntry(
            pygame.Rect(rect.right - ENTRY_WIDTH, rect.y, ENTRY_WIDTH, ROW_HEIGHT),
            NumberFormat(low=low, high=high, decimals=values.decimals, step=values.step),
            manager,
            container,
            on_change,
        )
        self.slider.name = style.name or style.label
        self.slider.set_tooltips(style.tooltip)
        self.entry.set_tooltip(style.tooltip)
        self.label: NameLabel | None = None
        if style.label:
            name = NameStyle(text=style.label, tooltip=style.tooltip, class_id=style.label_class)
            self.label = NameLabel(label_rect, name, manager, container, self.slider.reset)

    def show_value(self, value: float) -> None:
        """Brings slider and number into line without calling back."""
        self.slider.show_value(value)
        self.entry.show_value(value)

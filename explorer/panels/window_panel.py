"""How the window looks and what it shows: theme, sizes, views. Knows what to ask for, not how it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pygame

from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.elements.number_entry import NumberFormat
from explorer.library.settings import MAX_SOUND_DELAY_MS
from explorer.panels.panel import BUTTON_HEIGHT, CONTROL_LEFT, LABEL_WIDTH, Column, NumberField, Panel, PanelFrame

THEMES = (
    Choice(label="Dark", value="dark", tooltip="Light text on a dark ground: pictures look brighter"),
    Choice(label="Light", value="light", tooltip="Dark text on a light ground"),
)
SCALES = tuple(
    Choice(label=f"{scale:g}", value=scale, tooltip=f"Everything {scale:g} times as large, as far as it fits")
    for scale in (1.0, 1.25, 1.5, 2.0, 2.5)
)

DEVICES = (
    Choice(label="CPU", value="cpu", tooltip="Pictures are computed by the processor"),
    Choice(label="CUDA", value="cuda", tooltip="Pictures are computed by an NVIDIA graphics card, if there is one"),
    Choice(label="MPS", value="mps", tooltip="Pictures are computed by the graphics of an Apple computer"),
)
VIEWS = (
    (
        Choice(
            label="Film strip", value="film", tooltip="Pictures along psi's range (P: along the slider under the mouse)"
        ),
        Choice(label="Layers", value="layers", tooltip="Maps of the network's layers (M)"),
    ),
    (
        Choice(label="History", value="history", tooltip="Thumbnails of the last steps (H)"),
        Choice(label="Library", value="library", tooltip="All favourites (L)"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPanelActions:
    """What the panel shows and asks for."""

    theme: Callable[[], str]
    scale: Callable[[], float]
    choose_theme: Callable[[str], None]
    choose_scale: Callable[[float], None]
    sound_delay: Callable[[], int]
    """milliseconds"""
    set_sound_delay: Callable[[int], None]
    device: Callable[[], str]
    """what pictures are computed on, "" before that is known"""
    devices: Callable[[], tuple[str, ...]]
    """what they could be computed on"""
    choose_device: Callable[[str], None]
    views: Callable[[], frozenset[str]]
    """which are open, of 'film', 'layers', 'history' and 'library'"""
    toggle_view: Callable[[str], None]


class WindowPanel(Panel):
    """Rows of choices."""

    title = "Window"
    tooltip = "Theme, the size of everything, what computes, the sound's delay, and views of pictures and network"

    def __init__(self, frame: PanelFrame, actions: WindowPanelActions, *, opened: bool = False) -> None:
        super().__init__(frame, opened=opened)
        self._actions = actions

    def build_body(self, column: Column) -> None:
        """Theme, size and views."""
        row = column.place(BUTTON_HEIGHT)
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "Theme")
        place = pygame.Rect(CONTROL_LEFT, row.y, row.right - CONTROL_LEFT, BUTTON_HEIGHT)
        self.theme = ChoiceRow(place, THEMES, self.frame.manager, self.place, self._actions.choose_theme)
        row = column.place(BUTTON_HEIGHT)
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "Size")
        place = pygame.Rect(CONTROL_LEFT, row.y, row.right - CONTROL_LEFT, BUTTON_HEIGHT)
        self.scale = ChoiceRow(place, SCALES, self.frame.manager, self.place, self._actions.choose_scale)
        row = column.place(BUTTON_HEIGHT)
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "Device")
        place = pygame.Rect(CONTROL_LEFT, row.y, row.right - CONTROL_LEFT, BUTTON_HEIGHT)
        self.device = ChoiceRow(place, DEVICES, self.frame.manager, self.place, self._actions.choose_device)
        self.views = [self._view_row(column.place(BUTTON_HEIGHT), index) for index in range(len(VIEWS))]
        row = column.place(BUTTON_HEIGHT)
        self.sound_delay = self.number_field(row, self._sound_field())
        self.label(self.beside_number(row), "ms late", "@muted")

    def _sound_field(self) -> NumberField:
        return NumberField(
            label="Sound is",
            tooltip="How late loudspeakers are, such as wireless ones: a film that is played waits for its sound",
            numbers=NumberFormat(low=0, high=MAX_SOUND_DELAY_MS, step=10),
            default=0,
            on_change=lambda ms, _phase: self._actions.set_sound_delay(round(ms)),
        )

    def _view_row(self, row: pygame.Rect, index: int) -> ChoiceRow[str]:
        if index == 0:
            self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "Show")
        place = pygame.Rect(CONTROL_LEFT, row.y, row.right - CONTROL_LEFT, BUTTON_HEIGHT)
        return ChoiceRow(place, VIEWS[index], self.frame.manager, self.place, self._actions.toggle_view)

    def sync_body(self) -> None:
        """What is chosen."""
        self.theme.show_value(self._actions.theme())
        self.scale.show_value(self._actions.scale())
        self.sound_delay.show_value(self._actions.sound_delay())
        self.device.show_value(self._actions.device() or None)
        self.device.allow(frozenset(self._actions.devices()))
        for row in self.views:
            row.show_values(self._actions.views() & row.buttons.keys())

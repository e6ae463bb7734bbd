"""A video that walks through the favourites. Knows what to ask for, not how it is made."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.elements import UIButton, UIProgressBar

from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.elements.phase import Phase
from explorer.elements.value_row import RowStyle, ValueRow
from explorer.elements.value_slider import ValueRange
from explorer.panels.panel import BUTTON_HEIGHT, LABEL_WIDTH, PANEL_WIDTH, Column, Panel, PanelFrame
from explorer.panels.states import ExportState
from explorer.panels.text_fit import shown_path

SECONDS = ValueRange(low=0.5, high=10.0, default=2.0, step=0.1, decimals=1)
TYPED_SECONDS = (0.1, 60.0)
FPS_CHOICES = tuple(Choice(label=str(n), value=n, tooltip=f"{n} frames a second") for n in (24, 30, 60))
CHANGE_WIDTH = 88
FPS_WIDTH = 92
ENDS = (
    Choice(label="Loop", value=True, tooltip="The last favourite leads back to the first"),
    Choice(label="Once", value=False, tooltip="The video ends at the last favourite"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportActions:
    """What the panel asks for."""

    state: Callable[[], ExportState]
    change: Callable[[ExportState], None]
    choose_path: Callable[[], None]
    start: Callable[[], None]
    cancel: Callable[[], None]


class ExportProgressBar(UIProgressBar):
    """Says frames instead of percent."""

    done_text = ""

    def status_text(self) -> str:
        """For example "12 of 90 frames"."""
        return self.done_text or " "


class ExportPanel(Panel):
    """Seconds, frames a second, loop, where to, and the button."""

    title = "Export video"
    tooltip = "A walk through the favourites, in their order"

    def __init__(self, frame: PanelFrame, actions: ExportActions) -> None:
        super().__init__(frame)
        self._actions = actions

    def structure(self) -> Hashable:
        """Progress and Cancel take the button's place."""
        return self._actions.state().running

    def build_body(self, column: Column) -> None:
        """Settings, path, button or progress."""
        self._build_timing(column)
        self._build_path(column.place(BUTTON_HEIGHT))
        self.hint = self.label(column.place(18), "", "@muted")
        if self._actions.state().running:
            self._build_progress(column.place(BUTTON_HEIGHT))
            return
        self.export_button = UIButton(
            column.place(32),
            "Export video",
            self.frame.manager,
            self.place,
            object_id=ObjectID(class_id="@primary"),
            command=self._actions.start,
            tool_tip_text="Make the video (E)",
        )

    def sync_body(self) -> None:
        """Settings and progress."""
        state = self._actions.state()
        self.seconds.show_value(state.seconds_per_step)
        self.fps.show_value(state.fps)
        self.loop.show_value(state.loop)
        if state.path is not None:
            self.show_text(self.path, shown_path(state.path))
            self.path.set_tooltip(str(state.path))
        self.show_text(self.hint, self._hint(state))
        if state.running:
            text = f"{state.done} of {state.total} frames" if state.total else "Starting…"
            if text != self.progress.done_text:
                self.progress.done_text = text
                self.progress.percent_full = state.done / state.total if state.total else 0.0
                self.progress.redraw()
        elif state.keyframes < 2 or state.opening:
            self.export_button.disable()
        else:
            self.export_button.enable()

    def _hint(self, state: ExportState) -> str:
        missing = 2 - state.keyframes
        if missing > 0:
            return f"Needs {missing} more favourite{'s' if missing > 1 else ''}: click a picture"
        steps = state.keyframes if state.loop else state.keyframes - 1
        seconds = steps * state.seconds_per_step
        return f"{state.keyframes} favourites, {seconds:.1f} seconds"

    def _build_timing(self, column: Column) -> None:
        manager = self.frame.manager
        style = RowStyle(
            label="Seconds",
            values=SECONDS,
            label_width=LABEL_WIDTH,
            typed=TYPED_SECONDS,
            tooltip="From one favourite to the next",
        )
        self.seconds = ValueRow(column.place(), style, manager, self.place, self._change_seconds)
        row = column.place(BUTTON_HEIGHT)
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "Frames / s")
        fps_place = pygame.Rect(LABEL_WIDTH + 8, row.y, FPS_WIDTH, BUTTON_HEIGHT)
        self.fps = ChoiceRow(fps_place, FPS_CHOICES, manager, self.place, self._change_fps)
        end_left = fps_place.right + 12
        end_place = pygame.Rect(end_left, row.y, PANEL_WIDTH - end_left, BUTTON_HEIGHT)
        self.loop = ChoiceRow(end_place, ENDS, manager, self.place, self._change_loop)

    def _build_path(self, row: pygame.Rect) -> None:
        place = pygame.Rect(0, row.y, PANEL_WIDTH - CHANGE_WIDTH - 8, BUTTON_HEIGHT)
        self.path = self.label(place, "", "@muted")
        self.path_button = self.button(
            pygame.Rect(PANEL_WIDTH - CHANGE_WIDTH, row.y, CHANGE_WIDTH, BUTTON_HEIGHT),
            "Change…",
            self._actions.choose_path,
            "Another folder or name",
        )

    def _build_progress(self, row: pygame.Rect) -> None:
        self.progress = ExportProgressBar(
            pygame.Rect(0, row.y, PANEL_WIDTH - CHANGE_WIDTH - 8, BUTTON_HEIGHT),
            self.frame.manager,
            self.place,
        )
        self.cancel_button = self.button(
            pygame.Rect(PANEL_WIDTH - CHANGE_WIDTH, row.y, CHANGE_WIDTH, BUTTON_HEIGHT),
            "Cancel",
            self._actions.cancel,
            "Give the video up; nothing of it stays",
        )

    def _change_seconds(self, seconds: float, _phase: Phase) -> None:
        self._actions.change(replace(self._actions.state(), seconds_per_step=seconds))

    def _change_fps(self, fps: int) -> None:
        self._actions.change(replace(self._actions.state(), fps=fps))

    def _change_loop(self, loop: bool) -> None:
        self._actions.change(replace(self._actions.state(), loop=loop))

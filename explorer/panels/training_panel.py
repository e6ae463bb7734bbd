"""The training that is followed: where it is, its curves, what its watch says; and how to begin one.

Knows what a run's folder tells, not how it is read or who trains.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.elements import UIButton, UITextBox

from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.elements.curve_chart import CurveChart
from explorer.panels.panel import BUTTON_HEIGHT, PANEL_WIDTH, Column, Panel, PanelFrame
from explorer.panels.states import TrainingState
from explorer.runs.run_state import RunState

LINE_HEIGHT = 18
CHART_HEIGHT = 72
HALF = (PANEL_WIDTH - 8) // 2
NEWEST, BEST = "newest", "best"
WANTED = (
    Choice(label="Newest", value=NEWEST, tooltip="Every snapshot as soon as it is written"),
    Choice(
        label="Best", value=BEST, tooltip="The snapshot that the judge likes best (network-best), whenever it changes"
    ),
)
STALE_MINUTES = 3
"""from which on a run that says nothing is told of"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingActions:
    """What the panel shows and asks for."""

    state: Callable[[], TrainingState]
    want: Callable[[str], None]
    """'newest' or 'best'"""
    follow: Callable[[], None]
    """asks for a run folder"""
    leave: Callable[[], None]
    """follows no more"""
    train: Callable[[], None]
    """opens the window that begins a training"""
    stop: Callable[[], None]
    """ends the one that was begun here"""
    go_on: Callable[[], None]
    """asks for how much longer the run that is followed should train"""


class TrainingPanel(Panel):
    """Without a run, how to get one; with one, all about it."""

    title = "Training"
    tooltip = "Watch a model while it learns"

    def __init__(self, frame: PanelFrame, actions: TrainingActions) -> None:
        super().__init__(frame, opened=False)
        self._actions = actions
        self.charts: list[CurveChart] = []

    @property
    def follows(self) -> bool:
        """Whether there is a training to look at."""
        state = self._actions.state()
        return state.run is not None or state.running

    def structure(self) -> Hashable:
        """A chart for each kind of curve, and the newest warning."""
        state = self._actions.state()
        run = state.run
        if run is None:
            return state.running
        return tuple(chart.title for chart in run.charts), run.warnings, run.best is None, state.running

    def build_body(self, column: Column) -> None:
        """Names and numbers, choices, charts, a warning, buttons."""
        self.charts = []
        state = self._actions.state()
        run = state.run
        if run is None:
            self._build_beginning(column)
            return
        self.name = self.label(column.place(LINE_HEIGHT, gap=2), "", "@label")
        self.progress = self.label(column.place(LINE_HEIGHT, gap=2), "", "@muted")
        self.shown = self.label(column.place(LINE_HEIGHT), "", "@muted")
        if run.best is not None:
            place = column.place(BUTTON_HEIGHT)
            self.wanted = ChoiceRow(place, WANTED, self.frame.manager, self.place, self._actions.want)
        for _ in run.charts:
            self.charts.append(CurveChart(column.place(CHART_HEIGHT), self.frame.manager, self.place))
        if run.warnings:
            self._build_warning(column, run)
        row = self._build_process(column)
        self.leave_button = self.button(
            pygame.Rect(PANEL_WIDTH - HALF, row.y, HALF, BUTTON_HEIGHT),
            "Stop following",
            self._actions.leave,
            "The snapshot that is open stays; the training is not touched",
        )
        if not state.running:
            self._build_train(column.place(BUTTON_HEIGHT))

    def sync_body(self) -> None:
        """What the folder told last."""
        state = self._actions.state()
        run = state.run
        if state.running:
            self.show_text(self.line, state.line)
        if run is None:
            return
        self.show_text(self.name, run.folder.name)
        if self.name.tool_tip_text != str(run.folder):
            self.name.set_tooltip(str(run.folder))
        self.show_text(self.progress, run.problem or progress_of(run))
        self.show_text(self.shown, state.shown)
        if run.best is not None:
            self.wanted.show_value(state.wanted)
        for element, chart in zip(self.charts, run.charts, strict=True):
            element.show_chart(chart)

    def _build_beginning(self, column: Column) -> None:
        row = self._build_process(column) if self._actions.state().running else column.place(BUTTON_HEIGHT)
        if not self._actions.state().running:
            self._build_train(row)
        self.follow_button: UIButton = self.button(
            pygame.Rect(PANEL_WIDTH - HALF, row.y, HALF, BUTTON_HEIGHT),
            "Follow a run…",
            self._actions.follow,
            "Open the folder of a training run: every new snapshot is shown as it appears",
        )

    def _build_process(self, column: Column) -> pygame.Rect:
        """What the training that was begun here does, and a button to end it, or to go on; the row of the button."""
        running = self._actions.state().running
        if running:
            self.line = self.label(column.place(LINE_HEIGHT), "", "@muted")
        row = column.place(BUTTON_HEIGHT)
        place = pygame.Rect(0, row.y, HALF, BUTTON_HEIGHT)
        if running:
            tooltip = "It finishes its step and saves everything, to be continued"
            self.stop_button = self.button(place, "Stop training", self._actions.stop, tooltip)
        else:
            tooltip = "Train this run for longer, from its last checkpoint"
            self.continue_button = self.button(place, "Continue…", self._actions.go_on, tooltip)
        return row

    def _build_train(self, row: pygame.Rect) -> None:
        place = pygame.Rect(0, row.y, HALF, BUTTON_HEIGHT)
        tooltip = "Begin a training on a folder of pictures (R), or drop one on the window"
        self.train_button = self.button(place, "Train on pictures…", self._actions.train, tooltip)

    def _build_warning(self, column: Column, run: RunState) -> None:
        newest, earlier = run.warnings[-1], len(run.warnings) - 1
        also = "" if not earlier else f" ({earlier} earlier in warnings.jsonl)"
        self.warning = UITextBox(
            html.escape(f"At {newest.kimg:.1f} kimg: {newest.sentence}.{also}"),
            pygame.Rect(0, column.bottom, PANEL_WIDTH, -1),
            self.frame.manager,
            container=self.place,
            object_id=ObjectID(class_id="@notice_text"),
        )
        column.place(int(self.warning.rect.height))


def progress_of(run: RunState) -> str:
    """One line: how far, how long, how fast."""
    if not run.kimg:
        return "No report yet"
    parts = [f"{run.kimg:.1f} kimg", spoken(run.seconds)]
    if run.quiet_minutes >= STALE_MINUTES:
        parts.append(f"quiet for {spoken(run.quiet_minutes * 60).split(' 00 s')[0]}")
    else:
        parts.append(f"{run.img_per_second:.1f} img/s")
    return "  ·  ".join(parts)


def spoken(seconds: float) -> str:
    """In the two largest units that make sense."""
    minutes, hours, days = round(seconds) // 60, round(seconds) // 3600, round(seconds) // 86400
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60:02d} min"
    return f"{minutes} min {round(seconds) % 60:02d} s" if minutes else f"{round(seconds)} s"

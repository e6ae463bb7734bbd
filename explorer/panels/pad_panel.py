"""The latent pad: all pictures wander over the plane of seeds together."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace

import pygame

from engine.inference.requests import MAX_SEED
from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.elements.latent_pad import LatentPad
from explorer.elements.value_row import RowStyle, ValueRow
from explorer.elements.value_slider import ValueRange
from explorer.panels.panel import (
    BUTTON_HEIGHT,
    CONTROL_LEFT,
    LABEL_WIDTH,
    PANEL_WIDTH,
    Column,
    Panel,
    PanelFrame,
)
from explorer.panels.states import DriftState
from explorer.session.edits import with_pad
from explorer.session.history import Phase
from explorer.session.seed_plane import SEEDS_PER_ROW

PAD_HEIGHT = 160
LABEL_DIGITS = 6
CIRCLE = "circle"
KINDS = (
    Choice(label="Still", value="still", tooltip="Stays where it is (D)"),
    Choice(label="Straight", value="straight", tooltip="Wanders by itself, from seed to seed (D)"),
    Choice(label="Circle", value=CIRCLE, tooltip="A loop: after one round the pictures are as they were"),
)
SPEED = ValueRange(low=0.05, high=2.0, default=0.25, step=0.05)
RADIUS = ValueRange(low=0.1, high=5.0, default=1.0, step=0.1, decimals=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftActions:
    """What the panel shows and asks for beyond the document."""

    state: Callable[[], DriftState]
    change: Callable[[DriftState], None]


class PadPanel(Panel):
    """Drag the map, or any picture, to move."""

    title = "Latent pad"
    tooltip = "Drag to wander from seed to seed"
    reset_tooltip = "Back to where the pad started"

    def __init__(self, frame: PanelFrame, drift: DriftActions, *, opened: bool = True) -> None:
        super().__init__(frame, opened=opened)
        self._drift = drift

    def structure(self) -> Hashable:
        """Only a circle has a radius."""
        return self._drift.state().kind == CIRCLE

    def build_body(self, column: Column) -> None:
        """The map, where it stands, and how it moves by itself."""
        self.pad = LatentPad(column.place(PAD_HEIGHT), self.frame.manager, self.place, self._move, self._label_at)
        self.pad.set_tooltip("Drag the map: one seed to the right is the next, one down the hundredth next")
        row = column.place(BUTTON_HEIGHT)
        self.where = self.label(pygame.Rect(0, row.y, 168, BUTTON_HEIGHT), "", "@muted")
        self.snap_button = self.button(
            pygame.Rect(PANEL_WIDTH - 128, row.y, 128, BUTTON_HEIGHT),
            "Snap to seed",
            self._snap,
            "Go to the nearest seed",
        )

        self._build_drift(column)

    def sync_body(self) -> None:
        """Position from the document."""
        drift = self._drift.state()
        self.drift.show_value(drift.kind)
        self.speed.show_value(drift.speed)
        if self.radius is not None:
            self.radius.show_value(drift.radius)
        x, y = self.session.document.pad
        self.pad.show_position(x, y)
        text = f"x {x:.2f}   y {y:.2f}".replace("-", "\N{MINUS SIGN}")
        if self.where.text != text:
            self.where.set_text(text)
        if (x, y) == (round(x), round(y)):
            self.snap_button.disable()
        else:
            self.snap_button.enable()

    def reset(self) -> Callable[[], None]:
        """Back to where the pad started."""
        return self._reset

    def _build_drift(self, column: Column) -> None:
        manager = self.frame.manager
        row = column.place(BUTTON_HEIGHT)
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "Drift")
        place = pygame.Rect(CONTROL_LEFT, row.y, row.right - CONTROL_LEFT, BUTTON_HEIGHT)
        self.drift = ChoiceRow(place, KINDS, manager, self.place, self._change_kind)
        speed = RowStyle(label="Speed", values=SPEED, label_width=LABEL_WIDTH, tooltip="Seeds a second")
        self.speed = ValueRow(column.place(), speed, manager, self.place, self._change_speed)
        self.radius: ValueRow | None = None
        if self._drift.state().kind == CIRCLE:
            radius = RowStyle(label="Radius", values=RADIUS, label_width=LABEL_WIDTH, tooltip="Of the circle, in seeds")
            self.radius = ValueRow(column.place(), radius, manager, self.place, self._change_radius)

    def _change_kind(self, kind: str) -> None:
        self._drift.change(replace(self._drift.state(), kind=kind))

    def _change_speed(self, speed: float, _phase: Phase) -> None:
        self._drift.change(replace(self._drift.state(), speed=speed))

    def _change_radius(self, radius: float, _phase: Phase) -> None:
        self._drift.change(replace(self._drift.state(), radius=radius))

    def _label_at(self, column: int, row: int) -> str:
        """The seed; nothing where the plane wraps around at the ends of the range of seeds."""
        first = with_pad(self.session.document, 0.0, 0.0).seed_of(0)
        seed = first + column + SEEDS_PER_ROW * row
        return short_seed(seed) if 0 <= seed <= MAX_SEED else ""

    def _move(self, x: float, y: float, phase: Phase) -> None:
        self.session.edit(with_pad(self.session.document, x, y), phase)

    def _snap(self) -> None:
        x, y = self.session.document.pad
        self._move(float(math.floor(x + 0.5)), float(math.floor(y + 0.5)), "drop")

    def _reset(self) -> None:
        self._move(0.0, 0.0, "drop")


def short_seed(seed: int) -> str:
    """At most six characters: of a long seed the end, where neighbours differ."""
    text = str(seed)
    return text if len(text) <= LABEL_DIGITS else f"…{text[1 - LABEL_DIGITS :]}"

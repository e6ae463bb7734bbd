"""The latent pad: all pictures wander over the plane of seeds together."""

from __future__ import annotations

import math
from collections.abc import Callable

import pygame

from engine.inference.requests import MAX_SEED
from explorer.elements.latent_pad import LatentPad
from explorer.panels.panel import BUTTON_HEIGHT, PANEL_WIDTH, Column, Panel
from explorer.session.edits import with_pad
from explorer.session.history import Phase
from explorer.session.seed_plane import SEEDS_PER_ROW

PAD_HEIGHT = 160
LABEL_DIGITS = 6


class PadPanel(Panel):
    """Drag the map, or any picture, to move."""

    title = "Latent pad"
    tooltip = "Drag to wander from seed to seed"
    reset_tooltip = "Back to where the pad started"

    def build_body(self, column: Column) -> None:
        """The map, and where it stands."""
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

    def sync_body(self) -> None:
        """Position from the document."""
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

"""Beside the track: whether the film's noise stands still or goes round a closed way, how often, and how much of it."""

from __future__ import annotations

from dataclasses import replace

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.elements import UILabel, UIPanel
from pygame_gui.ui_manager import UIManager

from engine.video.moving import MAX_TURNS, NoisePath
from explorer.elements.button_state import enable
from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.elements.number_entry import NumberEntry, NumberFormat
from explorer.elements.phase import Phase
from explorer.panels.side_column import ROW, SideColumn
from explorer.session.studio import Studio

TITLE = 20
GAP = 2
LABEL_WIDTH = 46
KINDS = (
    Choice(label="Fixed", value="fixed", tooltip="The noise of the first key that has any, in every frame"),
    Choice(label="Loop", value="loop", tooltip="The noise goes round a closed way: it lives, and never flickers"),
)
TURNS = NumberFormat(low=1, high=MAX_TURNS)
MOVES = NumberFormat(low=0.0, high=1.0, decimals=2, step=0.05)


class NoiseColumn(SideColumn):
    """A title and three rows."""

    def __init__(self, place: pygame.Rect, manager: UIManager, container: UIPanel, studio: Studio) -> None:
        self._studio = studio
        super().__init__(place)
        label = ObjectID(class_id="@label")
        title = pygame.Rect(place.x, place.y, place.width, TITLE)
        self._labels = [UILabel(title, "Noise", manager, container, object_id=label)]

        def row(number: int) -> pygame.Rect:
            return pygame.Rect(place.x, place.y + TITLE + GAP + number * (ROW + GAP), place.width, ROW)

        def entry(number: int, text: str) -> pygame.Rect:
            whole = row(number)
            self._labels.append(
                UILabel(pygame.Rect(whole.topleft, (LABEL_WIDTH, ROW)), text, manager, container, object_id=label)
            )
            return pygame.Rect(whole.x + LABEL_WIDTH, whole.y, whole.width - LABEL_WIDTH, ROW)

        self.kinds = ChoiceRow(row(0), KINDS, manager, container, lambda kind: self._set(kind=kind))
        self.turns = NumberEntry(
            entry(1, "Turns"), TURNS, manager, container, lambda value, phase: self._set(phase, turns=round(value))
        )
        self.turns.set_tooltip("How often the noise goes round in the film: more is livelier")
        self.moves = NumberEntry(
            entry(2, "Moves"), MOVES, manager, container, lambda value, phase: self._set(phase, amount=value)
        )
        self.moves.set_tooltip("How much of the noise moves, 0 to 1; the rest stands still")
        self._elements = (*self._labels, *self.kinds.buttons.values(), self.turns, self.moves)

    def show_values(self) -> None:
        """As the film has them."""
        noise = self._studio.timeline.noise
        self.kinds.show_value(noise.kind)
        for field, value in ((self.turns, noise.turns), (self.moves, noise.amount)):
            enable(field, noise.kind == "loop")
            field.show_value(value)

    def _set(self, phase: Phase = "drop", **values: str | float) -> None:
        timeline = self._studio.timeline
        noise: NoisePath = replace(timeline.noise, **values)  # type: ignore[arg-type]
        self._studio.edit(replace(timeline, noise=noise), phase)

"""Which seeds the grid shows, and how many."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.panels.panel import BUTTON_HEIGHT, CONTROL_LEFT, LABEL_WIDTH, Column, NumberField, Panel
from explorer.panels.seed_numbers import SeedNumbers
from explorer.session.document import MAX_SIDE
from explorer.session.edits import with_first_seed, with_grid, with_random_seeds
from explorer.session.history import Phase


class SeedsPanel(Panel):
    """Seeds follow each other in reading order until new ones are drawn."""

    title = "Seeds"
    tooltip = "The number that each picture grows from"
    reset_tooltip = "Seeds from 0 on"

    def build_body(self, column: Column) -> None:
        """First seed, new seeds, grid size."""
        row = column.place(BUTTON_HEIGHT)
        self.first = self.number_field(
            row,
            NumberField(
                label="First seed",
                tooltip="The first picture's seed; the others follow it. Below 0 seeds go on from 4294967295.",
                numbers=SeedNumbers(),
                default=0,
                on_change=self._change_first,
            ),
        )
        self.new_button = self.button(self.beside_number(row), "New seeds", self.new_seeds, "Other pictures (N)")
        row = column.place(BUTTON_HEIGHT)
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "Grid")
        place = pygame.Rect(CONTROL_LEFT, row.y, row.right - CONTROL_LEFT, BUTTON_HEIGHT)
        sizes = [Choice(label=str(n), value=n, tooltip=f"{n} × {n} pictures (+ and −)") for n in range(1, MAX_SIDE + 1)]
        self.grid = ChoiceRow(place, sizes, self.frame.manager, self.place, self.change_grid)

    def sync_body(self) -> None:
        """Numbers from the document."""
        document = self.session.document
        self.first.show_value(document.seed_of(0))
        self.grid.show_value(document.rows if document.rows == document.columns else None)

    def new_seeds(self) -> None:
        """A new seed for every tile."""
        self.session.edit(with_random_seeds(self.session.document))

    def change_grid(self, side: int) -> None:
        """A square of `side` pictures across."""
        self.session.edit(with_grid(self.session.document, side, side))

    def reset(self) -> Callable[[], None]:
        """Seeds from 0 on."""
        return self._reset

    def _change_first(self, seed: float, phase: Phase = "drop") -> None:
        self.session.edit(with_first_seed(self.session.document, int(seed)), phase)

    def _reset(self) -> None:
        self._change_first(0)

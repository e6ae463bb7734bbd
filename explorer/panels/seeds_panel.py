"""Which seeds the grid shows, and how many."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from engine.inference.requests import MAX_SEED
from explorer.elements.choice_row import ChoiceRow
from explorer.elements.number_entry import NumberEntry, NumberFormat
from explorer.panels.layer_rows import LABEL_WIDTH
from explorer.panels.panel import BUTTON_HEIGHT, Column, Panel
from explorer.session.document import MAX_SIDE
from explorer.session.edits import with_first_seed, with_grid, with_random_seeds


class SeedsPanel(Panel):
    """Seeds follow each other in reading order until new ones are drawn."""

    title = "Seeds"
    tooltip = "The number that each picture grows from"

    def build_body(self, column: Column) -> None:
        """First seed, new seeds, grid size."""
        row = column.place(BUTTON_HEIGHT)
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "First seed")
        left = LABEL_WIDTH + 8
        self.first = NumberEntry(
            pygame.Rect(left, row.y, 104, BUTTON_HEIGHT),
            NumberFormat(low=0, high=MAX_SEED),
            self.frame.manager,
            self.place,
            self._change_first,
        )
        self.new_button = self.button(
            pygame.Rect(left + 112, row.y, row.right - left - 112, BUTTON_HEIGHT),
            "New seeds",
            self.new_seeds,
            "Other pictures (N)",
        )
        row = column.place(BUTTON_HEIGHT)
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "Grid")
        place = pygame.Rect(left, row.y, row.right - left, BUTTON_HEIGHT)
        sizes = [(str(side), side) for side in range(1, MAX_SIDE + 1)]
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

    def _change_first(self, seed: float) -> None:
        self.session.edit(with_first_seed(self.session.document, int(seed)))

    def _reset(self) -> None:
        self._change_first(0)

"""The class of a conditional model."""

from __future__ import annotations

import random
from collections.abc import Hashable

import pygame

from explorer.elements.number_entry import NumberEntry, NumberFormat
from explorer.panels.layer_rows import LABEL_WIDTH
from explorer.panels.panel import BUTTON_HEIGHT, Column, Panel
from explorer.session.edits import with_class


class ClassPanel(Panel):
    """Only there for a model that has classes."""

    title = "Class"
    tooltip = "What the picture should be of"

    @property
    def applies(self) -> bool:
        """Whether the model is conditional."""
        return self.session.model is not None and self.session.model.c_dim > 0

    def structure(self) -> Hashable:
        """The field's range is the model's."""
        return self._count

    def build_body(self, column: Column) -> None:
        """Number, and a random one."""
        row = column.place(BUTTON_HEIGHT)
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), f"0 to {self._count - 1}")
        left = LABEL_WIDTH + 8
        self.index = NumberEntry(
            pygame.Rect(left, row.y, 104, BUTTON_HEIGHT),
            NumberFormat(low=0, high=self._count - 1),
            self.frame.manager,
            self.place,
            self._change,
        )
        self.random_button = self.button(
            pygame.Rect(left + 112, row.y, row.right - left - 112, BUTTON_HEIGHT),
            "Random",
            self._random,
            "Another class",
        )

    def sync_body(self) -> None:
        """The class from the document."""
        self.index.show_value(self.session.document.class_index)

    @property
    def _count(self) -> int:
        return self.session.model.c_dim if self.session.model else 0

    def _change(self, index: float) -> None:
        self.session.edit(with_class(self.session.document, int(index), self._count))

    def _random(self) -> None:
        self._change(random.SystemRandom().randrange(self._count))

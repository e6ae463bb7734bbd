"""The class of a conditional model."""

from __future__ import annotations

import random
from collections.abc import Hashable

from explorer.elements.number_entry import NumberFormat
from explorer.panels.panel import BUTTON_HEIGHT, Column, NumberField, Panel
from explorer.session.edits import with_class
from explorer.session.history import Phase


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
        self.index = self.number_field(
            row,
            NumberField(
                label=f"0 to {self._count - 1}",
                tooltip="The class of every picture",
                numbers=NumberFormat(low=0, high=self._count - 1),
                default=0,
                on_change=self._change,
            ),
        )
        self.random_button = self.button(self.beside_number(row), "Random", self._random, "Another class")

    def sync_body(self) -> None:
        """The class from the document."""
        self.index.show_value(self.session.document.class_index)

    @property
    def _count(self) -> int:
        return self.session.model.c_dim if self.session.model else 0

    def _change(self, index: float, phase: Phase = "drop") -> None:
        self.session.edit(with_class(self.session.document, int(index), self._count), phase)

    def _random(self) -> None:
        self._change(random.SystemRandom().randrange(self._count))

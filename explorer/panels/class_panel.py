"""The class of a conditional model, or a mixture of several."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Set
from functools import partial

import pygame

from explorer.elements.number_entry import NumberFormat
from explorer.elements.value_row import RowStyle, ValueRow
from explorer.elements.value_slider import ValueRange
from explorer.panels.panel import (
    BUTTON_HEIGHT,
    LABEL_WIDTH,
    ROW_HEIGHT,
    Column,
    Fold,
    NumberField,
    Panel,
    PanelFrame,
)
from explorer.session.edits import with_class, with_class_by_seed, with_class_weights
from explorer.session.history import Phase

WEIGHT = ValueRange(low=0.0, high=1.0, default=0.0)
MIXTURE = "Class: mixture"
MOST_ROWS = 24
"""Models with more classes show only those that have a weight."""
FOLLOW_WIDTH = 120
LINE_HEIGHT = 18


class ClassPanel(Panel):
    """Only there for a model that has classes."""

    title = "Class"
    tooltip = "What the picture should be of"
    reset_tooltip = "The first class, for all pictures"

    def __init__(self, frame: PanelFrame, *, opened: bool = True) -> None:
        super().__init__(frame, opened=opened)
        self.shows_mixture = False
        self.weights: dict[int, ValueRow] = {}
        self._before_drag: tuple[float, ...] | None = None

    @property
    def applies(self) -> bool:
        """Whether the model is conditional."""
        return self.session.model is not None and self.session.model.c_dim > 0

    def structure(self) -> Hashable:
        """The field's range and the rows are the model's."""
        names = self.session.model.class_names if self.session.model else ()
        return self._count, names, self.shows_mixture, self._listed() if self.shows_mixture else ()

    def unfolded(self) -> frozenset[str]:
        """Also the mixture."""
        return super().unfolded() | frozenset({MIXTURE} if self.shows_mixture else ())

    def unfold(self, names: Set[str]) -> None:
        """Also the mixture."""
        super().unfold(names)
        self.shows_mixture = MIXTURE in names

    def reset(self) -> Callable[[], None]:
        """Class 0."""
        return partial(self._change, 0)

    def build_body(self, column: Column) -> None:
        """Number, a random one, names, the mixture."""
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
        self.description = self.label(column.place(LINE_HEIGHT), "", "@muted")
        row = column.place()
        self.mixture_button = self.fold_button(
            pygame.Rect(0, row.y, FOLLOW_WIDTH, row.height),
            Fold(text="Mix classes", opened=self.shows_mixture, tooltip="Something between several classes"),
            self._toggle_mixture,
        )
        self.follow_button = self.button(
            pygame.Rect(row.right - FOLLOW_WIDTH, row.y, FOLLOW_WIDTH, row.height),
            "Follows seed",
            self._follow,
            "Every picture's class follows from its seed; again: one class for all",
        )
        self.weights = {}
        if self.shows_mixture:
            for index in self._listed():
                self._build_weight(column, index)

    def sync_body(self) -> None:
        """Classes from the document."""
        document = self.session.document
        self.index.show_value(document.class_index)
        self.show_text(self.description, self._description())
        if bool(document.class_by_seed) != self.follow_button.is_selected:
            (self.follow_button.select if document.class_by_seed else self.follow_button.unselect)()
        weights = self._weights()
        for index, row in self.weights.items():
            row.show_value(weights[index])

    def name_of(self, index: int) -> str:
        """As the model calls it."""
        names = self.session.model.class_names if self.session.model else ()
        return names[index] if index < len(names) else f"class {index}"

    @property
    def _count(self) -> int:
        return self.session.model.c_dim if self.session.model else 0

    def _weights(self) -> tuple[float, ...]:
        weights = self.session.document.class_weights
        return weights or tuple(float(index == 0) for index in range(self._count))

    def _listed(self) -> tuple[int, ...]:
        if self._count <= MOST_ROWS:
            return tuple(range(self._count))
        weighted = [index for index, weight in enumerate(self._weights()) if weight > 0]
        return tuple(sorted(weighted, key=lambda index: -self._weights()[index])[:MOST_ROWS])

    def _description(self) -> str:
        """Names, and shares if there are several."""
        if self.session.document.class_by_seed:
            return f"each picture's own: its seed modulo {self._count}"
        weights = self._weights()
        present = sorted((i for i, weight in enumerate(weights) if weight > 0), key=lambda i: -weights[i])
        if len(present) == 1:
            return self.name_of(present[0])
        return ", ".join(f"{weights[index]:.0%} {self.name_of(index)}" for index in present)

    def _build_weight(self, column: Column, index: int) -> None:
        style = RowStyle(
            label=" ",
            values=WEIGHT,
            label_width=LABEL_WIDTH,
            label_class="@muted",
            name=self.name_of(index),
            tooltip=f"How much of {self.name_of(index)}; all classes together are 1",
        )
        row = ValueRow(
            column.place(ROW_HEIGHT, gap=4),
            style,
            self.frame.manager,
            self.place,
            partial(self._change_weight, index),
        )
        if row.label is not None:
            self.show_text(row.label, self.name_of(index))
        self.weights[index] = row

    def _change(self, index: float, phase: Phase = "drop") -> None:
        self.session.edit(with_class(self.session.document, int(index), self._count), phase)

    def _change_weight(self, index: int, weight: float, phase: Phase) -> None:
        """The others keep their proportions, also on the way back from 1."""
        before = self._before_drag or self._weights()
        self._before_drag = before if phase == "drag" else None
        rest = sum(before) - before[index]
        if rest <= 0:  # the only class: less of it can only be more of another one
            return
        share = (1 - weight) / rest
        mixture = [weight if i == index else other * share for i, other in enumerate(before)]
        self.session.edit(with_class_weights(self.session.document, mixture), phase)

    def _random(self) -> None:
        others = [index for index in range(self._count) if index != self.session.document.class_index]
        self._change(random.SystemRandom().choice(others or [0]))

    def _follow(self) -> None:
        document = self.session.document
        self.session.edit(with_class_by_seed(document, 0 if document.class_by_seed else self._count))

    def _toggle_mixture(self) -> None:
        self.shows_mixture = not self.shows_mixture

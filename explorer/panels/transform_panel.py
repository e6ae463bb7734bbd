"""Turning and moving pictures from within, for models whose input is a function of the place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.inference.input_transform import InputTransform
from explorer.elements.value_row import RowStyle, ValueRow
from explorer.elements.value_slider import ValueRange
from explorer.panels.panel import LABEL_WIDTH, Column, Panel
from explorer.session.edits import with_transform
from explorer.session.history import Phase

MOVE = ValueRange(low=-1.0, high=1.0, default=0.0)
TURN = ValueRange(low=-180.0, high=180.0, default=0.0, decimals=0, step=1.0)
TYPED_MOVE = (-10.0, 10.0)
TYPED_TURN = (-720.0, 720.0)


class TransformPanel(Panel):
    """Only there for a model that can, as StyleGAN3 does."""

    title = "Transform"
    tooltip = "Turns and moves what the picture shows; what lay beyond its borders comes into sight"
    reset_tooltip = "Neither turned nor moved"

    @property
    def applies(self) -> bool:
        """Whether the model has an input transform."""
        return self.session.model is not None and self.session.model.has_input_transform

    def reset(self) -> Callable[[], None]:
        """At rest."""
        return self._reset

    def build_body(self, column: Column) -> None:
        """Right, down, turned."""
        self.x = self._row(column, "Move right", "x", "In picture widths; to the left below 0")
        self.y = self._row(column, "Move down", "y", "In picture widths; upwards below 0")
        self.rotate = self._row(column, "Turn", "rotate", "In degrees, counter-clockwise")

    def sync_body(self) -> None:
        """Numbers from the document."""
        transform = self.session.document.transform
        self.x.show_value(transform.x)
        self.y.show_value(transform.y)
        self.rotate.show_value(transform.rotate)

    def _row(self, column: Column, label: str, name: str, tooltip: str) -> ValueRow:
        turns = name == "rotate"
        style = RowStyle(
            label=label,
            values=TURN if turns else MOVE,
            label_width=LABEL_WIDTH,
            typed=TYPED_TURN if turns else TYPED_MOVE,
            tooltip=tooltip,
        )

        def change(value: float, phase: Phase) -> None:
            changed = replace(self.session.document.transform, **{name: value})
            self.session.edit(with_transform(self.session.document, changed), phase)

        return ValueRow(column.place(), style, self.frame.manager, self.place, change)

    def _reset(self) -> None:
        self.session.edit(with_transform(self.session.document, InputTransform()))

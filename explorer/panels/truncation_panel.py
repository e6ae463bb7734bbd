"""Psi, for all layers and for each of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Set

import pygame

from engine.inference.requests import Truncation
from explorer.elements.value_row import RowStyle, ValueRow
from explorer.elements.value_slider import ValueRange
from explorer.panels.layer_rows import LayerRows, LayerRowsStyle
from explorer.panels.panel import LABEL_WIDTH, Column, Fold, Panel, PanelFrame
from explorer.session.edits import with_layer_psi, with_psi, with_truncation
from explorer.session.history import Phase

PSI = ValueRange(low=0.0, high=1.5, default=1.0)
TYPED_PSI = (-2.0, 2.0)
FOLD_WIDTH = 104
LAYERS = "Truncation: layers"
FOLLOW_WIDTH = 128


class TruncationPanel(Panel):
    """A layer follows psi until it is touched."""

    title = "Truncation"
    reset_tooltip = "Psi 1 in every layer: no truncation"
    tooltip = "Lower is closer to the average picture: safer. Higher is further away: bolder."

    def __init__(self, frame: PanelFrame, *, opened: bool = True) -> None:
        super().__init__(frame, opened=opened)
        self.shows_layers = False
        self.layers = LayerRows(
            self,
            LayerRowsStyle(
                values=PSI,
                tooltip="1 leaves these layers as they are, 0 gives their average",
                group_tooltip="Psi for these layers. Click to see each of them.",
                on_change=self._change_layers,
            ),
        )

    def structure(self) -> Hashable:
        """The rows depend on the model's layers and on what is unfolded."""
        model = self.session.model
        return model and (model.num_ws, model.img_resolution), self.shows_layers, self.layers.unfolded

    def unfolded(self) -> frozenset[str]:
        """Also the layers and their groups."""
        own = frozenset({LAYERS} if self.shows_layers else ())
        return super().unfolded() | self.layers.named() | own

    def unfold(self, names: Set[str]) -> None:
        """Also the layers and their groups."""
        super().unfold(names)
        self.shows_layers = LAYERS in names
        self.layers.unfold(names)

    def reset(self) -> Callable[[], None]:
        """No truncation."""
        return self._reset

    def build_body(self, column: Column) -> None:
        """Psi, and below it the layers."""
        style = RowStyle(
            label="Psi",
            values=PSI,
            label_width=LABEL_WIDTH,
            typed=TYPED_PSI,
            tooltip="1 leaves the pictures as they are, 0 gives the average",
        )
        self.psi = ValueRow(column.place(), style, self.frame.manager, self.place, self._change_psi)
        row = column.place()
        self.layers_button = self.fold_button(
            pygame.Rect(0, row.y, FOLD_WIDTH, row.height),
            Fold(text="Per layer", opened=self.shows_layers, tooltip="A psi for each layer"),
            self._toggle_layers,
        )
        follow = pygame.Rect(row.right - FOLLOW_WIDTH, row.y, FOLLOW_WIDTH, row.height)
        self.follow_button = self.button(follow, "All follow psi", self._follow, "No layer keeps a psi of its own")
        if self.shows_layers:
            self.layers.build(column)

    def sync_body(self) -> None:
        """Numbers from the document."""
        truncation = self.session.document.truncation
        self.psi.show_value(truncation.psi)
        if truncation.layer_psi:
            self.follow_button.enable()
        else:
            self.follow_button.disable()
        model = self.session.model
        if self.shows_layers and model is not None:
            self.layers.show_values(truncation.per_layer(model.num_ws))

    def _toggle_layers(self) -> None:
        self.shows_layers = not self.shows_layers

    def _change_psi(self, psi: float, phase: Phase) -> None:
        self.session.edit(with_psi(self.session.document, psi), phase)

    def _change_layers(self, layers: tuple[int, ...], psi: float, phase: Phase) -> None:
        document = self.session.document
        for layer in layers:
            document = with_layer_psi(document, layer, psi)
        self.session.edit(document, phase)

    def _follow(self) -> None:
        psi = self.session.document.truncation.psi
        self.session.edit(with_truncation(self.session.document, Truncation(psi=psi)))

    def _reset(self) -> None:
        self.session.edit(with_truncation(self.session.document, Truncation()))

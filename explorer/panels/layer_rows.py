"""Rows of sliders, one for each group of layers, that unfold into one for each layer.

Knows numbers by layer, nothing of truncation or mixing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from functools import partial

import pygame
from pygame_gui.elements import UIButton

from explorer.elements.phase import Phase
from explorer.elements.value_row import RowStyle, ValueRow
from explorer.elements.value_slider import ValueRange
from explorer.panels.layer_groups import GROUP_NAMES, LayerGroup, layer_groups, layer_resolution
from explorer.panels.panel import LABEL_WIDTH, ROW_HEIGHT, Column, Fold, Panel

COMMON_SHAPE = (14, 256)
"""Layers and resolution that are shown before a model is open, so that less moves when it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRowsStyle:
    """What the sliders stand for."""

    values: ValueRange
    tooltip: str
    """of each slider"""
    group_tooltip: str
    on_change: Callable[[tuple[int, ...], float, Phase], None]
    """(layers, value, phase)"""


class LayerRows:
    """Belongs to one panel; which groups are unfolded outlives the panel's rebuilding."""

    def __init__(self, panel: Panel, style: LayerRowsStyle) -> None:
        self._panel = panel
        self._style = style
        self._unfolded: set[str] = set()
        self.rows: dict[tuple[int, ...], ValueRow] = {}
        self.fold_buttons: dict[str, UIButton] = {}

    @property
    def unfolded(self) -> frozenset[str]:
        """Names of the groups whose layers are shown."""
        return frozenset(self._unfolded)

    def named(self) -> frozenset[str]:
        """The unfolded groups, by names that no other panel has."""
        return frozenset(f"{self._panel.title}: {name}" for name in self._unfolded)

    def unfold(self, names: Set[str]) -> None:
        """Unfolds the groups that are among the names, folds the rest."""
        self._unfolded = {group for group in GROUP_NAMES if f"{self._panel.title}: {group}" in names}

    def toggle(self, name: str) -> None:
        """Folds or unfolds a group at the panel's next sync."""
        self._unfolded ^= {name}

    def build(self, column: Column) -> None:
        """Makes the rows for the session's model."""
        self.rows.clear()
        self.fold_buttons.clear()
        model = self._panel.session.model
        num_ws, resolution = (model.num_ws, model.img_resolution) if model else COMMON_SHAPE
        known = model.layer_resolutions if model else ()
        for group in layer_groups(num_ws):
            self._build_group(column, group)
            if group.name in self._unfolded:
                for layer in group.layers:
                    side = known[layer] if known else layer_resolution(layer, resolution)
                    self._build_row(column, (layer,), f"{layer} · {side} px", f"Layer {layer}")

    def show_values(self, by_layer: Sequence[float]) -> None:
        """A group shows the mean of its layers."""
        for layers, row in self.rows.items():
            row.show_value(sum(by_layer[layer] for layer in layers) / len(layers))

    def _build_group(self, column: Column, group: LayerGroup) -> None:
        top = column.bottom
        self._build_row(column, group.layers, "", group.name)
        self.fold_buttons[group.name] = self._panel.fold_button(
            pygame.Rect(0, top, LABEL_WIDTH, ROW_HEIGHT),
            Fold(text=group.name, opened=group.name in self._unfolded, tooltip=self._style.group_tooltip),
            partial(self.toggle, group.name),
        )

    def _build_row(self, column: Column, layers: tuple[int, ...], label: str, name: str) -> None:
        style = RowStyle(
            label=label,
            values=self._style.values,
            label_width=LABEL_WIDTH,
            label_class="@indented",
            name=name,
            tooltip=self._style.tooltip,
        )
        self.rows[layers] = ValueRow(
            column.place(gap=4),
            style,
            self._panel.frame.manager,
            self._panel.place,
            partial(self._style.on_change, layers),
        )

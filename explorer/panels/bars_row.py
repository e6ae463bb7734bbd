"""The bars of all layers in a panel: names and zones from the session's model. Knows numbers by layer only."""

from __future__ import annotations

from explorer.elements.layer_bars import BarsActions, BarsStyle, LayerBars
from explorer.elements.value_slider import ValueRange
from explorer.panels.layer_groups import layer_groups, layer_resolution
from explorer.panels.layer_rows import COMMON_SHAPE
from explorer.panels.panel import Column, Panel

BARS_HEIGHT = 72


def layer_bars(panel: Panel, column: Column, values: ValueRange, tooltip: str, actions: BarsActions) -> LayerBars:
    """A row of bars, one for each layer of the model."""
    model = panel.session.model
    num_ws, resolution = (model.num_ws, model.img_resolution) if model else COMMON_SHAPE
    sides = model.layer_resolutions if model else ()
    sides = sides or tuple(layer_resolution(layer, resolution) for layer in range(num_ws))
    style = BarsStyle(
        values=values,
        names=tuple(f"Layer {layer}, {side} px" for layer, side in enumerate(sides)),
        zones=tuple((group.name, len(group.layers)) for group in layer_groups(num_ws)),
        tooltip=tooltip,
    )
    return LayerBars(column.place(BARS_HEIGHT), style, panel.frame.manager, panel.place, actions)

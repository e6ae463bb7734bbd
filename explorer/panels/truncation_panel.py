"""Psi, for all layers and for each of them, and what it pulls towards."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Set
from dataclasses import replace

import pygame

from engine.inference.requests import Truncation
from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.elements.layer_bars import BarsActions, BarsState
from explorer.elements.number_entry import NumberFormat
from explorer.elements.value_row import RowStyle, ValueRow
from explorer.elements.value_slider import ValueRange
from explorer.panels.bars_row import layer_bars
from explorer.panels.layer_groups import layer_groups
from explorer.panels.layer_rows import COMMON_SHAPE, LayerRows, LayerRowsStyle
from explorer.panels.panel import (
    BUTTON_HEIGHT,
    CONTROL_LEFT,
    LABEL_WIDTH,
    Column,
    Fold,
    NumberField,
    Panel,
    PanelFrame,
)
from explorer.session.document import latent_of
from explorer.session.edits import with_centre, with_cutoff, with_layers_psi, with_psi, with_truncation
from explorer.session.history import Phase

PSI = ValueRange(low=0.0, high=1.5, default=1.0)
TYPED_PSI = (-2.0, 2.0)
FOLD_WIDTH = 160
LAYERS = "Truncation: layers"
FOLLOW_WIDTH = 120
PRESET_PSI = 0.5
PRESET_LEFT = 66
RAMP = "Ramp"
PICTURE = "picture"


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
        shape = model and (model.num_ws, model.img_resolution, model.c_dim > 0)
        return shape, self.shows_layers, self.layers.unfolded

    def unfolded(self) -> frozenset[str]:
        """Also the layers and their groups."""
        own = frozenset({LAYERS} if self.shows_layers else ())
        return super().unfolded() | self.layers.named() | own

    def unfold(self, names: Set[str]) -> None:
        """Also the layers and their groups."""
        super().unfold(names)
        self.shows_layers = LAYERS in names
        self.layers.unfold(names)

    def covers(self, point: tuple[int, int]) -> bool:
        """Whether a point of the window is on the panel, where it can be seen."""
        return self.container is not None and bool(self.container.hover_point(*point))

    def show_target(self, shown: bool) -> None:
        """Lights the header while something is dragged here."""
        if self.container is not None and shown != self.header.is_selected:
            (self.header.select if shown else self.header.unselect)()

    def unfold_centre(self) -> None:
        """At the next sync, so that the new centre is seen."""
        self.opened = self.shows_layers = True

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
            tooltip="1 leaves the pictures as they are, 0 gives the average. P: pictures along its range",
        )
        self.psi = ValueRow(column.place(), style, self.frame.manager, self.place, self._change_psi)
        row = column.place()
        self.layers_button = self.fold_button(
            pygame.Rect(0, row.y, FOLD_WIDTH, row.height),
            Fold(text="Curve and centre", opened=self.shows_layers, tooltip="A psi for each layer, and its centre"),
            self._toggle_layers,
        )
        follow = pygame.Rect(row.right - FOLLOW_WIDTH, row.y, FOLLOW_WIDTH, row.height)
        self.follow_button = self.button(follow, "All follow psi", self._follow, "No layer keeps a psi of its own")
        if self.shows_layers:
            self._build_curve(column)
            self._build_centre(column)
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
        if not self.shows_layers or model is None:
            return
        by_layer = truncation.per_layer(model.num_ws)
        self.layers.show_values(by_layer)
        own = frozenset(layer for layer, psi in enumerate(truncation.layer_psi) if psi is not None)
        self.bars.show_state(BarsState(values=by_layer, own=own))
        cutoff = truncation.cutoff
        self.cutoff.show_value(model.num_ws if cutoff is None else cutoff)
        presets = self._presets()
        shown = next((name for name, curve in presets.items() if curve == replace(truncation, centre="average")), None)
        self.presets.show_value(shown)
        self.centre.show_value(truncation.centre if isinstance(truncation.centre, str) else PICTURE)

    def _build_curve(self, column: Column) -> None:
        row = column.place(BUTTON_HEIGHT)
        self.label(pygame.Rect(0, row.y, PRESET_LEFT, BUTTON_HEIGHT), f"Only {PRESET_PSI}")
        place = pygame.Rect(PRESET_LEFT, row.y, row.right - PRESET_LEFT, BUTTON_HEIGHT)
        choices = [Choice(label=name, value=name, tooltip=_told(name)) for name in self._presets()]
        self.presets = ChoiceRow(place, choices, self.frame.manager, self.place, self._choose_preset)
        self.bars = layer_bars(
            self,
            column,
            PSI,
            "Psi of every layer: drag across to draw a curve. Double click: follows psi again.",
            BarsActions(paint=self._paint, reset=self._reset_layer),
        )

    def _build_centre(self, column: Column) -> None:
        row = column.place(BUTTON_HEIGHT)
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "Centre")
        place = pygame.Rect(CONTROL_LEFT, row.y, row.right - CONTROL_LEFT, BUTTON_HEIGHT)
        choices = [Choice(label="Average", value="average", tooltip="Towards the average of all pictures (w_avg)")]
        if self.session.model is not None and self.session.model.c_dim > 0:
            choices.append(Choice(label="Class", value="class", tooltip="Towards the average picture of the class"))
        about = "Towards the selected picture. Or drag a favourite onto this panel: towards that"
        choices.append(Choice(label="Picture", value=PICTURE, tooltip=about))
        self.centre = ChoiceRow(place, choices, self.frame.manager, self.place, self._choose_centre)
        most = self.session.model.num_ws if self.session.model else COMMON_SHAPE[0]
        field = NumberField(
            label="Cutoff",
            tooltip="Psi is for so many of the first layers; those after them are not truncated",
            numbers=NumberFormat(low=0, high=most),
            default=most,
            on_change=self._change_cutoff,
        )
        row = column.place(BUTTON_HEIGHT)
        self.cutoff = self.number_field(row, field)
        self.label(self.beside_number(row), f"of {most} layers", "@muted")

    def _presets(self) -> dict[str, Truncation]:
        num_ws = self.session.model.num_ws if self.session.model else COMMON_SHAPE[0]
        curves: dict[str, tuple[float | None, ...]] = {}
        for group in layer_groups(num_ws):
            first = group.layers[0]
            curves[group.name] = (None,) * first + (PRESET_PSI,) * len(group.layers)
        steps = max(num_ws - 1, 1)
        curves[RAMP] = tuple(round(PRESET_PSI + (1 - PRESET_PSI) * layer / steps, 2) for layer in range(num_ws))
        return {name: Truncation(layer_psi=curve) for name, curve in curves.items()}

    def _choose_preset(self, name: str) -> None:
        chosen = replace(self._presets()[name], centre=self.session.document.truncation.centre)
        self.session.edit(with_truncation(self.session.document, chosen))

    def _choose_centre(self, centre: str) -> None:
        document = self.session.document
        if centre == PICTURE:
            self.session.edit(with_centre(document, latent_of(document, document.selected or 0)))
        else:
            self.session.edit(with_centre(document, centre))

    def _toggle_layers(self) -> None:
        self.shows_layers = not self.shows_layers

    def _change_psi(self, psi: float, phase: Phase) -> None:
        self.session.edit(with_psi(self.session.document, psi), phase)

    def _change_cutoff(self, cutoff: float, phase: Phase = "drop") -> None:
        most = self.session.model.num_ws if self.session.model else COMMON_SHAPE[0]
        self.session.edit(with_cutoff(self.session.document, int(cutoff) if cutoff < most else None), phase)

    def _change_layers(self, layers: tuple[int, ...], psi: float, phase: Phase) -> None:
        self._paint(dict.fromkeys(layers, psi), phase)

    def _paint(self, changes: dict[int, float], phase: Phase) -> None:
        self.session.edit(with_layers_psi(self.session.document, changes), phase)

    def _reset_layer(self, layer: int) -> None:
        self.session.edit(with_layers_psi(self.session.document, {layer: None}))

    def _follow(self) -> None:
        truncation = self.session.document.truncation
        self.session.edit(with_truncation(self.session.document, replace(truncation, cutoff=None, layer_psi=())))

    def _reset(self) -> None:
        self.session.edit(with_truncation(self.session.document, Truncation()))


def _told(name: str) -> str:
    if name == RAMP:
        return f"Psi from {PRESET_PSI} in the first layer up to 1 in the last"
    return f"Psi {PRESET_PSI} in the {name.lower()} layers, 1 in the others"

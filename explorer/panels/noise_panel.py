"""The per-pixel noise of the synthesis layers."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Set

import pygame

from engine.inference.requests import MAX_SEED, Noise
from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.elements.layer_bars import BarsActions, BarsState, LayerBars
from explorer.elements.number_entry import NumberFormat
from explorer.elements.value_row import RowStyle, ValueRow
from explorer.elements.value_slider import ValueRange
from explorer.panels.bars_row import layer_bars
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
from explorer.session.arrangements import RANDOM_SEEDS
from explorer.session.edits import (
    with_layer_noise,
    with_noise,
    with_noise_mode,
    with_noise_seed,
    with_noise_strength,
)
from explorer.session.history import Phase

MODES = (
    Choice(label="Const", value="const", tooltip="The model's own noise, the same for every picture"),
    Choice(label="Random", value="random", tooltip="Noise drawn from the noise seed"),
    Choice(label="None", value="none", tooltip="No noise: smooth surfaces"),
)


STRENGTH = ValueRange(low=0.0, high=2.0, default=1.0)
LAYERS = "Noise: layers"


class NoisePanel(Panel):
    """const is the model's own noise, random is drawn from a seed, none leaves it out."""

    title = "Noise"
    tooltip = "Fine, random detail: hairs, grain, freckles"

    reset_tooltip = "The model's own noise, at its own strength"

    def __init__(self, frame: PanelFrame, *, opened: bool = True) -> None:
        super().__init__(frame, opened=opened)
        self.shows_layers = False
        self.bars: LayerBars | None = None

    def structure(self) -> Hashable:
        """The bars are the model's layers."""
        model = self.session.model
        return model and (model.num_ws, model.img_resolution), self.shows_layers

    def unfolded(self) -> frozenset[str]:
        """Also the layers."""
        return super().unfolded() | frozenset({LAYERS} if self.shows_layers else ())

    def unfold(self, names: Set[str]) -> None:
        """Also the layers."""
        super().unfold(names)
        self.shows_layers = LAYERS in names

    def reset(self) -> Callable[[], None]:
        """As the model has it."""
        return self._reset

    def build_body(self, column: Column) -> None:
        """The mode, the seed of the random one, strengths."""
        row = column.place(BUTTON_HEIGHT)
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "Mode")
        place = pygame.Rect(CONTROL_LEFT, row.y, row.right - CONTROL_LEFT, BUTTON_HEIGHT)
        self.mode = ChoiceRow(place, MODES, self.frame.manager, self.place, self.change_mode)
        row = column.place(BUTTON_HEIGHT)
        self.seed = self.number_field(
            row,
            NumberField(
                label="Noise seed",
                tooltip="What random noise is drawn from",
                numbers=NumberFormat(low=0, high=MAX_SEED),
                default=0,
                on_change=self._change_seed,
            ),
        )
        self.random_button = self.button(
            self.beside_number(row), "New noise", self._random_seed, "Random noise from another seed"
        )

        style = RowStyle(
            label="Strength",
            values=STRENGTH,
            label_width=LABEL_WIDTH,
            typed=(0.0, 10.0),
            tooltip="1 is the model's own, 0 is none",
        )
        self.strength = ValueRow(column.place(), style, self.frame.manager, self.place, self._change_strength)
        self.layers_button = self.fold_button(
            column.place(),
            Fold(text="By layer", opened=self.shows_layers, tooltip="A strength for the noise of each layer"),
            self._toggle_layers,
        )
        self.bars = None
        if self.shows_layers:
            tooltip = "Noise of every layer: drag across to paint. Double click: as the model has it."
            self.bars = layer_bars(
                self, column, STRENGTH, tooltip, BarsActions(paint=self._paint, reset=self._reset_layer)
            )

    def sync_body(self) -> None:
        """Numbers from the document."""
        noise, model = self.session.document.noise, self.session.model
        self.mode.show_value(noise.mode)
        self.seed.show_value(noise.seed)
        self.strength.show_value(noise.strength)
        if self.bars is not None and model is not None:
            values = noise.layer_strengths + (1.0,) * (model.num_ws - len(noise.layer_strengths))
            own = frozenset(layer for layer, value in enumerate(values) if value != 1)
            colour_layer = frozenset({model.num_ws - 1})  # the last w only colours: it has no noise
            self.bars.show_state(BarsState(values=values, own=own, locked=colour_layer))

    def change_mode(self, mode: str) -> None:
        """'const', 'random' or 'none'."""
        self.session.edit(with_noise_mode(self.session.document, mode))

    def _change_seed(self, seed: float, phase: Phase = "drop") -> None:
        self.session.edit(with_noise_seed(self.session.document, int(seed)), phase)

    def _change_strength(self, strength: float, phase: Phase) -> None:
        self.session.edit(with_noise_strength(self.session.document, strength), phase)

    def _toggle_layers(self) -> None:
        self.shows_layers = not self.shows_layers

    def _paint(self, changes: dict[int, float], phase: Phase) -> None:
        self.session.edit(with_layer_noise(self.session.document, changes), phase)

    def _reset_layer(self, layer: int) -> None:
        self._paint({layer: 1.0}, "drop")

    def _reset(self) -> None:
        self.session.edit(with_noise(self.session.document, Noise()))

    def _random_seed(self) -> None:
        seeded = with_noise_seed(self.session.document, random.SystemRandom().randrange(RANDOM_SEEDS))
        noise = with_noise_mode(seeded, "random").noise
        self.session.edit(with_noise(self.session.document, noise))

"""Style mixing: how much of a second seed's w each layer takes."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Set

import pygame

from engine.inference.requests import MAX_SEED
from explorer.elements.number_entry import NumberFormat
from explorer.elements.value_slider import ValueRange
from explorer.panels.layer_rows import LayerRows, LayerRowsStyle
from explorer.panels.panel import BUTTON_HEIGHT, CONTROL_LEFT, LABEL_WIDTH, Column, NumberField, Panel, PanelFrame
from explorer.session.arrangements import RANDOM_SEEDS
from explorer.session.document import FIRST_MIX_SEED
from explorer.session.history import Phase
from explorer.session.mix_edits import with_mix_seed, with_mix_strengths

STRENGTH = ValueRange(low=0.0, high=1.0, default=0.0)


class MixingPanel(Panel):
    """One second seed, a strength for each layer."""

    title = "Style mixing"
    reset_tooltip = "Nothing is mixed in"
    tooltip = "Takes layers from a second seed: coarse for shape, fine for colour"

    def __init__(self, frame: PanelFrame, *, opened: bool = True) -> None:
        super().__init__(frame, opened=opened)
        self.layers = LayerRows(
            self,
            LayerRowsStyle(
                values=STRENGTH,
                tooltip="0 keeps the picture's own layers, 1 takes the second seed's",
                group_tooltip="How much of the second seed these layers take. Click to see each of them.",
                on_change=self._change_layers,
            ),
        )

    def structure(self) -> Hashable:
        """The rows depend on the model's layers and on what is unfolded."""
        model = self.session.model
        return model and (model.num_ws, model.img_resolution), self.layers.unfolded

    def unfolded(self) -> frozenset[str]:
        """Also the groups."""
        return super().unfolded() | self.layers.named()

    def unfold(self, names: Set[str]) -> None:
        """Also the groups."""
        super().unfold(names)
        self.layers.unfold(names)

    def reset(self) -> Callable[[], None]:
        """Nothing is mixed in."""
        return self._none

    def build_body(self, column: Column) -> None:
        """The second seed, all or none, the groups."""
        row = column.place(BUTTON_HEIGHT)
        self.seed = self.number_field(
            row,
            NumberField(
                label="Second seed",
                tooltip="The seed whose layers are mixed in",
                numbers=NumberFormat(low=0, high=MAX_SEED),
                default=FIRST_MIX_SEED,
                on_change=self._change_seed,
            ),
        )
        self.random_button = self.button(self.beside_number(row), "Random", self._random_seed, "Another second seed")
        row = column.place(BUTTON_HEIGHT)
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "Strength")
        half = (row.right - CONTROL_LEFT - 8) // 2
        self.none_button = self.button(
            pygame.Rect(CONTROL_LEFT, row.y, half, BUTTON_HEIGHT), "None", self._none, "Every layer keeps its own w"
        )
        self.all_button = self.button(
            pygame.Rect(row.right - half, row.y, half, BUTTON_HEIGHT),
            "All",
            self._all,
            "Every layer takes the second seed's w",
        )
        self.layers.build(column)

    def sync_body(self) -> None:
        """Numbers from the document."""
        document = self.session.document
        self.seed.show_value(document.source_seed(0))
        if self.session.model is not None:
            self.layers.show_values([document.mix_strength(i) for i in range(self.session.model.num_ws)])

    def _change_seed(self, seed: float, phase: Phase = "drop") -> None:
        self.session.edit(with_mix_seed(self.session.document, int(seed)), phase)

    def _random_seed(self) -> None:
        self._change_seed(random.SystemRandom().randrange(RANDOM_SEEDS))

    def _change_layers(self, layers: tuple[int, ...], strength: float, phase: Phase) -> None:
        model, document = self.session.model, self.session.document
        if model is None:
            return
        strengths = [document.mix_strength(layer) for layer in range(model.num_ws)]
        for layer in layers:
            strengths[layer] = strength
        self.session.edit(with_mix_strengths(document, tuple(strengths)), phase)

    def _all(self) -> None:
        if self.session.model is not None:
            ones = (1.0,) * self.session.model.num_ws
            self.session.edit(with_mix_strengths(self.session.document, ones))

    def _none(self) -> None:
        self.session.edit(with_mix_strengths(self.session.document, ()))

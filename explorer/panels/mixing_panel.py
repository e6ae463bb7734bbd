"""Style mixing: how much of a second seed's w each layer takes."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable

import pygame

from engine.inference.requests import MAX_SEED
from explorer.elements.number_entry import NumberEntry, NumberFormat
from explorer.elements.value_slider import ValueRange
from explorer.panels.layer_rows import LABEL_WIDTH, LayerRows, LayerRowsStyle
from explorer.panels.panel import BUTTON_HEIGHT, Column, Panel, PanelFrame
from explorer.session.edits import RANDOM_SEEDS, with_mix_seed, with_mix_strengths
from explorer.session.history import Phase

STRENGTH = ValueRange(low=0.0, high=1.0, default=0.0)


class MixingPanel(Panel):
    """One second seed, a strength for each layer."""

    title = "Style mixing"
    tooltip = "Takes layers from a second seed: coarse for shape, fine for colour"

    def __init__(self, frame: PanelFrame, *, opened: bool = True) -> None:
        super().__init__(frame, opened=opened)
        self.layers = LayerRows(
            self,
            LayerRowsStyle(
                values=STRENGTH,
                group_tooltip="How much of the second seed these layers take. Click to see each of them.",
                on_change=self._change_layers,
            ),
        )

    def structure(self) -> Hashable:
        """The rows depend on the model's layers and on what is unfolded."""
        model = self.session.model
        return model and (model.num_ws, model.img_resolution), self.layers.unfolded

    def reset(self) -> Callable[[], None]:
        """Nothing is mixed in."""
        return self._none

    def build_body(self, column: Column) -> None:
        """The second seed, all or none, the groups."""
        row = column.place(BUTTON_HEIGHT)
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "Second seed")
        left = LABEL_WIDTH + 8
        self.seed = NumberEntry(
            pygame.Rect(left, row.y, 104, BUTTON_HEIGHT),
            NumberFormat(low=0, high=MAX_SEED),
            self.frame.manager,
            self.place,
            self._change_seed,
        )
        self.random_button = self.button(
            pygame.Rect(left + 112, row.y, row.right - left - 112, BUTTON_HEIGHT),
            "Random",
            self._random_seed,
            "Another second seed",
        )
        row = column.place(BUTTON_HEIGHT)
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "Strength")
        half = (row.right - left - 8) // 2
        self.none_button = self.button(
            pygame.Rect(left, row.y, half, BUTTON_HEIGHT), "None", self._none, "Every layer keeps its own w"
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
        self.seed.show_value(document.mix_seed)
        if self.session.model is not None:
            self.layers.show_values([document.mix_strength(i) for i in range(self.session.model.num_ws)])

    def _change_seed(self, seed: float) -> None:
        self.session.edit(with_mix_seed(self.session.document, int(seed)))

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

"""The per-pixel noise of the synthesis layers."""

from __future__ import annotations

import random

import pygame

from engine.inference.requests import MAX_SEED
from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.elements.number_entry import NumberFormat
from explorer.panels.panel import BUTTON_HEIGHT, CONTROL_LEFT, LABEL_WIDTH, Column, NumberField, Panel
from explorer.session.arrangements import RANDOM_SEEDS
from explorer.session.edits import with_noise, with_noise_mode, with_noise_seed
from explorer.session.history import Phase

MODES = (
    Choice(label="Const", value="const", tooltip="The model's own noise, the same for every picture"),
    Choice(label="Random", value="random", tooltip="Noise drawn from the noise seed"),
    Choice(label="None", value="none", tooltip="No noise: smooth surfaces"),
)


class NoisePanel(Panel):
    """const is the model's own noise, random is drawn from a seed, none leaves it out."""

    title = "Noise"
    tooltip = "Fine, random detail: hairs, grain, freckles"

    def build_body(self, column: Column) -> None:
        """The mode, and the seed of the random one."""
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

    def sync_body(self) -> None:
        """Mode and seed from the document."""
        noise = self.session.document.noise
        self.mode.show_value(noise.mode)
        self.seed.show_value(noise.seed)

    def change_mode(self, mode: str) -> None:
        """'const', 'random' or 'none'."""
        self.session.edit(with_noise_mode(self.session.document, mode))

    def _change_seed(self, seed: float, phase: Phase = "drop") -> None:
        self.session.edit(with_noise_seed(self.session.document, int(seed)), phase)

    def _random_seed(self) -> None:
        seeded = with_noise_seed(self.session.document, random.SystemRandom().randrange(RANDOM_SEEDS))
        noise = with_noise_mode(seeded, "random").noise
        self.session.edit(with_noise(self.session.document, noise))

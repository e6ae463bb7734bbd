"""The per-pixel noise of the synthesis layers."""

from __future__ import annotations

import random

import pygame

from engine.inference.requests import MAX_SEED
from explorer.elements.choice_row import ChoiceRow
from explorer.elements.number_entry import NumberEntry, NumberFormat
from explorer.panels.layer_rows import LABEL_WIDTH
from explorer.panels.panel import BUTTON_HEIGHT, Column, Panel
from explorer.session.edits import RANDOM_SEEDS, with_noise, with_noise_mode, with_noise_seed

MODES = (("Const", "const"), ("Random", "random"), ("None", "none"))


class NoisePanel(Panel):
    """const is the model's own noise, random is drawn from a seed, none leaves it out."""

    title = "Noise"
    tooltip = "Fine, random detail: hairs, grain, freckles"

    def build_body(self, column: Column) -> None:
        """The mode, and the seed of the random one."""
        row = column.place(BUTTON_HEIGHT)
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "Mode")
        left = LABEL_WIDTH + 8
        place = pygame.Rect(left, row.y, row.right - left, BUTTON_HEIGHT)
        self.mode = ChoiceRow(place, MODES, self.frame.manager, self.place, self.change_mode)
        row = column.place(BUTTON_HEIGHT)
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "Noise seed")
        self.seed = NumberEntry(
            pygame.Rect(left, row.y, 104, BUTTON_HEIGHT),
            NumberFormat(low=0, high=MAX_SEED),
            self.frame.manager,
            self.place,
            self._change_seed,
        )
        self.random_button = self.button(
            pygame.Rect(left + 112, row.y, row.right - left - 112, BUTTON_HEIGHT),
            "New noise",
            self._random_seed,
            "Random noise from another seed",
        )

    def sync_body(self) -> None:
        """Mode and seed from the document."""
        noise = self.session.document.noise
        self.mode.show_value(noise.mode)
        self.seed.show_value(noise.seed)

    def change_mode(self, mode: str) -> None:
        """'const', 'random' or 'none'."""
        self.session.edit(with_noise_mode(self.session.document, mode))

    def _change_seed(self, seed: float) -> None:
        self.session.edit(with_noise_seed(self.session.document, int(seed)))

    def _random_seed(self) -> None:
        seeded = with_noise_seed(self.session.document, random.SystemRandom().randrange(RANDOM_SEEDS))
        noise = with_noise_mode(seeded, "random").noise
        self.session.edit(with_noise(self.session.document, noise))

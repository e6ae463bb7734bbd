"""Which model is open, and another one."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from explorer.panels.panel import BUTTON_HEIGHT, PANEL_WIDTH, Column, Panel, PanelFrame
from explorer.panels.states import ModelState

OPEN_WIDTH = 80


class ModelPanel(Panel):
    """Name, dimensions, Open."""

    title = "Model"
    tooltip = "A file with a trained StyleGAN2 generator"

    def __init__(self, frame: PanelFrame, state: Callable[[], ModelState], choose_model: Callable[[], None]) -> None:
        super().__init__(frame)
        self._state = state
        self._choose_model = choose_model

    def build_body(self, column: Column) -> None:
        """Name and button, then two lines of dimensions."""
        row = column.place(BUTTON_HEIGHT)
        self.name = self.label(pygame.Rect(0, row.y, PANEL_WIDTH - OPEN_WIDTH - 8, BUTTON_HEIGHT), "", "@label")
        self.open_button = self.button(
            pygame.Rect(PANEL_WIDTH - OPEN_WIDTH, row.y, OPEN_WIDTH, BUTTON_HEIGHT),
            "Open…",
            self._choose_model,
            "Open a model file (O), or drop one on the window",
        )
        self.size = self.label(column.place(18, gap=2), "", "@muted")
        self.latents = self.label(column.place(18), "", "@muted")

    def sync_body(self) -> None:
        """Names and numbers."""
        state = self._state()
        name = f"Opening {state.opening}…" if state.opening else state.name or "No model is open"
        self.show_text(self.name, name)
        model = self.session.model
        if model is None:
            self.show_text(self.size, "")
            self.show_text(self.latents, "")
            return
        colours = {1: "grey", 3: "RGB", 4: "RGBA"}.get(model.img_channels, f"{model.img_channels} channels")
        side = model.img_resolution
        self.show_text(self.size, f"{side} × {side} {colours}, {model.parameters / 1e6:.1f} M parameters")
        classes = f", {model.c_dim} classes" if model.c_dim else ""
        self.show_text(self.latents, f"z {model.z_dim}, w {model.w_dim}, {model.num_ws} layers{classes}")

"""Which model is open, and another one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Set
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.elements import UIButton

from engine.formats.model_info import Weights
from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.panels.panel import (
    BUTTON_HEIGHT,
    CONTROL_LEFT,
    LABEL_WIDTH,
    PANEL_WIDTH,
    ROW_HEIGHT,
    Column,
    Fold,
    Panel,
    PanelFrame,
)
from explorer.panels.states import ModelState

OPEN_WIDTH = 80
LINE_HEIGHT = 18
RECENT = "Model: recent"
OPEN_TOOLTIP = "Open a model file or the folder of a training run (O), or drop one on the window"
WEIGHTS: tuple[Choice[Weights], ...] = (
    Choice(label="Averaged", value="ema", tooltip="Averaged over training, G_ema: as a rule the better ones"),
    Choice(label="Raw", value="raw", tooltip="The weights as they were trained, G: what the average smooths over"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelActions:
    """What the panel shows and asks for."""

    state: Callable[[], ModelState]
    choose: Callable[[], None]
    cancel: Callable[[], None]
    """the model that is being opened is not wanted"""
    about: Callable[[], None]
    """shows all that is known of the model"""
    open: Callable[[Path], None]
    change_weights: Callable[[Weights], None]


class ModelPanel(Panel):
    """Name, dimensions, Open; below them the recent models where there are any, and a file's two kinds of weights."""

    title = "Model"
    tooltip = "A file with a trained StyleGAN generator"

    def __init__(self, frame: PanelFrame, actions: ModelActions) -> None:
        super().__init__(frame)
        self._actions = actions
        self._shows_recent = False
        self.recent_button: UIButton | None = None
        self.recent_buttons: dict[Path, UIButton] = {}
        self.weights: ChoiceRow[Weights] | None = None

    def structure(self) -> Hashable:
        """A button for each recent model; a choice of weights only where there is one."""
        model = self.session.model
        return self._actions.state().recent, self._shows_recent, model is not None and model.has_raw

    def unfolded(self) -> frozenset[str]:
        """Also the recent models."""
        return super().unfolded() | frozenset({RECENT} if self._shows_recent else ())

    def unfold(self, names: Set[str]) -> None:
        """Also the recent models."""
        super().unfold(names)
        self._shows_recent = RECENT in names

    def build_body(self, column: Column) -> None:
        """Name and button, two lines of dimensions, recent models."""
        row = column.place(BUTTON_HEIGHT)
        self.name = self.label(pygame.Rect(0, row.y, PANEL_WIDTH - OPEN_WIDTH - 8, BUTTON_HEIGHT), "", "@label")
        self.open_button = self.button(
            pygame.Rect(PANEL_WIDTH - OPEN_WIDTH, row.y, OPEN_WIDTH, BUTTON_HEIGHT),
            "Open…",
            self._open_or_cancel,
            OPEN_TOOLTIP,
        )
        text_width = PANEL_WIDTH - OPEN_WIDTH - 8
        row = column.place(LINE_HEIGHT, gap=2)
        self.size = self.label(pygame.Rect(0, row.y, text_width, LINE_HEIGHT), "", "@muted")
        self.about_button = UIButton(
            pygame.Rect(PANEL_WIDTH - OPEN_WIDTH, row.y - 1, OPEN_WIDTH, LINE_HEIGHT + 2),
            "About",
            self.frame.manager,
            self.container,
            object_id=ObjectID(class_id="@quiet"),
            command=self._actions.about,
            tool_tip_text="All that is known of the model (I)",
        )
        row = column.place(LINE_HEIGHT)
        self.latents = self.label(pygame.Rect(0, row.y, text_width, LINE_HEIGHT), "", "@muted")
        self._build_weights(column)
        self._build_recent(column, self._actions.state().recent, row)

    def _build_weights(self, column: Column) -> None:
        self.weights = None
        if self.session.model is None or not self.session.model.has_raw:
            return
        row = column.place()
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, ROW_HEIGHT), "Weights")
        place = pygame.Rect(CONTROL_LEFT, row.y, row.right - CONTROL_LEFT, ROW_HEIGHT)
        self.weights = ChoiceRow(place, WEIGHTS, self.frame.manager, self.place, self._actions.change_weights)

    def _build_recent(self, column: Column, recent: tuple[Path, ...], row: pygame.Rect) -> None:
        self.recent_buttons = {}
        self.recent_button = None
        if not recent:
            return
        self.recent_button = self.fold_button(
            pygame.Rect(PANEL_WIDTH - OPEN_WIDTH, row.y - 3, OPEN_WIDTH, LINE_HEIGHT + 6),
            Fold(text="Recent", opened=self._shows_recent, tooltip="Models that were open lately"),
            self._toggle_recent,
        )
        if not self._shows_recent:
            return
        for path in recent:
            button = self.button(column.place(BUTTON_HEIGHT, gap=4), "", partial(self._actions.open, path), str(path))
            self.show_text(button, path.name)
            self.recent_buttons[path] = button

    def _toggle_recent(self) -> None:
        self._shows_recent = not self._shows_recent

    def _open_or_cancel(self) -> None:
        (self._actions.cancel if self._actions.state().opening else self._actions.choose)()

    def sync_body(self) -> None:
        """Names and numbers."""
        state = self._actions.state()
        name = f"Opening {state.opening}…" if state.opening else state.name or "No model is open"
        self.show_text(self.name, name)
        label = "Cancel" if state.opening else "Open…"
        if self.open_button.text != label:
            self.open_button.set_text(label)
            self.open_button.set_tooltip("The model before stays" if state.opening else OPEN_TOOLTIP)
        model = self.session.model
        if model is None:
            self.show_text(self.size, "")
            self.show_text(self.latents, "")
            return
        if self.weights is not None:
            self.weights.show_value(model.weights)
        colours = {1: "grey", 3: "RGB", 4: "RGBA"}.get(model.img_channels, f"{model.img_channels} channels")
        side = model.img_resolution
        self.show_text(self.size, f"{side} × {side} {colours}, {model.parameters / 1e6:.1f} M parameters")
        classes = f", {model.c_dim} classes" if model.c_dim else ""
        self.show_text(self.latents, f"z {model.z_dim}, w {model.w_dim}, {model.num_ws} layers{classes}")

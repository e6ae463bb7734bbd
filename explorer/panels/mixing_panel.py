"""Style mixing: how much of other seeds' w each layer takes."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Set

import pygame

from engine.inference.requests import MAX_SEED
from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.elements.layer_bars import BarsActions, BarsState
from explorer.elements.number_entry import NumberFormat
from explorer.elements.value_slider import ValueRange
from explorer.panels.bars_row import layer_bars
from explorer.panels.layer_groups import layer_groups
from explorer.panels.layer_rows import COMMON_SHAPE, LayerRows, LayerRowsStyle
from explorer.panels.panel import (
    BUTTON_HEIGHT,
    CONTROL_LEFT,
    LABEL_WIDTH,
    ROW_GAP,
    Column,
    Fold,
    NumberField,
    Panel,
    PanelFrame,
)
from explorer.session import mix_edits
from explorer.session.arrangements import RANDOM_SEEDS
from explorer.session.document import FIRST_MIX_SEED, MAX_SOURCES, latent_of
from explorer.session.history import Phase

STRENGTH = ValueRange(low=0.0, high=1.0, default=0.0)
SOURCES = "Style mixing: sources"
NAMES = "ABCD"
SMALL_WIDTH = 28


class MixingPanel(Panel):
    """One second seed and a strength for each zone; unfolded up to four sources, bars to paint, locks."""

    title = "Style mixing"
    reset_tooltip = "Nothing is mixed in"
    tooltip = "Takes layers from a second seed: coarse for shape, fine for colour"

    def __init__(self, frame: PanelFrame, *, opened: bool = True) -> None:
        super().__init__(frame, opened=opened)
        self.shows_sources = False
        self._chosen = 0
        self.layers = LayerRows(
            self,
            LayerRowsStyle(
                values=STRENGTH,
                tooltip="0 keeps the picture's own layers, 1 takes the second seed's",
                group_tooltip="How much of the second seed these layers take. Click to see each of them.",
                on_change=self._change_layers,
            ),
        )

    @property
    def source(self) -> int:
        """The source that seed, strengths and bars are about."""
        return min(self._chosen, len(self.session.document.sources) - 1)

    def structure(self) -> Hashable:
        """The rows depend on the model's layers, on the sources, and on what is unfolded."""
        model = self.session.model
        shape = model and (model.num_ws, model.img_resolution)
        return shape, self.layers.unfolded, self.shows_sources, len(self.session.document.sources)

    def unfolded(self) -> frozenset[str]:
        """Also the sources and the groups."""
        own = frozenset({SOURCES} if self.shows_sources else ())
        return super().unfolded() | self.layers.named() | own

    def unfold(self, names: Set[str]) -> None:
        """Also the sources and the groups."""
        super().unfold(names)
        self.shows_sources = SOURCES in names
        self.layers.unfold(names)

    def reset(self) -> Callable[[], None]:
        """Nothing is mixed in."""
        return self._none

    def build_body(self, column: Column) -> None:
        """The second seed, what is folded away, the groups."""
        if self.shows_sources:
            self._build_sources(column.place(BUTTON_HEIGHT))
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
        if self.shows_sources:
            self._build_painting(column)
        self.layers.build(column)
        self.sources_button = self.fold_button(
            column.place(),
            Fold(
                text="More sources, painting, locks",
                opened=self.shows_sources,
                tooltip=f"Up to {MAX_SOURCES} sources, bars to paint across layers, layers that stay",
            ),
            self._toggle_sources,
        )

    def sync_body(self) -> None:
        """Numbers from the document."""
        document, model = self.session.document, self.session.model
        self.seed.show_value(document.source_seed(self.source))
        if model is None:
            return
        strengths = tuple(document.mix_strength(layer, self.source) for layer in range(model.num_ws))
        self.layers.show_values(strengths)
        if not self.shows_sources:
            return
        self.sources.show_value(self.source)
        locked = frozenset(document.locked)
        own = frozenset(range(model.num_ws))
        self.bars.show_state(BarsState(values=strengths, own=own, locked=locked))
        self.locks.show_values({g.name for g in layer_groups(model.num_ws) if locked.issuperset(g.layers)})

    def _build_sources(self, row: pygame.Rect) -> None:
        manager, count = self.frame.manager, len(self.session.document.sources)
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "Source")
        tabs = pygame.Rect(CONTROL_LEFT, row.y, row.right - CONTROL_LEFT - 2 * (SMALL_WIDTH + 4), BUTTON_HEIGHT)
        about = "What is painted, and whose seed stands below; later sources lie over earlier ones"
        choices = [Choice(label=NAMES[i : i + 1] or str(i + 1), value=i, tooltip=about) for i in range(count)]
        self.sources = ChoiceRow(tabs, choices, manager, self.place, self._choose)
        place = pygame.Rect(row.right - SMALL_WIDTH, row.y, SMALL_WIDTH, BUTTON_HEIGHT)
        self.add_button = self.button(place, "+", self._add, "One more source")
        self.remove_button = self.button(
            place.move(-SMALL_WIDTH - 4, 0), "\N{MINUS SIGN}", self._remove, "Takes this source out"
        )
        if count >= MAX_SOURCES:
            self.add_button.disable()
        if count == 1:
            self.remove_button.disable()

    def _build_painting(self, column: Column) -> None:
        self.bars = layer_bars(
            self,
            column,
            STRENGTH,
            "Strength of every layer: drag across to paint. Double click: none. Right click: locks a layer.",
            BarsActions(paint=self._paint, reset=self._reset_layer, lock=self._toggle_lock),
        )
        row = column.place(BUTTON_HEIGHT)
        width = (row.width - 2 * ROW_GAP) // 3
        buttons = (
            ("All", self._all, "Every layer takes this source's w"),
            ("Swap", self._swap, "The selected picture, or the first, and this source change places"),
            ("From picture", self._from_picture, "This source becomes the selected picture, or the first"),
        )
        self.painting_buttons = {
            text: self.button(pygame.Rect(i * (width + ROW_GAP), row.y, width, BUTTON_HEIGHT), text, command, tooltip)
            for i, (text, command, tooltip) in enumerate(buttons)
        }
        row = column.place(BUTTON_HEIGHT)
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "Lock")
        place = pygame.Rect(CONTROL_LEFT, row.y, row.right - CONTROL_LEFT, BUTTON_HEIGHT)
        num_ws = self.session.model.num_ws if self.session.model else COMMON_SHAPE[0]
        about = "These layers keep their strengths, whatever is painted"
        choices = [Choice(label=group.name, value=group.name, tooltip=about) for group in layer_groups(num_ws)]
        self.locks = ChoiceRow(place, choices, self.frame.manager, self.place, self._lock_zone)

    def _toggle_sources(self) -> None:
        self.shows_sources = not self.shows_sources

    def _choose(self, source: int) -> None:
        self._chosen = source

    def _add(self) -> None:
        self.session.edit(mix_edits.with_another_source(self.session.document))
        self._chosen = len(self.session.document.sources) - 1

    def _remove(self) -> None:
        source = self.source
        self._chosen = max(source - 1, 0)
        self.session.edit(mix_edits.without_source(self.session.document, source))

    def _change_seed(self, seed: float, phase: Phase = "drop") -> None:
        self.session.edit(mix_edits.with_mix_seed(self.session.document, int(seed), self.source), phase)

    def _random_seed(self) -> None:
        self._change_seed(random.SystemRandom().randrange(RANDOM_SEEDS))

    def _change_layers(self, layers: tuple[int, ...], strength: float, phase: Phase) -> None:
        self._paint(dict.fromkeys(layers, strength), phase)

    def _paint(self, changes: dict[int, float], phase: Phase) -> None:
        self.session.edit(mix_edits.with_painted(self.session.document, self.source, changes), phase)

    def _reset_layer(self, layer: int) -> None:
        self._paint({layer: 0.0}, "drop")

    def _toggle_lock(self, layer: int) -> None:
        document = self.session.document
        self.session.edit(mix_edits.with_lock(document, (layer,), locked=layer not in document.locked))

    def _lock_zone(self, name: str) -> None:
        document, model = self.session.document, self.session.model
        if model is None:
            return
        layers = next(group.layers for group in layer_groups(model.num_ws) if group.name == name)
        locked = set(document.locked).issuperset(layers)
        self.session.edit(mix_edits.with_lock(document, layers, locked=not locked))

    def _all(self) -> None:
        if self.session.model is not None:
            self._paint(dict.fromkeys(range(self.session.model.num_ws), 1.0), "drop")

    def _swap(self) -> None:
        document = self.session.document
        self.session.edit(mix_edits.swapped(document, document.selected or 0, self.source))

    def _from_picture(self) -> None:
        document = self.session.document
        latent = latent_of(document, document.selected or 0)
        self.session.edit(mix_edits.with_mix_latent(document, latent, self.source))

    def _none(self) -> None:
        self.session.edit(mix_edits.without_sources(self.session.document))

"""Grids whose pictures belong together: neighbours of one, a sheet between four, a mixing sheet."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import pygame

from engine.inference.requests import Look
from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.elements.value_row import RowStyle, ValueRow
from explorer.elements.value_slider import ValueRange
from explorer.panels.layer_groups import layer_groups
from explorer.panels.panel import (
    BUTTON_HEIGHT,
    CONTROL_LEFT,
    LABEL_WIDTH,
    PANEL_WIDTH,
    ROW_GAP,
    Column,
    Panel,
    PanelFrame,
)
from explorer.session import arranging
from explorer.session.arrangements import FIRST_RADIUS, MixSheet, Neighbours, Sheet
from explorer.session.history import Phase

RADIUS = ValueRange(low=0.0, high=1.0, default=FIRST_RADIUS)
NEIGHBOURS, SHEET, MIX_SHEET = "neighbours", "sheet", "mixing sheet"
KINDS = (
    Choice(label="Neighbours", value=NEIGHBOURS, tooltip="Children of the selected picture, or of the middle one (K)"),
    Choice(
        label="Sheet",
        value=SHEET,
        tooltip="Everything between four pictures: the grid's corners, or favourites dragged there",
    ),
    Choice(label="Mixing", value=MIX_SHEET, tooltip="Every row's first picture with layers of every column's first"),
)
FIRST_ZONE = "Middle"
LINE_HEIGHT = 18
CORNERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrangeActions:
    """What the panel needs beyond the document."""

    favourites: Callable[[], Sequence[Look]]
    """in their order"""
    complain: Callable[[str], None]


class ArrangePanel(Panel):
    """Which kind, and below it what that kind has to set."""

    title = "Neighbours and sheets"
    tooltip = "Grids whose pictures belong together"
    reset_tooltip = "The pictures stay; each stands for itself again"

    def __init__(self, frame: PanelFrame, actions: ArrangeActions, *, opened: bool = False) -> None:
        super().__init__(frame, opened=opened)
        self._actions = actions

    def structure(self) -> Hashable:
        """Each kind has rows of its own."""
        model = self.session.model
        return self._kind, model and model.num_ws

    def reset(self) -> Callable[[], None]:
        """No arrangement."""
        return self._free

    def build_body(self, column: Column) -> None:
        """The kinds, and the rows of the present one."""
        place = column.place(BUTTON_HEIGHT)
        self.kinds = ChoiceRow(place, KINDS, self.frame.manager, self.place, self.arrange)
        kind = self._kind
        if kind == NEIGHBOURS:
            self._build_neighbours(column)
        elif kind == SHEET:
            self._build_pair(column, ("Grid's corners", self._sheet, "Between the pictures in the corners now"))
        elif kind == MIX_SHEET:
            self._build_zones(column.place(BUTTON_HEIGHT))
        else:
            self._build_pair(column, None)
        self.hint = self.label(column.place(LINE_HEIGHT), "", "@muted")

    def sync_body(self) -> None:
        """Numbers from the document."""
        arrangement = self.session.document.arrangement
        self.kinds.show_value(self._kind)
        self.show_text(self.hint, self._hint())
        if isinstance(arrangement, Neighbours):
            self.radius.show_value(arrangement.radius)
            if arrangement.lineage:
                self.back_button.enable()
            else:
                self.back_button.disable()
        elif isinstance(arrangement, MixSheet) and self.session.model is not None:
            groups = layer_groups(self.session.model.num_ws)
            self.zones.show_values({g.name for g in groups if set(arrangement.layers).issuperset(g.layers)})

    def arrange(self, kind: str) -> None:
        """Lays the grid out; the same kind again begins anew from what is shown."""
        if kind == NEIGHBOURS:
            self.neighbours_of(None)
        elif kind == SHEET:
            self._sheet()
        elif not isinstance(self.session.document.arrangement, MixSheet):
            self._mix(self._zone_layers(FIRST_ZONE) or (0,))

    def neighbours_of(self, tile: int | None) -> None:
        """The children of a picture: of the selected one, or of the middle one, if it is not said whose."""
        document = self.session.document
        middle = document.rows // 2 * document.columns + document.columns // 2
        chosen = document.selected if tile is None else tile
        self.session.edit(arranging.with_neighbours(document, middle if chosen is None else chosen))

    def back(self) -> None:
        """The parent before."""
        self.session.edit(arranging.with_former_parent(self.session.document))

    @property
    def _kind(self) -> str | None:
        match self.session.document.arrangement:
            case Neighbours():
                return NEIGHBOURS
            case Sheet():
                return SHEET
            case MixSheet():
                return MIX_SHEET
        return None

    def _hint(self) -> str:
        match self.session.document.arrangement:
            case Neighbours(lineage=lineage):
                return f"Generation {len(lineage) + 1}. K: children of a picture"
            case Sheet():
                return "Drag favourites onto its corners"
            case MixSheet():
                return "Rows keep their first picture; columns give layers"
        return "K: children of the picture under the mouse"

    def _build_neighbours(self, column: Column) -> None:
        style = RowStyle(
            label="Radius",
            values=RADIUS,
            label_width=LABEL_WIDTH,
            tooltip="How far the children are from the picture in the middle",
        )
        self.radius = ValueRow(column.place(), style, self.frame.manager, self.place, self._change_radius)
        left, right = _halves(column.place(BUTTON_HEIGHT))
        self.others_button = self.button(left, "Other children", self._others, "Of the same picture, as far from it")
        self.back_button = self.button(right, "Back to parent", self.back, "The generation before (Backspace)")

    def _build_pair(self, column: Column, first: tuple[str, Callable[[], None], str] | None) -> None:
        left, right = _halves(column.place(BUTTON_HEIGHT))
        if first is not None:
            self.button(left, *first)
        about = "A sheet between the first four favourites"
        place = right if first is not None else left.union(right)
        self.favourites_button = self.button(place, "Four favourites", self._from_favourites, about)

    def _build_zones(self, row: pygame.Rect) -> None:
        self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), "Layers")
        place = pygame.Rect(CONTROL_LEFT, row.y, row.right - CONTROL_LEFT, BUTTON_HEIGHT)
        groups = layer_groups(self.session.model.num_ws) if self.session.model else ()
        about = "Whether these layers come from the column's picture"
        choices = [Choice(label=group.name, value=group.name, tooltip=about) for group in groups]
        self.zones = ChoiceRow(place, choices, self.frame.manager, self.place, self._toggle_zone)

    def _zone_layers(self, name: str) -> tuple[int, ...]:
        model = self.session.model
        groups = layer_groups(model.num_ws) if model else ()
        return next((group.layers for group in groups if group.name == name), ())

    def _toggle_zone(self, name: str) -> None:
        arrangement = self.session.document.arrangement
        if isinstance(arrangement, MixSheet):
            self._mix(tuple(sorted(set(arrangement.layers) ^ set(self._zone_layers(name)))))

    def _mix(self, layers: Sequence[int]) -> None:
        self.session.edit(arranging.with_mix_sheet(self.session.document, layers))

    def _sheet(self) -> None:
        self.session.edit(arranging.with_sheet(self.session.document))

    def _from_favourites(self) -> None:
        looks = self._actions.favourites()
        if len(looks) < CORNERS:
            self._actions.complain("A sheet lies between four favourites: click pictures to keep at least four.")
            return
        corners = [look.latent for look in looks[:CORNERS]]
        self.session.edit(arranging.with_sheet(self.session.document, corners))

    def _change_radius(self, radius: float, phase: Phase) -> None:
        self.session.edit(arranging.with_radius(self.session.document, radius), phase)

    def _others(self) -> None:
        self.session.edit(arranging.with_other_children(self.session.document))

    def _free(self) -> None:
        self.session.edit(arranging.without_arrangement(self.session.document))


def _halves(row: pygame.Rect) -> tuple[pygame.Rect, pygame.Rect]:
    half = (PANEL_WIDTH - ROW_GAP) // 2
    return pygame.Rect(row.x, row.y, half, row.height), pygame.Rect(row.right - half, row.y, half, row.height)

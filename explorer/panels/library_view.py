"""The library over the grid: search, filters, collections, cards, and an inspector for what is selected.

Owns what is searched for and what is selected; what is in the library comes from the shelf, and every change goes to
whoever keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.elements import UIButton, UILabel, UIPanel
from pygame_gui.ui_manager import UIManager

from explorer.elements.card_grid import Card, CardActions, CardGrid
from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.elements.comparison import Comparison
from explorer.elements.icon import Icon
from explorer.elements.icons import cross
from explorer.elements.side_list import Entry, SideList
from explorer.elements.star_row import StarRow
from explorer.elements.text_field import TextActions, TextField
from explorer.library.search import Query, found
from explorer.library.shelf import Favourite, Shelf
from explorer.panels.library_actions import LibraryActions
from explorer.panels.library_inspector import HEIGHT as INSPECTOR_HEIGHT
from explorer.panels.library_inspector import LibraryInspector
from explorer.session.seed_plane import described

MARGIN = 16
GAP = 8
ROW = 30
WIDE = 860
RAIL_WIDE, RAIL_NARROW = 176, 128
SCOPE_WIDTH, STARS_WIDTH, BUTTON_WIDTH, CLOSE_SIZE = 176, 110, 84, 30
SCOPES = (
    Choice(label="This model", value=True, tooltip="Favourites of the model that is open"),
    Choice(label="All", value=False, tooltip="Favourites of all models"),
)
EMPTY = "Click pictures in the grid to keep them"
NOTHING_FOUND = "Nothing is like that"
ALL = "Favourites"


@dataclass(slots=True, kw_only=True)
class LibraryState:
    """What outlives the view's closing."""

    query: Query = field(default_factory=Query)
    this_model: bool = True
    compared: tuple[int, int] | None = None


class LibraryView:
    """Built where and when it is to be seen; `kill` takes it away."""

    def __init__(self, rect: pygame.Rect, manager: UIManager, actions: LibraryActions, state: LibraryState) -> None:
        self._manager, self._actions, self.state = manager, actions, state
        self._shown: tuple[Shelf, Query] | None = None
        self.ground = UIPanel(
            rect,
            starting_height=8,
            manager=manager,
            object_id=ObjectID(object_id="#library"),
            margins={"left": 0, "right": 0, "top": 0, "bottom": 0},
        )
        top = self._build_bar(rect.width)
        bottom = rect.height - INSPECTOR_HEIGHT - MARGIN // 2
        rail = RAIL_WIDE if rect.width >= WIDE else RAIL_NARROW
        self._build_rail(pygame.Rect(MARGIN, top, rail, bottom - top))
        left = MARGIN + rail
        place = pygame.Rect(left, top, rect.width - left, bottom - top)
        self.cards = CardGrid(place, manager, self.ground, self._card_actions())
        self.cards.pictures = actions.thumbnail
        self.comparison = Comparison(place, manager, self.ground, actions.preview)
        self.comparison.hide()
        inspector = pygame.Rect(MARGIN, bottom + GAP, rect.width - 2 * MARGIN, INSPECTOR_HEIGHT - GAP)
        self.inspector = LibraryInspector(inspector, manager, self.ground, actions, self.toggle_comparison)
        self.search.set_text(state.query.text)
        self.sync()
        manager.set_focus_set(self.cards)

    def kill(self) -> None:
        """Takes the view away."""
        self.ground.kill()

    def touch(self) -> None:
        """A picture has come."""
        self.cards.touch()
        self.comparison.touch()

    def sync(self) -> None:
        """Brings everything into line with the shelf, the model and what is searched for."""
        shelf, query = self._actions.shelf(), self._query
        if self._shown is None or self._shown[0] is not shelf or self._shown[1] != query:
            self._shown = shelf, query
            self._show_cards(shelf, query)
            self._show_rail(shelf)
        chosen = self._chosen(shelf)
        self.inspector.show(chosen, self.state.compared is not None)
        self._show_comparison(shelf)

    def toggle_comparison(self) -> None:
        """Two selected favourites side by side; back to the cards."""
        chosen = self.cards.chosen
        if self.state.compared is not None:
            self.state.compared = None
        elif len(chosen) == 2:
            self.state.compared = chosen[0], chosen[1]

    def close_innermost(self) -> bool:
        """The comparison first. False if there is nothing but the library itself."""
        was_comparing, self.state.compared = self.state.compared is not None, None
        return was_comparing

    @property
    def _query(self) -> Query:
        return replace(self.state.query, content_id=self._actions.model() if self.state.this_model else "")

    def _build_bar(self, width: int) -> int:
        """Search and filters; returns where the body begins."""
        manager, ground = self._manager, self.ground
        fixed = SCOPE_WIDTH + STARS_WIDTH + 2 * BUTTON_WIDTH + 4 * GAP
        wide = width >= WIDE
        right = width - MARGIN - CLOSE_SIZE
        search_width = right - GAP - MARGIN - (fixed if wide else 0)
        search = pygame.Rect(MARGIN, MARGIN - 4, search_width, ROW)
        actions = TextActions(typed=self._search, meant=self._search)
        self.search = TextField(search, manager, ground, actions, "Search names, #tags, models")
        left, top = (search.right + GAP, search.y) if wide else (MARGIN, search.bottom + GAP)
        scope = pygame.Rect(left, top, SCOPE_WIDTH, ROW)
        self.scope = ChoiceRow(scope, SCOPES, manager, ground, self._choose_scope)
        self.scope.show_value(self.state.this_model)
        stars = pygame.Rect(scope.right + GAP, top, STARS_WIDTH, ROW)
        self.stars = StarRow(stars, manager, ground, self._ask_stars)
        self.stars.set_tooltip("Only favourites with at least so many stars")
        self.stars.show_value(self.state.query.rating)
        self._build_files(width - MARGIN if not wide else right - GAP, top)
        close = pygame.Rect(right, search.y, CLOSE_SIZE, CLOSE_SIZE)
        quiet = ObjectID(class_id="@quiet")
        self.close_button = UIButton(close, "", manager, ground, object_id=quiet, command=self._actions.close)
        self.close_button.set_tooltip("Close the library (L, Esc)")
        icon = pygame.Rect(0, 0, 14, 14)
        icon.center = close.center
        Icon(icon, partial(cross, colour=manager.get_theme().get_colour("text")), manager, ground)
        return top + ROW + GAP

    def _build_files(self, right: int, top: int) -> None:
        out = pygame.Rect(right - BUTTON_WIDTH, top, BUTTON_WIDTH, ROW)
        self.export_button = UIButton(out, "Export…", self._manager, self.ground, command=self._export)
        self.export_button.set_tooltip("What is selected, or else all that is shown, as one file to give away")
        back = out.move(-BUTTON_WIDTH - GAP, 0)
        self.import_button = UIButton(back, "Import…", self._manager, self.ground, command=self._actions.bring_in)
        self.import_button.set_tooltip("Takes in favourites that were exported; nothing is overwritten")

    def _build_rail(self, rect: pygame.Rect) -> None:
        muted = ObjectID(class_id="@muted")
        heading = pygame.Rect(rect.x + 10, rect.y, rect.width - 10, 26)
        UILabel(heading, "Collections", self._manager, self.ground, object_id=muted)
        place = pygame.Rect(rect.x, rect.y + 28, rect.width, rect.height - 28 - 2 * (ROW + GAP))
        self.rail = SideList(place, self._manager, self.ground, self._choose_collection)
        line = pygame.Rect(rect.x, place.bottom + GAP, rect.width, ROW - 2)
        self.collection_name = TextField(line, self._manager, self.ground, TextActions(meant=self._name_collection))
        self.collection_name.set_tooltip("The collection's name")
        button = pygame.Rect(rect.x, line.bottom + GAP, rect.width, ROW - 2)
        self.collection_button = UIButton(
            button, "Delete", self._manager, self.ground, object_id=ObjectID(class_id="@quiet"), command=self._drop
        )
        self.collection_button.set_tooltip("Deletes the collection; its favourites stay. Can be undone")

    def _card_actions(self) -> CardActions:
        return CardActions(
            select=lambda: None,
            pick=self._actions.bring_back,
            remove=self._actions.remove,
            rate=self._actions.rate,
            drag=lambda point: self.rail.show_target(point),
            drop=self._dropped,
        )

    def _show_cards(self, shelf: Shelf, query: Query) -> None:
        listed = found(shelf, query)
        cards = [
            Card(card_id=f.favourite_id, title=_title(f), detail=self._detail(f, shelf), rating=f.rating)
            for f in listed
        ]
        asked = query != Query(content_id=query.content_id)
        self.cards.show_cards(cards, NOTHING_FOUND if asked else EMPTY)

    def _show_rail(self, shelf: Shelf) -> None:
        counted = replace(self._query, text="", rating=0)
        everything = len(found(shelf, replace(counted, collection_id=None)))
        entries = [Entry(entry_id=None, label=ALL, count=everything)]
        for collection in shelf.collections:
            count = len(found(shelf, replace(counted, collection_id=collection.collection_id)))
            entries.append(Entry(entry_id=collection.collection_id, label=collection.name, count=count))
        chosen = shelf.collection(self.state.query.collection_id or 0)
        self.rail.show_entries(entries, chosen.collection_id if chosen else None)
        for element in (self.collection_name, self.collection_button):
            (element.show if chosen else element.hide)()
        if chosen:
            self.collection_name.show_text(chosen.name)

    def _show_comparison(self, shelf: Shelf) -> None:
        pair = self.state.compared
        sides = [favourite for favourite in map(shelf.favourite, pair or ()) if favourite is not None]
        if len(sides) < 2:
            self.state.compared = None
        comparing = self.state.compared is not None
        if comparing != bool(self.comparison.visible):
            (self.comparison.show if comparing else self.comparison.hide)()
            (self.cards.hide if comparing else self.cards.show)()
        if comparing:
            self.comparison.show_sides(tuple((f.favourite_id, _title(f), _controls(f)) for f in sides))

    def _chosen(self, shelf: Shelf) -> tuple[Favourite, ...]:
        chosen = (shelf.favourite(favourite_id) for favourite_id in self.cards.chosen)
        return tuple(favourite for favourite in chosen if favourite is not None)

    def _detail(self, favourite: Favourite, shelf: Shelf) -> str:
        if favourite.tags:
            return " ".join(f"#{tag}" for tag in favourite.tags)
        return "" if self.state.this_model else shelf.models.get(favourite.content_id, "another model")

    def _search(self, text: str) -> None:
        self.state.query = replace(self.state.query, text=text)

    def _choose_scope(self, this_model: bool) -> None:
        self.state.this_model = this_model
        self.scope.show_value(this_model)

    def _ask_stars(self, rating: int) -> None:
        self.state.query = replace(self.state.query, rating=rating)
        self.stars.show_value(rating)

    def _choose_collection(self, collection_id: int | None) -> None:
        self.state.query = replace(self.state.query, collection_id=collection_id)
        self._shown = None

    def _name_collection(self, name: str) -> None:
        if self.state.query.collection_id is not None:
            self._actions.rename_collection(self.state.query.collection_id, name)

    def _drop(self) -> None:
        collection = self._actions.shelf().collection(self.state.query.collection_id or 0)
        if collection is not None:
            self._choose_collection(None)
            self._actions.remove_collection(collection)

    def _dropped(self, ids: tuple[int, ...], point: tuple[int, int], before: int | None) -> None:
        self.rail.show_target(None)
        entry = self.rail.entry_at(point)
        if entry is not None and entry.entry_id is not None:
            self._actions.collect(ids, (entry.label,), ())
        elif self.cards.rect.collidepoint(point):
            self._move(ids, before)

    def _move(self, ids: tuple[int, ...], before: int | None) -> None:
        """Behind the last one that is shown is before the next one that is not, or at the very end."""
        shelf, collection_id = self._actions.shelf(), self.state.query.collection_id
        if before is None and self.cards.cards:
            order = [f.favourite_id for f in found(shelf, Query(collection_id=collection_id))]
            behind = order[order.index(self.cards.cards[-1].card_id) + 1 :]
            before = behind[0] if behind else None
        self._actions.move(ids, before, collection_id)

    def _export(self) -> None:
        self._actions.export(self.cards.chosen or tuple(card.card_id for card in self.cards.cards))


def _title(favourite: Favourite) -> str:
    return favourite.name or described(favourite.look.latent)


def _controls(favourite: Favourite) -> str:
    look = favourite.look
    mixed = ", mixed" if look.style_mixes else ""
    return f"psi {look.truncation.psi:g}{mixed}, {favourite.created.astimezone():%d %b %Y}"

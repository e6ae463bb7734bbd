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
from explorer.elements.placing import put
from explorer.elements.side_list import Entry, SideList
from explorer.elements.star_row import StarRow
from explorer.elements.text_field import TextActions, TextField
from explorer.library.search import Query, found
from explorer.library.shelf import Favourite, Shelf
from explorer.panels.library_actions import LibraryActions
from explorer.panels.library_inspector import LibraryInspector
from explorer.panels.library_layout import LibraryPlaces, library_places
from explorer.session.seed_plane import described

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
        places = library_places(*rect.size)
        self._build_bar(places)
        self._build_rail(places)
        self.cards = CardGrid(places.cards, manager, self.ground, self._card_actions())
        self.cards.pictures = actions.thumbnail
        self.comparison = Comparison(places.cards, manager, self.ground, actions.preview)
        self.comparison.hide()
        self.inspector = LibraryInspector(places.inspector, manager, self.ground, actions, self.toggle_comparison)
        self.search.set_text(state.query.text)
        self.sync()
        manager.set_focus_set(self.cards)

    def resize(self, rect: pygame.Rect) -> None:
        """Another place and size. What is typed, selected and scrolled to stays."""
        places = library_places(*rect.size)
        put(self.ground, rect)
        self.scope.resize(places.scope)
        self.inspector.resize(places.inspector)
        for element, place in (
            (self.search, places.search),
            (self.stars, places.stars),
            (self.import_button, places.bring_in),
            (self.export_button, places.export),
            (self.close_button, places.close),
            (self._close_icon, places.icon),
            (self._heading, places.heading),
            (self.rail, places.rail),
            (self.collection_name, places.collection_name),
            (self.collection_button, places.collection_button),
            (self.cards, places.cards),
            (self.comparison, places.cards),
        ):
            put(element, place)

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

    def _build_bar(self, places: LibraryPlaces) -> None:
        """Search, filters, files."""
        manager, ground = self._manager, self.ground
        actions = TextActions(typed=self._search, meant=self._search)
        self.search = TextField(places.search, manager, ground, actions, "Search names, #tags, models")
        self.scope = ChoiceRow(places.scope, SCOPES, manager, ground, self._choose_scope)
        self.scope.show_value(self.state.this_model)
        self.stars = StarRow(places.stars, manager, ground, self._ask_stars)
        self.stars.set_tooltip("Only favourites with at least so many stars")
        self.stars.show_value(self.state.query.rating)
        self.export_button = UIButton(places.export, "Export…", manager, ground, command=self._export)
        self.export_button.set_tooltip("What is selected, or else all that is shown, as one file to give away")
        self.import_button = UIButton(places.bring_in, "Import…", manager, ground, command=self._actions.bring_in)
        self.import_button.set_tooltip("Takes in favourites that were exported; nothing is overwritten")
        quiet = ObjectID(class_id="@quiet")
        self.close_button = UIButton(places.close, "", manager, ground, object_id=quiet, command=self._actions.close)
        self.close_button.set_tooltip("Close the library (L, Esc)")
        picture = partial(cross, colour=manager.get_theme().get_colour("text"))
        self._close_icon = Icon(places.icon, picture, manager, ground)

    def _build_rail(self, places: LibraryPlaces) -> None:
        manager, ground = self._manager, self.ground
        muted, quiet = ObjectID(class_id="@muted"), ObjectID(class_id="@quiet")
        self._heading = UILabel(places.heading, "Collections", manager, ground, object_id=muted)
        self.rail = SideList(places.rail, manager, ground, self._choose_collection)
        actions = TextActions(meant=self._name_collection)
        self.collection_name = TextField(places.collection_name, manager, ground, actions)
        self.collection_name.set_tooltip("The collection's name")
        self.collection_button = UIButton(
            places.collection_button, "Delete", manager, ground, object_id=quiet, command=self._drop
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

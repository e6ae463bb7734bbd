"""Favourites in the window: between the library, the strip and the marks on the grid.

A click is on the disk before the mark appears. Without a library (an unwritable folder, another program that holds
the file) everything else works, and the next click tries to open it again.
"""

from __future__ import annotations

from collections.abc import Callable

import pygame

from engine.inference.requests import Look
from explorer.app.library_thread import LibraryThread
from explorer.app.notices import Notice
from explorer.app.thumbnails import PictureStore
from explorer.elements.favourites_strip import FavouritesStrip
from explorer.library.favourites import Library
from explorer.library.shelf import Favourite, Shelf
from explorer.session.edits import with_look
from explorer.session.session import Session


class FavouritesDesk:
    """Adds, removes, shows, and brings looks back."""

    def __init__(self, session: Session, say: Callable[[Notice], None], complain: Callable[[str], None]) -> None:
        self._session = session
        self._say = say
        self.thread = LibraryThread(self._take_shelf, complain)
        self.thumbnails = PictureStore(self.thread, Library.thumbnail, self.pictures_arrived)
        self.shelf = Shelf()
        """as it was last heard of"""
        self._kept: dict[Look, Favourite] = {}
        self.strip: FavouritesStrip | None = None
        self.followers: list[Callable[[], None]] = []
        """hear of pictures that have come"""

    @property
    def looks(self) -> tuple[Look, ...]:
        """The looks that are kept of this model, in the person's order."""
        return tuple(self._kept)

    @property
    def busy(self) -> bool:
        """Whether the library has still to answer."""
        return self.thread.busy

    def collect(self) -> bool:
        """Takes in what the library has answered; False if there is nothing new to see."""
        return self.thread.collect()

    def open_library(self) -> None:
        """Opens the library on disk; a failure is a message, not the end."""
        self.thread.open()

    def close(self) -> None:
        """Waits for what is being written, and lets go of the file."""
        self.thread.close()

    def model_opened(self, name: str) -> None:
        """The favourites of the model that is open; the library remembers what it is called."""
        model = self._session.model
        if model is not None and self.shelf.models.get(model.content_id) != name:
            content_id = model.content_id
            self.thread.note("name the model", lambda library: library.name_model(content_id, name))
        self.show()

    def marked_tiles(self) -> frozenset[int]:
        """Tiles whose look is a favourite."""
        tiles = range(len(self._session.document.tiles))
        return frozenset(tile for tile in tiles if self._session.look_of(tile) in self._kept)

    def toggle(self, tile: int) -> None:
        """Keeps what the tile shows, or lets it go."""
        result, model = self._session.finished(tile), self._session.model
        if model is None or result is None:
            return
        content_id = model.content_id
        self.thread.change("keep the favourite", lambda library: library.toggle(content_id, result.look, result.pixels))

    def thumbnail_of(self, look: Look) -> pygame.Surface | None:
        """The picture that the library has of this model's look; None if it has none, or until it is there."""
        favourite = self._kept.get(look)
        return None if favourite is None else self.thumbnails.get(favourite.favourite_id)

    def remove(self, *favourite_ids: int) -> None:
        """They are not favourites any more, unless it is taken back."""
        count = len(favourite_ids)
        what = "The favourite was let go." if count == 1 else f"{count} favourites were let go."
        undo = Notice(text=what, lasting=False, action_label="Undo", action=lambda: self.restore(*favourite_ids))
        self.thread.change(
            "let the favourite go", lambda library: library.remove(*favourite_ids), lambda _nothing: self._say(undo)
        )

    def restore(self, *favourite_ids: int) -> None:
        """Takes `remove` back."""
        text = "They are favourites again." if len(favourite_ids) > 1 else "It is a favourite again."
        self.thread.change(
            "bring the favourite back",
            lambda library: library.restore(*favourite_ids),
            lambda _nothing: self._say(Notice(text=text, lasting=False)),
        )

    def bring_back(self, favourite_id: int) -> None:
        """The look goes into the selected tile, or into the first."""
        found = self.shelf.favourite(favourite_id)
        if found is not None:
            tile = self._session.document.selected or 0
            self._session.edit(with_look(self._session.document, tile, found.look))

    def _take_shelf(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.show()

    def show(self) -> None:
        """Brings the strip into line."""
        model = self._session.model
        content_id = None if model is None else model.content_id
        mine = [favourite for favourite in self.shelf.favourites if favourite.content_id == content_id]
        self._kept = {favourite.look: favourite for favourite in mine}
        if self.strip is not None:
            self.strip.show_items([favourite.favourite_id for favourite in mine])

    def pictures_arrived(self) -> None:
        """There is something new to draw."""
        if self.strip is not None:
            self.strip.touch()
        for follower in self.followers:
            follower()

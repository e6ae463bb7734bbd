"""Favourites in the window: between the library, the strip and the marks on the grid.

A click is on the disk before the mark appears. Without a library (an unwritable folder, another program that holds
the file) everything else works, and the next click tries to open it again.
"""

from __future__ import annotations

from collections.abc import Callable

import pygame

from engine.inference.requests import Look
from explorer.elements.favourites_strip import FavouritesStrip
from explorer.elements.pixels import surface_of
from explorer.library.errors import LibraryError
from explorer.library.favourites import Favourite, Library
from explorer.session.edits import with_look
from explorer.session.session import Session

BUSY_SECONDS = 0.5
"""How long the window may stand still for another program that is using the library."""


class FavouritesDesk:
    """Adds, removes, shows, and brings looks back."""

    def __init__(self, session: Session, complain: Callable[[str], None]) -> None:
        self._session = session
        self._complain = complain
        self._library: Library | None = None
        self._told = ""
        self._kept: dict[Look, Favourite] = {}
        self._thumbnails: dict[int, pygame.Surface] = {}
        self.strip: FavouritesStrip | None = None

    @property
    def looks(self) -> tuple[Look, ...]:
        """The looks that are kept of this model, in order of adding."""
        return tuple(self._kept)

    def open_library(self) -> None:
        """Opens the library on disk; a failure is a message, not the end."""
        try:
            self._library = Library(busy_seconds=BUSY_SECONDS)
        except LibraryError as error:
            self._complain(f"Favourites cannot be kept at the moment. {error}")
            return
        self._tell_notice(self._library)

    def close(self) -> None:
        """Lets go of the file."""
        if self._library is not None:
            self._library.close()

    def load(self) -> None:
        """The favourites of the model that is open."""
        self._kept = {}
        if self._library is not None and self._session.model is not None:
            try:
                kept = self._library.favourites(self._session.model.content_id)
            except LibraryError as error:
                kept = []
                self._complain(str(error))
            self._kept = {favourite.look: favourite for favourite in kept}
            self._tell_notice(self._library)
        self._show()

    def marked_tiles(self) -> frozenset[int]:
        """Tiles whose look is a favourite."""
        tiles = range(len(self._session.document.tiles))
        return frozenset(tile for tile in tiles if self._session.look_of(tile) in self._kept)

    def toggle(self, tile: int) -> None:
        """Keeps what the tile shows, or lets it go."""
        result = self._session.results.get(tile)
        if self._session.model is None or result is None:
            return
        if self._library is None:
            self.open_library()
            self.load()
        if self._library is None:
            return  # it has been said why
        known = self._kept.get(result.look)
        if known is not None:
            self.remove(known.favourite_id)
            return
        try:
            self._kept[result.look] = self._library.add(self._session.model.content_id, result.look, result.pixels)
        except LibraryError as error:
            self._complain(str(error))
        self._show()

    def remove(self, favourite_id: int) -> None:
        """It is not a favourite any more."""
        found = self._find(favourite_id)
        if found is None or self._library is None:
            return
        try:
            self._library.remove(favourite_id)
        except LibraryError as error:
            self._complain(str(error))
            return
        del self._kept[found.look]
        self._thumbnails.pop(favourite_id, None)
        self._show()

    def bring_back(self, favourite_id: int) -> None:
        """The look goes into the selected tile, or into the first."""
        found = self._find(favourite_id)
        if found is not None:
            tile = self._session.document.selected or 0
            self._session.edit(with_look(self._session.document, tile, found.look))

    def _tell_notice(self, library: Library) -> None:
        """What had to be set aside or left out, once."""
        if library.notice != self._told:
            self._told = library.notice
            self._complain(library.notice)

    def _find(self, favourite_id: int) -> Favourite | None:
        return next((kept for kept in self._kept.values() if kept.favourite_id == favourite_id), None)

    def _show(self) -> None:
        if self.strip is None:
            return
        items = []
        for favourite in self._kept.values():
            key = favourite.favourite_id
            if key not in self._thumbnails:
                self._thumbnails[key] = surface_of(favourite.thumbnail)
            items.append((key, self._thumbnails[key]))
        self.strip.show_items(items)

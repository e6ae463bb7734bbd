"""What the library's view shows and asks for. Knows neither widgets nor who does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pygame

from explorer.library.shelf import Collection, Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryActions:
    """Ids are favourites' unless something else is said."""

    shelf: Callable[[], Shelf]
    model: Callable[[], str]
    """content id of the model that is open; "" for none"""
    thumbnail: Callable[[int], pygame.Surface | None]
    preview: Callable[[int], pygame.Surface | None]
    bring_back: Callable[[int], None]
    remove: Callable[[tuple[int, ...]], None]
    rename: Callable[[int, str], None]
    tag: Callable[[tuple[int, ...], Sequence[str], Sequence[str]], None]
    """(ids, tags to give, tags to take)"""
    rate: Callable[[tuple[int, ...], int], None]
    move: Callable[[tuple[int, ...], int | None, int | None], None]
    """(ids, before which, in which collection's order: None for that of all)"""
    collect: Callable[[tuple[int, ...], Sequence[str], Sequence[str]], None]
    """(ids, names of the collections to put them into, names of those to take them out of)"""
    rename_collection: Callable[[int, str], None]
    remove_collection: Callable[[Collection], None]
    export: Callable[[tuple[int, ...]], None]
    bring_in: Callable[[], None]
    """asks for a file of favourites, and takes in what it holds"""
    close: Callable[[], None]

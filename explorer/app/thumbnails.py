"""Small pictures of favourites, fetched from the library when they are to be seen, and forgotten when there are many.

Knows the library's thread, not who shows the pictures.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import numpy as np
import pygame

from explorer.app.library_thread import LibraryThread
from explorer.elements.pixels import surface_of
from explorer.library.errors import LibraryError
from explorer.library.favourites import Library

MAX_PICTURES = 600


class PictureStore:
    """The most recently seen pictures."""

    def __init__(
        self,
        thread: LibraryThread,
        read: Callable[[Library, int], np.ndarray],
        arrived: Callable[[], None],
        limit: int = MAX_PICTURES,
    ) -> None:
        """read: in the library's thread; arrived: there is something new to draw."""
        self._thread = thread
        self._read = read
        self._arrived = arrived
        self._limit = limit
        self._known: OrderedDict[int, pygame.Surface | None] = OrderedDict()  # None where it is on its way or broken

    def get(self, favourite_id: int) -> pygame.Surface | None:
        """None until it is there, and for one that cannot be read."""
        if favourite_id in self._known:
            self._known.move_to_end(favourite_id)
            return self._known[favourite_id]
        self._known[favourite_id] = None
        while len(self._known) > self._limit:
            self._known.popitem(last=False)
        self._thread.read(
            "read a thumbnail",
            lambda library: _read_or_none(self._read, library, favourite_id),
            lambda pixels: self._take(favourite_id, pixels),
        )
        return None

    def forget(self) -> None:
        """Reads anew what is asked for again."""
        self._known.clear()

    def _take(self, favourite_id: int, pixels: np.ndarray | None) -> None:
        if pixels is not None and favourite_id in self._known:
            self._known[favourite_id] = surface_of(pixels)
            self._arrived()


def _read_or_none(read: Callable[[Library, int], np.ndarray], library: Library, favourite_id: int) -> np.ndarray | None:
    """A broken thumbnail is a grey square, not a message for each."""
    try:
        return read(library, favourite_id)
    except LibraryError:
        return None

"""The favourites: looks that a person has kept, by the content of the model they belong to.

A click is one transaction: what `add` has returned is on the disk, whatever happens next. Several explorers may
use the same library at once. Knows nothing of windows or of how pictures are made.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from engine.errors import ConfigError
from engine.inference.requests import Look, look_from_dict, look_to_dict
from explorer.library.database import BUSY_SECONDS, COLUMNS, open_database, sentences, transaction
from explorer.library.errors import LibraryError
from explorer.library.folders import data_folder
from explorer.library.thumbnails import from_png, thumbnail_of, to_png

DATABASE_NAME = "favourites.sqlite"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Favourite:
    """One kept look. Two are the same if their favourite_id is."""

    favourite_id: int
    content_id: str
    """of the model"""
    look: Look
    thumbnail: np.ndarray
    """uint8 [h, w, 3], at most 128 pixels on a side"""
    created: datetime
    """in UTC"""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Favourite) and other.favourite_id == self.favourite_id

    def __hash__(self) -> int:
        return hash(self.favourite_id)


class Library:
    """The favourites on disk. To be used from the thread that made it."""

    def __init__(self, folder: Path | None = None, busy_seconds: float = BUSY_SECONDS) -> None:
        """Opens or begins the library in this folder (None: the platform's). Raises LibraryError.

        busy_seconds: how long to wait for another program that is using the file.
        `notice` is then a sentence if a damaged library had to be set aside, else empty.
        """
        self.path = (folder or data_folder()) / DATABASE_NAME
        self._connection, self.notice = open_database(self.path, busy_seconds)

    def add(self, content_id: str, look: Look, pixels: np.ndarray) -> Favourite:
        """Keeps the look with a thumbnail of its picture (uint8 [H, W, 3 or 4]); on the disk when it returns.

        A look that is kept already is not kept twice: the favourite that is there comes back. Raises
        LibraryError if it could not be written.
        """
        png = to_png(thumbnail_of(pixels))
        now = datetime.now(timezone.utc).isoformat()
        with sentences(self.path), transaction(self._connection):
            self._connection.execute(
                "INSERT INTO favourites (content_id, look, thumbnail, created) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (content_id, _key(look), png, now),
            )
            [row] = self._rows_of(content_id, look)
        return self._favourite(row)

    def remove(self, favourite_id: int) -> None:
        """Gives the favourite up; nothing happens if it is not there. Raises LibraryError."""
        with sentences(self.path), transaction(self._connection):
            self._connection.execute("DELETE FROM favourites WHERE favourite_id = ?", (favourite_id,))

    def find(self, content_id: str, look: Look) -> Favourite | None:
        """The favourite with exactly this look of this model, if it is one. Raises LibraryError."""
        with sentences(self.path):
            rows = self._rows_of(content_id, look)
        return self._favourite(rows[0]) if rows else None

    def favourites(self, content_id: str) -> list[Favourite]:
        """The favourites of this model in the order in which they were added. Raises LibraryError.

        One that cannot be read, for instance from a newer program, is left out; `notice` then says so.
        """
        with sentences(self.path):
            rows = self._connection.execute(
                f"SELECT {COLUMNS} FROM favourites WHERE content_id = ? ORDER BY favourite_id", (content_id,)
            ).fetchall()
        readable: list[Favourite] = []
        for row in rows:
            try:
                readable.append(self._favourite(row))
            except LibraryError as error:
                self.notice = f"{error} It is left out."
        return readable

    def close(self) -> None:
        """Lets go of the file. Nothing is lost without it."""
        self._connection.close()

    def _rows_of(self, content_id: str, look: Look) -> list[tuple]:
        return self._connection.execute(
            f"SELECT {COLUMNS} FROM favourites WHERE content_id = ? AND look = ?", (content_id, _key(look))
        ).fetchall()

    def _favourite(self, row: tuple) -> Favourite:
        favourite_id, content_id, look, png, created = row
        try:
            return Favourite(
                favourite_id=favourite_id,
                content_id=content_id,
                look=look_from_dict(json.loads(look)),
                thumbnail=from_png(png),
                created=datetime.fromisoformat(created),
            )
        except (ConfigError, ValueError, TypeError, OSError, SyntaxError) as error:
            raise LibraryError(f"Favourite {favourite_id} in {self.path} cannot be read: {error}.") from error


def _key(look: Look) -> str:
    """Equal looks have the same text, also where one says 1 and the other 1.0, or -0.0 and 0.0."""
    plain = look_to_dict(look_from_dict(look_to_dict(look)))
    unsigned = json.loads(json.dumps(plain), parse_float=lambda text: float(text) + 0.0)
    return json.dumps(unsigned, sort_keys=True)

"""The library: looks that a person has kept, with names, tags, ratings, an order, and collections.

Every method is one transaction: what has returned is on the disk, whatever happens next. Several explorers may use
the same library at once. Knows nothing of windows or of how pictures are made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np

from engine.errors import ConfigError
from engine.inference.requests import Look, look_from_dict, look_to_dict
from explorer.library import tables
from explorer.library.backups import back_up
from explorer.library.database import BUSY_SECONDS, open_database, sentences, transaction
from explorer.library.errors import LibraryError
from explorer.library.folders import data_folder
from explorer.library.shelf import MAX_RATING, Collection, Favourite, Merged, Record, Shelf, clean_name, clean_tags
from explorer.library.thumbnails import from_image, preview_of, thumbnail_of, to_png

DATABASE_NAME = "favourites.sqlite"
KEPT_DAYS = 30
"""For so long a favourite that was let go can come back, with all that was written about it."""
COLUMNS = "favourite_id, content_id, look, created, name, rating"


class Library:
    """The favourites on disk. To be used from the thread that made it."""

    def __init__(self, folder: Path | None = None, busy_seconds: float = BUSY_SECONDS) -> None:
        """Opens or begins the library in this folder (None: the platform's). Raises LibraryError.

        busy_seconds: how long to wait for another program that is using the file.
        `notice` is then a sentence if a damaged library had to be set aside, else empty.
        """
        self.path = (folder or data_folder()) / DATABASE_NAME
        self._connection, self.notice = open_database(self.path, busy_seconds)
        self._looks: dict[int, tuple[str, Look, datetime]] = {}
        with self._writing():
            self._purge()

    def add(self, content_id: str, look: Look, pixels: np.ndarray) -> Favourite:
        """Keeps the look with small pictures of it (pixels: uint8 [H, W, 3 or 4]); on the disk when it returns.

        A look that is kept already is not kept twice: the favourite that is there comes back. One that was let go
        lately has its name, tags and rating again. Raises LibraryError if it could not be written.
        """
        values = (content_id, _key(look), to_png(thumbnail_of(pixels)), preview_of(pixels), _now())
        with self._writing():
            favourite_id = tables.insert(self._connection, values)
            [row] = self._rows("WHERE favourite_id = ?", favourite_id)
            tags = tables.tags_by_favourite(self._connection).get(favourite_id, ())
        return self._favourite(row, tags)

    def toggle(self, content_id: str, look: Look, pixels: np.ndarray) -> None:
        """Keeps the look, or lets it go if it is kept. Raises LibraryError."""
        known = self.find(content_id, look)
        if known is None:
            self.add(content_id, look, pixels)
        else:
            self.remove(known.favourite_id)

    def remove(self, *favourite_ids: int) -> None:
        """Gives favourites up; nothing happens to those that are not there. Raises LibraryError."""
        self._set("removed", _now(), favourite_ids)

    def restore(self, *favourite_ids: int) -> None:
        """Takes `remove` back. Raises LibraryError."""
        self._set("removed", None, favourite_ids)

    def rename(self, favourite_id: int, name: str) -> None:
        """ "" for no name. Raises LibraryError."""
        self._set("name", clean_name(name), (favourite_id,))

    def rate(self, rating: int, *favourite_ids: int) -> None:
        """0 for no rating. Raises LibraryError."""
        self._set("rating", min(max(rating, 0), MAX_RATING), favourite_ids)

    def tag(self, added: Sequence[str], removed: Sequence[str], *favourite_ids: int) -> None:
        """Other tags stay, also those that another explorer has just given. Raises LibraryError."""
        with self._writing():
            for favourite_id in favourite_ids:
                tables.change_tags(self._connection, favourite_id, clean_tags(added), clean_tags(removed))

    def move(self, favourite_ids: Sequence[int], before: int | None, collection_id: int | None = None) -> None:
        """Puts them before another one (None: at the end), in a collection's order or in that of all favourites."""
        with self._writing():
            tables.move(self._connection, favourite_ids, before, collection_id)

    def create_collection(self, name: str) -> Collection:
        """The one of that name if there is one already (capitals do not matter). Raises LibraryError."""
        if not clean_name(name):
            raise LibraryError("a collection needs a name: type one")
        with self._writing():
            collection_id = tables.create_collection(self._connection, clean_name(name))
            return tables.collections(self._connection)[collection_id]

    def rename_collection(self, collection_id: int, name: str) -> None:
        """Raises LibraryError, also if another collection has the name."""
        try:
            with self._writing():
                tables.rename_collection(self._connection, collection_id, clean_name(name))
        except tables.NameTakenError as error:
            raise LibraryError(f'there is a collection "{clean_name(name)}" already: choose another name') from error

    def remove_collection(self, collection_id: int) -> None:
        """Its favourites stay. Raises LibraryError."""
        with self._writing():
            self._connection.execute("DELETE FROM collections WHERE collection_id = ?", (collection_id,))

    def restore_collection(self, collection: Collection) -> Collection:
        """Takes `remove_collection` back. Raises LibraryError."""
        with self._writing():
            collection_id = tables.create_collection(self._connection, collection.name)
            tables.put_into(self._connection, collection_id, collection.members)
            return tables.collections(self._connection)[collection_id]

    def put_into(self, collection_id: int, favourite_ids: Sequence[int]) -> None:
        """Those that are not in the collection go to its end. Raises LibraryError."""
        with self._writing():
            tables.put_into(self._connection, collection_id, favourite_ids)

    def take_out(self, collection_id: int, favourite_ids: Sequence[int]) -> None:
        """They stay in the library. Raises LibraryError."""
        with self._writing():
            tables.take_out(self._connection, collection_id, favourite_ids)

    def name_model(self, content_id: str, name: str) -> None:
        """What a model is called from now on. Raises LibraryError."""
        with self._writing():
            tables.name_model(self._connection, content_id, clean_name(name))

    def find(self, content_id: str, look: Look) -> Favourite | None:
        """The favourite with exactly this look of this model, if it is one. Raises LibraryError."""
        with sentences(self.path):
            where = "WHERE content_id = ? AND look = ? AND removed IS NULL"
            rows = self._rows(where, content_id, _key(look))
            tags = tables.tags_by_favourite(self._connection)
        return self._favourite(rows[0], tags.get(rows[0][0], ())) if rows else None

    def shelf(self) -> Shelf:
        """Everything but the pictures. Raises LibraryError.

        A favourite that cannot be read, for instance from a newer program, is left out; `notice` then says so.
        """
        with sentences(self.path), transaction(self._connection, writes=False):
            rows = self._rows("WHERE removed IS NULL ORDER BY position, favourite_id")
            tags = tables.tags_by_favourite(self._connection)
            collections = tables.collections(self._connection)
            models = tables.models(self._connection)
        readable: list[Favourite] = []
        for row in rows:
            try:
                readable.append(self._favourite(row, tags.get(row[0], ())))
            except LibraryError as error:
                self.notice = f"{error} It is left out."
        return Shelf(favourites=tuple(readable), collections=tuple(collections.values()), models=models)

    def favourites(self, content_id: str) -> list[Favourite]:
        """Those of one model, in the person's order. Raises LibraryError."""
        return [favourite for favourite in self.shelf().favourites if favourite.content_id == content_id]

    def thumbnail(self, favourite_id: int) -> np.ndarray:
        """uint8 [h, w, 3], at most 128 pixels on a side. Raises LibraryError."""
        return self._picture(favourite_id, "thumbnail")

    def preview(self, favourite_id: int) -> np.ndarray:
        """uint8 [h, w, 3], at most 512 pixels on a side. Raises LibraryError."""
        return self._picture(favourite_id, "coalesce(preview, thumbnail)")

    def pictures(self, favourite_id: int) -> tuple[bytes, bytes | None]:
        """(thumbnail, preview if there is one) as the files' bytes. Raises LibraryError if it is not there any more."""
        with sentences(self.path):
            row = self._connection.execute(
                "SELECT thumbnail, preview FROM favourites WHERE favourite_id = ?", (favourite_id,)
            ).fetchone()
        if row is None:
            raise LibraryError(f"favourite {favourite_id} is not there any more: try again")
        return row[0], row[1]

    def merge(self, records: Sequence[Record]) -> Merged:
        """Takes in favourites from elsewhere, all or none; nothing that is written here is overwritten.

        A look that is here already gets the name or the rating that it has not, and the tags. Raises LibraryError.
        """
        with self._writing():
            before = {row[0] for row in self._rows("WHERE removed IS NULL")}
            ids = tuple(tables.take_in(self._connection, record, _key(record.look)) for record in records)
        return Merged(ids=ids, added=len(set(ids) - before))

    def changed_elsewhere(self) -> bool:
        """Whether another program has written to the library since this was last asked. Raises LibraryError."""
        with sentences(self.path):
            (seen,) = self._connection.execute("PRAGMA data_version").fetchone()
        changed, self._seen = seen != self._seen, seen
        return changed

    _seen = 0

    def back_up(self) -> None:
        """Makes a backup beside the library. Raises LibraryError."""
        with sentences(self.path):
            back_up(self._connection, self.path)

    def close(self) -> None:
        """Lets go of the file. Nothing is lost without it."""
        self._connection.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with sentences(self.path), transaction(self._connection):
            yield

    def _purge(self) -> None:
        oldest = (datetime.now(timezone.utc) - timedelta(days=KEPT_DAYS)).isoformat()
        self._connection.execute("DELETE FROM favourites WHERE removed < ?", (oldest,))

    def _set(self, column: str, value: str | int | None, favourite_ids: Sequence[int]) -> None:
        with self._writing():
            self._connection.executemany(
                f"UPDATE favourites SET {column} = ? WHERE favourite_id = ?",
                [(value, favourite_id) for favourite_id in favourite_ids],
            )

    def _rows(self, where: str, *values: object) -> list[tuple]:
        return self._connection.execute(f"SELECT {COLUMNS} FROM favourites {where}", values).fetchall()

    def _picture(self, favourite_id: int, column: str) -> np.ndarray:
        with sentences(self.path):
            row = self._connection.execute(
                f"SELECT {column} FROM favourites WHERE favourite_id = ?", (favourite_id,)
            ).fetchone()
        try:
            return from_image(row[0])
        except (ValueError, TypeError, OSError, SyntaxError) as error:
            raise LibraryError(f"The picture of favourite {favourite_id} in {self.path} cannot be read.") from error

    def _favourite(self, row: tuple, tags: tuple[str, ...]) -> Favourite:
        favourite_id, content_id, text, created, name, rating = row
        look, when = self._understood(favourite_id, text, created)
        return Favourite(
            favourite_id=favourite_id,
            content_id=content_id,
            look=look,
            created=when,
            name=str(name),
            rating=min(max(int(rating), 0), MAX_RATING),
            tags=tags,
        )

    def _understood(self, favourite_id: int, text: str, created: str) -> tuple[Look, datetime]:
        """Remembered: looks never change, and reading thousands of them takes a while."""
        known = self._looks.get(favourite_id)
        if known is not None and known[0] == text:
            return known[1:]
        try:
            look, when = look_from_dict(json.loads(text)), datetime.fromisoformat(created)
        except (ConfigError, ValueError, TypeError, RecursionError) as error:
            raise LibraryError(f"Favourite {favourite_id} in {self.path} cannot be read: {error}.") from error
        self._looks[favourite_id] = (text, look, when)
        return look, when


def _now() -> str:
    return datetime.now(timezone.utc).isoformat()


def _key(look: Look) -> str:
    """Equal looks have the same text, also where one says 1 and the other 1.0, or -0.0 and 0.0."""
    plain = look_to_dict(look_from_dict(look_to_dict(look)))
    unsigned = json.loads(json.dumps(plain), parse_float=lambda text: float(text) + 0.0)
    return json.dumps(unsigned, sort_keys=True)

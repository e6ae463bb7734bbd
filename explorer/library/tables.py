"""The statements behind the library: tags, collections, and the person's order. Each expects a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from explorer.library.shelf import Collection, Record


class NameTakenError(Exception):
    """Another collection has that name. Never leaves this package."""


def insert(connection: sqlite3.Connection, values: tuple[str, str, bytes, bytes | None, str]) -> int:
    """(content id, look, thumbnail, preview, now) at the end; the id of the favourite, new or old."""
    position = _last_position(connection, "SELECT max(position) FROM favourites")
    connection.execute(
        "INSERT INTO favourites (content_id, look, thumbnail, preview, created, position) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (content_id, look) DO UPDATE SET removed = NULL, position = excluded.position"
        " WHERE removed IS NOT NULL",
        (*values, position),
    )
    (favourite_id,) = connection.execute(
        "SELECT favourite_id FROM favourites WHERE content_id = ? AND look = ?", values[:2]
    ).fetchone()
    return int(favourite_id)


def take_in(connection: sqlite3.Connection, record: Record, key: str) -> int:
    """A favourite from elsewhere; what a person has written here stays. Its id here."""
    values = (record.content_id, key, record.thumbnail, record.preview, record.created)
    favourite_id = insert(connection, values)
    connection.execute(
        "UPDATE favourites SET name = CASE name WHEN '' THEN ? ELSE name END,"
        " rating = CASE rating WHEN 0 THEN ? ELSE rating END, preview = coalesce(preview, ?) WHERE favourite_id = ?",
        (record.name, record.rating, record.preview, favourite_id),
    )
    change_tags(connection, favourite_id, record.tags, ())
    return favourite_id


def tags_by_favourite(connection: sqlite3.Connection) -> dict[int, tuple[str, ...]]:
    """Of those that have any, in alphabetical order."""
    tags: dict[int, tuple[str, ...]] = {}
    for favourite_id, tag in connection.execute("SELECT favourite_id, tag FROM tags ORDER BY favourite_id, tag"):
        tags[favourite_id] = (*tags.get(favourite_id, ()), str(tag))
    return tags


def change_tags(
    connection: sqlite3.Connection, favourite_id: int, added: Sequence[str], removed: Sequence[str]
) -> None:
    """Of a favourite that is there."""
    connection.executemany(
        "DELETE FROM tags WHERE favourite_id = ? AND tag = ?", [(favourite_id, tag) for tag in removed]
    )
    connection.executemany(
        "INSERT OR IGNORE INTO tags SELECT favourite_id, ? FROM favourites WHERE favourite_id = ?",
        [(tag, favourite_id) for tag in added],
    )


def collections(connection: sqlite3.Connection) -> dict[int, Collection]:
    """By id, in alphabetical order."""
    members: dict[int, list[int]] = {}
    rows = connection.execute(
        "SELECT collection_id, favourite_id FROM members JOIN favourites USING (favourite_id)"
        " WHERE removed IS NULL ORDER BY members.position, favourite_id"
    )
    for collection_id, favourite_id in rows:
        members.setdefault(collection_id, []).append(favourite_id)
    named = connection.execute("SELECT collection_id, name FROM collections ORDER BY name COLLATE NOCASE")
    return {
        collection_id: Collection(
            collection_id=collection_id, name=str(name), members=tuple(members.get(collection_id, ()))
        )
        for collection_id, name in named
    }


def create_collection(connection: sqlite3.Connection, name: str) -> int:
    """The id of the collection, new or old."""
    connection.execute("INSERT OR IGNORE INTO collections (name) VALUES (?)", (name,))
    (collection_id,) = connection.execute("SELECT collection_id FROM collections WHERE name = ?", (name,)).fetchone()
    return int(collection_id)


def rename_collection(connection: sqlite3.Connection, collection_id: int, name: str) -> None:
    """Raises NameTakenError. No name leaves it as it was."""
    if not name:
        return
    try:
        connection.execute("UPDATE collections SET name = ? WHERE collection_id = ?", (name, collection_id))
    except sqlite3.IntegrityError as error:
        raise NameTakenError from error


def put_into(connection: sqlite3.Connection, collection_id: int, favourite_ids: Sequence[int]) -> None:
    """At the end. Those that are there stay where they are; what is not in the library any more is passed over."""
    position = _last_position(connection, "SELECT max(position) FROM members WHERE collection_id = ?", (collection_id,))
    connection.executemany(
        "INSERT OR IGNORE INTO members SELECT collection_id, favourite_id, ? FROM collections, favourites"
        " WHERE collection_id = ? AND favourite_id = ?",
        [(position + index, collection_id, favourite_id) for index, favourite_id in enumerate(favourite_ids)],
    )


def take_out(connection: sqlite3.Connection, collection_id: int, favourite_ids: Sequence[int]) -> None:
    """Those that are in it."""
    connection.executemany(
        "DELETE FROM members WHERE collection_id = ? AND favourite_id = ?",
        [(collection_id, favourite_id) for favourite_id in favourite_ids],
    )


def move(
    connection: sqlite3.Connection, favourite_ids: Sequence[int], before: int | None, collection_id: int | None
) -> None:
    """In the order as it is now, which another explorer may have changed a moment ago."""
    where, values = ("members WHERE collection_id = ?", (collection_id,)) if collection_id else ("favourites", ())
    rows = connection.execute(f"SELECT favourite_id FROM {where} ORDER BY position, favourite_id", values)
    order = [favourite_id for (favourite_id,) in rows]
    known, moved = set(order), set(favourite_ids)
    moving = [favourite_id for favourite_id in favourite_ids if favourite_id in known]
    while before in moved:  # dropped on one of those that are moved: before the next one that is not
        following = order[order.index(before) + 1 :] if before in known else []
        before = following[0] if following else None
    order = [favourite_id for favourite_id in order if favourite_id not in moved]
    index = order.index(before) if before in order else len(order)
    order[index:index] = moving
    table, condition = ("members", "AND collection_id = ?") if collection_id else ("favourites", "")
    connection.executemany(
        f"UPDATE {table} SET position = ? WHERE favourite_id = ? {condition}",
        [(position, favourite_id, *values) for position, favourite_id in enumerate(order)],
    )


def models(connection: sqlite3.Connection) -> dict[str, str]:
    """content id -> name"""
    return {content_id: str(name) for content_id, name in connection.execute("SELECT content_id, name FROM models")}


def name_model(connection: sqlite3.Connection, content_id: str, name: str) -> None:
    """The last name counts."""
    connection.execute(
        "INSERT INTO models VALUES (?, ?) ON CONFLICT (content_id) DO UPDATE SET name = excluded.name",
        (content_id, name),
    )


def _last_position(connection: sqlite3.Connection, statement: str, values: tuple[int, ...] = ()) -> float:
    (last,) = connection.execute(statement, values).fetchone()
    return 0.0 if last is None else float(last) + 1

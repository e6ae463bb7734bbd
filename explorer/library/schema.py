"""The tables, and how the tables of an older program become today's. Knows nothing of files.

Each version is a list of statements that is never changed once it was in use: a new version is a new entry.
"""

from __future__ import annotations

import sqlite3

from explorer.library.errors import DamagedError

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE favourites (
            favourite_id INTEGER PRIMARY KEY AUTOINCREMENT,
            content_id TEXT NOT NULL,
            look TEXT NOT NULL,
            thumbnail BLOB NOT NULL,
            created TEXT NOT NULL,
            UNIQUE (content_id, look)
        )
        """,
    ),
    (
        "ALTER TABLE favourites ADD COLUMN name TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE favourites ADD COLUMN rating INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE favourites ADD COLUMN position REAL NOT NULL DEFAULT 0",
        "ALTER TABLE favourites ADD COLUMN preview BLOB",
        "ALTER TABLE favourites ADD COLUMN removed TEXT",
        "UPDATE favourites SET position = favourite_id",
        "CREATE INDEX favourites_by_position ON favourites (position)",
        """
        CREATE TABLE tags (
            favourite_id INTEGER NOT NULL REFERENCES favourites ON DELETE CASCADE,
            tag TEXT NOT NULL,
            PRIMARY KEY (favourite_id, tag)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE collections (
            collection_id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE COLLATE NOCASE
        )
        """,
        """
        CREATE TABLE members (
            collection_id INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
            favourite_id INTEGER NOT NULL REFERENCES favourites ON DELETE CASCADE,
            position REAL NOT NULL,
            PRIMARY KEY (collection_id, favourite_id)
        ) WITHOUT ROWID
        """,
        "CREATE TABLE models (content_id TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID",
    ),
)
SCHEMA_VERSION = len(MIGRATIONS)
COLUMNS = (
    {"favourites": {"favourite_id", "content_id", "look", "thumbnail", "created"}},
    {
        "favourites": {"name", "rating", "position", "preview", "removed"},
        "tags": {"favourite_id", "tag"},
        "collections": {"collection_id", "name"},
        "members": {"collection_id", "favourite_id", "position"},
        "models": {"content_id", "name"},
    },
)
"""What each version has added; a file that claims a version and lacks its columns was not written by this program."""


def version_of(connection: sqlite3.Connection) -> int:
    """0 for a file that nobody has written to yet."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def migrate(connection: sqlite3.Connection) -> None:
    """Brings the tables up to today's version. To be called inside a transaction, which makes it all or nothing."""
    for version in range(version_of(connection), SCHEMA_VERSION):
        for statement in MIGRATIONS[version]:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={version + 1}")


def check_tables(connection: sqlite3.Connection) -> None:
    """Raises DamagedError if the file is of another program, or has lost a table."""
    version = version_of(connection)
    if version == 0 and _columns(connection, "favourites"):
        raise DamagedError("it is another program's database")
    for added in COLUMNS[:version]:
        for table, columns in added.items():
            if not columns <= _columns(connection, table):
                raise DamagedError(f"its table of {table} is not what this program writes")


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}

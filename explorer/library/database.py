"""The database file: opened durably, set aside if it is damaged, left alone if it is from a newer program.

Knows nothing of what a favourite is beyond its table.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from explorer.library.errors import LibraryError

SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS favourites (
    favourite_id INTEGER PRIMARY KEY AUTOINCREMENT,
    content_id TEXT NOT NULL,
    look TEXT NOT NULL,
    thumbnail BLOB NOT NULL,
    created TEXT NOT NULL,
    UNIQUE (content_id, look)
)
"""
COLUMNS = "favourite_id, content_id, look, thumbnail, created"
BUSY_SECONDS = 5.0
"""How long to wait for another program that is writing, unless said otherwise."""


class DamagedError(Exception):
    """The file is not a database that this program could have written. Never leaves this package."""


def open_database(path: Path, busy_seconds: float = BUSY_SECONDS) -> tuple[sqlite3.Connection, str]:
    """The connection, and a sentence about what had to be done first ('' if nothing).

    Every step waits at most `busy_seconds` for another program.

    Every commit is on the disk when it returns (WAL with synchronous=FULL). A damaged file is renamed, never
    deleted. Raises LibraryError if the folder cannot be written or the file comes from a newer program.
    """
    with sentences(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _connect(path, busy_seconds), ""
        except DamagedError as damage:
            kept = _set_aside(path)
            notice = (
                f"The favourites in {path} could not be read ({damage}). The file was kept as {kept.name}, "
                "and a new one was begun."
            )
            return _connect(path, busy_seconds), notice


@contextlib.contextmanager
def sentences(path: Path) -> Iterator[None]:
    """Turns what SQLite and the file system raise into LibraryErrors."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise LibraryError(f"The favourites in {path} cannot be used: {error}. {_advice(path, error)}") from error
    except sqlite3.DatabaseError as error:
        raise LibraryError(
            f"The favourites in {path} are damaged: {error}. Restart the explorer: it keeps the damaged file "
            "under another name and begins a new one."
        ) from error
    except OSError as error:
        raise LibraryError(
            f"The folder {path.parent} cannot be used: {error.strerror or error}. Make it writable, or name "
            "another one in the environment variable STYLEGAN_EXPLORER_DATA."
        ) from error
    except DamagedError as error:
        raise LibraryError(f"The favourites in {path} cannot be used: {error}.") from error


def _advice(path: Path, error: sqlite3.OperationalError) -> str:
    if "locked" in str(error) or "busy" in str(error):
        return "Another program is using it: try again in a moment."
    if "full" in str(error):
        return "Free some room on the disk."
    return f"Make {path.parent} writable, or name another folder in the environment variable STYLEGAN_EXPLORER_DATA."


def _connect(path: Path, busy_seconds: float) -> sqlite3.Connection:
    if path.exists():
        _examine(path, busy_seconds)
    connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
    try:
        _use_wal(connection, busy_seconds)
        connection.execute("PRAGMA synchronous=FULL")
        with transaction(connection):  # also shows at once whether the file can be written
            connection.execute(SCHEMA)
            connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _examine(path: Path, busy_seconds: float) -> None:
    """Raises DamagedError, or LibraryError for a newer program's file.

    It reads without the right to write, so that such a file stays as it is. For what is in the way of a sound
    file SQLite raises OperationalError, for a file that is not sound its parent class itself.
    """
    reader = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=busy_seconds)
    try:
        (version,) = reader.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise LibraryError(
                f"The favourites in {path} were written by a newer version of this program (schema {version}, "
                f"known here: {SCHEMA_VERSION}). They were left as they are: update the program, or name another "
                "folder in the environment variable STYLEGAN_EXPLORER_DATA."
            )
        (verdict,) = reader.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise DamagedError(verdict)
        columns = {row[1] for row in reader.execute("PRAGMA table_info(favourites)")}
        if columns and not columns.issuperset(COLUMNS.split(", ")):
            raise DamagedError("it is another program's database")
    except sqlite3.OperationalError:
        return  # the writing connection will meet it too, and say so
    except sqlite3.DatabaseError as error:
        raise DamagedError(str(error)) from error
    finally:
        reader.close()  # before the file is renamed, which Windows refuses while it is open


def _use_wal(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Changing the mode needs the file for itself, and SQLite does not wait for that by itself."""
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
        time.sleep(0.01)


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing; on the disk when it is left."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _set_aside(path: Path) -> Path:
    """Renames the file and what SQLite keeps beside it. Returns the new name, which did not exist before."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    number, kept = 1, path.with_name(f"{path.stem}.damaged-{stamp}{path.suffix}")
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.stem}.damaged-{stamp}-{number}{path.suffix}")
    path.rename(kept)
    for suffix in ("-wal", "-shm"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.rename(kept.with_name(kept.name + suffix))
    return kept

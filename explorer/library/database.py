"""The database file: opened durably, upgraded, rebuilt from a backup if it is damaged, left alone if it is newer.

Knows nothing of what a favourite is.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from engine.atomic_files import replaced_file
from engine.folder_lock import LOCK_NAME, locked
from explorer.library.backups import before_upgrade_path, check_soundness, copy_database, restore_backup
from explorer.library.errors import DamagedError, LibraryError
from explorer.library.schema import SCHEMA_VERSION, migrate, version_of

BUSY_SECONDS = 5.0
"""How long to wait for another program that is writing, unless said otherwise."""


def open_database(path: Path, busy_seconds: float = BUSY_SECONDS) -> tuple[sqlite3.Connection, str]:
    """The connection, and a sentence about what had to be done first ('' if nothing).

    Every step waits at most `busy_seconds` for another program.

    Every commit is on the disk when it returns (WAL with synchronous=FULL). A damaged file is renamed, never
    deleted, and its last backup takes its place. Raises LibraryError if the folder cannot be written or the file
    comes from a newer program.
    """
    with sentences(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path.parent, busy_seconds):
            try:
                return _connect(path, busy_seconds), ""
            except DamagedError as damage:
                kept = _set_aside(path)
                made = restore_backup(path)
                outcome = (
                    "a new one was begun"
                    if made is None
                    else f"the favourites are back as they were in the backup of {made:%d %B %Y, %H:%M}"
                )
                notice = f"The favourites in {path} could not be read ({damage}). The file was kept as {kept.name}, "
                return _connect(path, busy_seconds), f"{notice}and {outcome}."


@contextlib.contextmanager
def _alone(folder: Path, busy_seconds: float) -> Iterator[None]:
    """One explorer at a time opens, so that none finds a file that another is just setting aside.

    Raises OSError if the folder takes no files, and LibraryError if another is at it for longer than that.
    """
    (folder / LOCK_NAME).touch()
    deadline = time.monotonic() + busy_seconds
    while (lock := locked(folder)) is None:
        if time.monotonic() > deadline:
            raise LibraryError(f"Another program is opening the favourites in {folder}: try again in a moment.")
        time.sleep(0.01)
    with lock:
        yield


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
            "under another name and restores the last backup."
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
        connection.execute("PRAGMA foreign_keys=ON")
        _upgrade(connection, path)
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _upgrade(connection: sqlite3.Connection, path: Path) -> None:
    """Also shows at once whether the file can be written. What an older program had is kept beside it."""
    version = version_of(connection)
    if 0 < version < SCHEMA_VERSION and not before_upgrade_path(path, version).exists():
        with replaced_file(before_upgrade_path(path, version)) as temporary:
            copy_database(connection, temporary)
    with transaction(connection):
        migrate(connection)  # asks for the version again: another explorer may have been quicker


def _examine(path: Path, busy_seconds: float) -> None:
    """Raises DamagedError, or LibraryError for a newer program's file.

    It reads without the right to write, so that such a file stays as it is. For what is in the way of a sound
    file SQLite raises OperationalError, for a file that is not sound its parent class itself.
    """
    reader = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=busy_seconds)
    try:
        version = version_of(reader)
        if version > SCHEMA_VERSION:
            raise LibraryError(
                f"The favourites in {path} were written by a newer version of this program (schema {version}, "
                f"known here: {SCHEMA_VERSION}). They were left as they are: update the program, or name another "
                "folder in the environment variable STYLEGAN_EXPLORER_DATA."
            )
        check_soundness(reader)
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
def transaction(connection: sqlite3.Connection, *, writes: bool = True) -> Iterator[None]:
    """All of it or nothing, on the disk when it is left. One that only reads sees one moment, and waits for nobody."""
    connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
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

"""Copies of the database, made while it is in use, and put in its place when it is damaged.

Two are kept, so that there is always a whole one while the next is being made. Knows nothing of tables beyond
whether they are sound.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from engine.atomic_files import replaced_file
from explorer.library.errors import DamagedError
from explorer.library.schema import SCHEMA_VERSION, check_tables, version_of

PAGES_AT_ONCE = 256
"""Copied between two looks at whether another program wants to write."""


def backup_paths(path: Path) -> tuple[Path, Path]:
    """(the newest backup, the one before)"""
    return path.with_name(f"{path.stem}.backup{path.suffix}"), path.with_name(f"{path.stem}.backup-2{path.suffix}")


def before_upgrade_path(path: Path, version: int) -> Path:
    """Where a library of an older program is kept as it was."""
    return path.with_name(f"{path.stem}.schema-{version}{path.suffix}")


def back_up(connection: sqlite3.Connection, path: Path) -> None:
    """A copy of an open library beside its file; the backup before becomes the second one.

    Raises sqlite3.DatabaseError, DamagedError or OSError, and leaves the backups as they were.
    """
    newest, older = backup_paths(path)
    with replaced_file(newest) as temporary:
        copy_database(connection, temporary)
        examine(temporary)
        if newest.exists():
            os.replace(newest, older)


def copy_database(connection: sqlite3.Connection, target: Path) -> None:
    """All of the database as it is now, through SQLite's own backup, as a file that needs no other beside it."""
    with closing(sqlite3.connect(target)) as copy:
        connection.backup(copy, pages=PAGES_AT_ONCE, sleep=0.01)
        copy.execute("PRAGMA journal_mode=DELETE")


def examine(path: Path) -> None:
    """Raises DamagedError unless the file is a sound library of this program or of an older one."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as reader:
        try:
            check_soundness(reader)
        except sqlite3.DatabaseError as error:
            raise DamagedError(str(error)) from error
        if not 0 < version_of(reader) <= SCHEMA_VERSION:
            raise DamagedError("it is of another version")


def check_soundness(reader: sqlite3.Connection) -> None:
    """Raises DamagedError, or sqlite3.DatabaseError where SQLite itself stumbles.

    All of it is read as of one moment: another explorer may be making its tables meanwhile.
    """
    reader.execute("BEGIN")
    try:
        (verdict,) = reader.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise DamagedError(verdict)
        check_tables(reader)
    finally:
        if reader.in_transaction:
            reader.execute("ROLLBACK")


def restore_backup(path: Path) -> datetime | None:
    """Puts the newest sound backup where the library was. When it was made; None if there is none. Raises OSError."""
    for backup in backup_paths(path):
        with contextlib.suppress(DamagedError, sqlite3.DatabaseError):
            if not backup.exists():
                continue
            examine(backup)
            made = datetime.fromtimestamp(backup.stat().st_mtime)
            with replaced_file(path) as temporary:
                temporary.write_bytes(backup.read_bytes())
            return made
    return None

"""A folder that belongs to one process at a time; the system gives it free when that process dies.

Knows nothing of what lies in the folder.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

LOCK_NAME = "lock"


def locked(folder: Path) -> IO[bytes] | None:
    """An open file that holds the lock until it is closed.

    None if another process holds it, or if the folder takes no files.
    """
    try:
        file = open(folder / LOCK_NAME, "ab")  # noqa: SIM115 - open for as long as the lock is held
    except OSError:
        return None
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file

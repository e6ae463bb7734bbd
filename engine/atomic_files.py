"""A file that is replaced by a whole new one, or not at all. Knows nothing of what is written into it."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replaced_file(path: Path) -> Iterator[Path]:
    """Gives a temporary name in the folder of `path`; what was written there takes the place of `path` at the end.

    If the body fails or the process dies, what was under `path` before is still there. Raises OSError.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())  # some writers make files that only their owner may read
        os.replace(temporary, path)
    finally:
        with contextlib.suppress(OSError):  # what made the writing fail is what the person should hear of
            temporary.unlink()


def _umask() -> int:
    """The permissions that new files do not get. POSIX tells it only to who sets it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask

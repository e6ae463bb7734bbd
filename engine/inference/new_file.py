"""A file that appears under its name only when it is complete, and never in the place of another.

Knows nothing of what is written into it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.errors import ExportError


def free_path(path: Path, taken: Callable[[Path], bool] = lambda _path: False) -> Path:
    """The first of name.png, name-2.png, name-3.png, ... that does not exist, and is not taken in another way."""
    candidate, number = path, 1
    while os.path.lexists(candidate) or taken(candidate):
        number += 1
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return candidate


def require_new(path: Path) -> None:
    """Raises ExportError if something has this name already, or if its folder is missing."""
    if os.path.lexists(path):
        raise ExportError(f"{path} exists already and is not overwritten: choose another name")
    if not path.parent.is_dir():
        raise ExportError(f"{path} cannot be written: the folder {path.parent} does not exist")


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Gives a temporary name in the folder of `path`; what was written there becomes `path` at the end.

    If the body fails or is cancelled, the temporary file is removed and `path` never appears.
    Every OSError becomes an ExportError that names the file.
    """
    require_new(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with _as_export_error(path):
            os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
            yield temporary
            flush_to_disk(temporary)
            _publish(temporary, path)
    finally:
        with contextlib.suppress(OSError):  # what made the writing fail is what the person should hear of
            temporary.unlink()


@contextlib.contextmanager
def _as_export_error(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise ExportError(f"{path} exists already and is not overwritten: choose another name") from error
    except PermissionError as error:
        raise ExportError(
            f"{path} cannot be written: the folder {path.parent} refuses new files; choose another folder"
        ) from error
    except OSError as error:
        raise ExportError(sentence_for(path, error)) from error


def sentence_for(path: Path, error: OSError) -> str:
    """What to tell a person whose file could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{path} could not be written: the disk is full; free some room or choose another folder"
    return f"{path} could not be written: {error.strerror or error}; choose another name or folder"


def flush_to_disk(path: Path) -> None:
    """What was written there outlives a power failure when this returns. Raises OSError."""
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def _publish(temporary: Path, path: Path) -> None:
    """Renames without ever replacing a file that has come into being in the meantime."""
    if os.name == "nt":  # rename refuses to replace there
        os.rename(temporary, path)
        return
    try:
        os.link(temporary, path)  # refuses to replace, unlike rename
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links, such as exFAT: claim the name, then replace our claim
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        os.replace(temporary, path)

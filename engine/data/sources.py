"""Somewhere pictures lie: a folder, or an archive that `open_source` recognises. Knows nothing of pixels."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.data.labels import DATASET_JSON, LARGEST_JSON_BYTES, Label, labels_from_json
from engine.data.picture_files import SUFFIXES, LooseFile, PictureFile, order_of_names
from engine.errors import DataError

OnWarning = Callable[[str], None]
"""Called with a sentence for whatever is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The pictures of one place, in an order that is the same on every platform."""

    path: Path
    kind: str
    """what a sentence calls it, such as "folder" """
    files: Sequence[PictureFile]
    read_labels: Callable[[], StoredLabels | None]
    """what the place itself says of its pictures; None if nothing. Raises DataError"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLabels:
    """Labels as they are stored beside the pictures."""

    where: str
    """what a sentence calls the place they were read from"""
    of: dict[str, Label]
    """by the picture's name"""
    class_names: tuple[str, ...] | None = None


def folder_source(folder: Path, on_warning: OnWarning) -> Source:
    """Every picture below a folder; `find_pictures` says which. Raises DataError."""
    found = find_pictures(folder, on_warning)
    files = [LooseFile(path, path.relative_to(folder).as_posix()) for path in found]
    return Source(path=folder, kind="folder", files=files, read_labels=lambda: _labels_of_folder(folder))


def find_pictures(folder: Path, on_warning: OnWarning) -> list[Path]:
    """Every file below `folder` with a picture's suffix, hidden ones (names that begin with a dot) left out.

    Ordered by the path relative to the folder, written with "/" and compared by code points in Unicode's form
    NFC. Links to folders are followed, each folder once. Raises DataError if `folder` cannot be listed; a folder
    inside it that cannot be is a warning.
    """
    _refuse_unlistable(folder)
    found: list[Path] = []
    visited: set[str] = set()

    def report(error: OSError) -> None:
        on_warning(f"The folder {error.filename} was left out: {error.strerror}.")

    for parent, subfolders, names in os.walk(folder, onerror=report, followlinks=True):
        real = os.path.realpath(parent)
        if real in visited:
            subfolders.clear()
            continue
        visited.add(real)
        # Sorted, so that of two links to one folder the same one is followed everywhere.
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        found += [
            Path(parent, name)
            for name in names
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES
        ]
    return sorted(found, key=lambda file: order_of_names(file.relative_to(folder).as_posix()))


def parsed_labels(content: bytes, where: str) -> StoredLabels | None:
    """A dataset.json. Raises DataError."""
    parsed = labels_from_json(content, where)
    if parsed is None:
        return None
    of, class_names = parsed
    return StoredLabels(where=where, of=of, class_names=class_names)


def _labels_of_folder(folder: Path) -> StoredLabels | None:
    path = folder / DATASET_JSON
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST_JSON_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DataError(f"The labels in {path} cannot be read: {error.strerror}. Check its permissions.") from error
    return parsed_labels(content, str(path))


def _refuse_unlistable(folder: Path) -> None:
    try:
        with os.scandir(folder):
            return
    except FileNotFoundError as error:
        raise DataError(f"There is no folder {folder}. Check the path of the folder of pictures.") from error
    except OSError as error:
        raise DataError(
            f"The folder {folder} cannot be read: {error.strerror}. Check its path and permissions, or name another."
        ) from error

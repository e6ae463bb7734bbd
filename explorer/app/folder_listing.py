"""What a folder holds, as a person looks for files: folders first, names in their natural order, nothing hidden.

Knows nothing of widgets.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Set
from pathlib import Path

from explorer.elements.file_list import FileRow

UNITS = ("bytes", "kB", "MB", "GB", "TB")


def rows_of(folder: Path, suffixes: Set[str] | None) -> tuple[FileRow, ...]:
    """suffixes: of the files that are wanted, ".png" for instance, in small letters; None for all. Raises OSError."""
    rows = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            is_folder = _is_folder(entry)
            wanted = suffixes is None or os.path.splitext(entry.name)[1].lower() in suffixes
            if is_folder or wanted:
                rows.append(FileRow(name=entry.name, folder=is_folder))
    return tuple(sorted(rows, key=lambda row: (not row.folder, _natural(row.name))))


def told_of(path: Path) -> str:
    """When a file was written, and how large it is; "" for a folder, and for what cannot be asked."""
    try:
        known = path.stat()
    except OSError:
        return ""
    if path.is_dir():
        return ""
    written = time.strftime("%Y-%m-%d %H:%M", time.localtime(known.st_mtime))
    return f"{written}   {_size(known.st_size)}"


def path_from(text: str, folder: Path) -> Path:
    """What somebody has typed or pasted: ~ is their home, quotation marks are none of the name."""
    bare = text.strip().strip("\"'")
    return folder / os.path.expanduser(bare) if bare else folder


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link into a disk that does not answer
        return False


def _natural(name: str) -> tuple[tuple[int, int, str], ...]:
    parts = re.split(r"(\d+)", name.casefold())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)


def _size(size: float) -> str:
    unit = 0
    while size >= 1000 and unit < len(UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.0f} {UNITS[unit]}" if unit == 0 or size >= 10 else f"{size:.1f} {UNITS[unit]}"

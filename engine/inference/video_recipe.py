"""The recipe inside an MP4 file: the comment of its metadata, read without decoding anything.

An MP4 file is a tree of boxes (ISO/IEC 14496-12); the comment is moov/udta/meta/ilst/©cmt/data. Knows nothing of
what a recipe means.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import IO, Any

from engine.errors import DataError

_MAX_INDEX_BYTES = 256 * 2**20
_WAY_TO_COMMENT = ((b"udta", 0), (b"meta", 0), (b"ilst", 4), (b"\xa9cmt", 0), (b"data", 0))
"""(box, bytes of the box around it that come before its first box)"""
_DATA_HEADER_BYTES = 8
"""type and locale of a value"""


def read_video_recipe(path: Path) -> dict[str, Any]:
    """Raises DataError if the file cannot be read or carries no recipe."""
    try:
        with open(path, "rb") as file:
            index = _find_index(file)
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist: give the name of a video that this program made") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror or error})") from error
    text = None if index is None else _comment(index)
    if text is None:
        raise DataError(f"{path} carries no recipe: choose a video that this program made and nothing re-encoded")
    try:
        recipe = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DataError(f"the comment inside {path} is no recipe: choose a video that this program made") from error
    if not isinstance(recipe, dict):
        raise DataError(f"the comment inside {path} is no recipe: choose a video that this program made")
    return recipe


def _find_index(file: IO[bytes]) -> bytes | None:
    """The content of the moov box, which lies among the outermost boxes."""
    while len(header := file.read(8)) == 8:
        size, kind = struct.unpack(">I4s", header)
        inside = size - 8
        if size == 1:  # the size is too large for 32 bits
            large = file.read(8)
            if len(large) < 8:
                return None
            inside = struct.unpack(">Q", large)[0] - 16
        if size == 0:  # it reaches to the end of the file
            inside = _MAX_INDEX_BYTES
        if kind == b"moov" and inside >= 0:
            return file.read(min(inside, _MAX_INDEX_BYTES))
        if inside < 0 or size == 0:  # damaged, or the last box
            return None
        file.seek(inside, 1)
    return None


def _comment(index: bytes) -> bytes | None:
    content: bytes | None = index
    for kind, skipped in _WAY_TO_COMMENT:
        content = None if content is None else _box(content[skipped:], kind)
    return None if content is None else content[_DATA_HEADER_BYTES:]


def _box(content: bytes, wanted: bytes) -> bytes | None:
    position = 0
    while position + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, position)
        if size < 8:
            return None
        if kind == wanted:
            return content[position + 8 : position + size]
        position += size
    return None

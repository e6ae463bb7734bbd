"""The recipe inside a video of any kind, read without decoding it.

An MP4 file is a tree of boxes (ISO/IEC 14496-12); the comment is moov/udta/meta/ilst/©cmt/data. FFmpeg tells that of
a WebM, Pillow that of a GIF. Knows nothing of what a recipe means.
"""

from __future__ import annotations

import json
import re
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from PIL import Image

from engine.errors import DataError
from engine.inference.images import read_recipe
from engine.video.embed import webp_recipe
from engine.video.ffmpeg import find_ffmpeg

_MAX_INDEX_BYTES = 256 * 2**20
_WEBM_SECONDS = 60
_WAY_TO_COMMENT = ((b"udta", 0), (b"meta", 0), (b"ilst", 4), (b"\xa9cmt", 0), (b"data", 0))
"""(box, bytes of the box around it that come before its first box)"""
_DATA_HEADER_BYTES = 8
"""type and locale of a value"""


def read_video_recipe(path: Path) -> dict[str, Any]:
    """The recipe in a video, in an animated picture, or in the .json beside them; DataError if there is none."""
    suffix = path.suffix.lower()
    if suffix in (".png", ".apng"):
        return read_recipe(path)
    try:
        text = _READERS.get(suffix, _mp4_text)(path)
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist: give the name of a video that this program made") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror or error})") from error
    if text is None:
        raise DataError(f"{path} carries no recipe: choose a video that this program made and nothing re-encoded")
    try:
        recipe = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DataError(f"the comment inside {path} is no recipe: choose a video that this program made") from error
    if not isinstance(recipe, dict):
        raise DataError(f"the comment inside {path} is no recipe: choose a video that this program made")
    return recipe


def _mp4_text(path: Path) -> bytes | None:
    with open(path, "rb") as file:
        index = _find_index(file)
    return None if index is None else _comment(index)


def _json_text(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(_MAX_INDEX_BYTES)


def _webp_text(path: Path) -> bytes | None:
    with open(path, "rb") as file:
        return webp_recipe(file)


def _gif_text(path: Path) -> bytes | None:
    try:
        with Image.open(path, formats=["GIF"]) as image:
            comment = image.info.get("comment")
    except (SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    return comment if isinstance(comment, bytes) else None


def _webm_text(path: Path) -> bytes | None:
    with open(path, "rb"):  # whether it can be read at all is the system's to say
        pass
    command = [find_ffmpeg(), "-loglevel", "error", "-nostdin", "-i", str(path), "-f", "ffmetadata", "-"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_WEBM_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None
    found = re.search(rb"^comment=((?:\\.|[^\\\n])*)", done.stdout, re.MULTILINE | re.IGNORECASE | re.DOTALL)
    return None if found is None else re.sub(rb"\\(.)", rb"\1", found[1], flags=re.DOTALL)


_READERS: dict[str, Callable[[Path], bytes | None]] = {
    ".json": _json_text,
    ".gif": _gif_text,
    ".webm": _webm_text,
    ".webp": _webp_text,
}
RECIPE_SUFFIXES = (".mp4", ".m4v", ".apng", *_READERS)
"""of the files that may carry the recipe of a video"""


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

"""The recipe into the picture formats that FFmpeg gives no comment: GIF, WebP and APNG; and out of them again.

A GIF has a comment extension (GIF89a, section 24), a PNG a text chunk, and a WebP, which has nothing of that kind, a
chunk of our own at its end, which readers skip. Knows nothing of what a recipe means.
"""

from __future__ import annotations

import json
import shutil
import struct
import zlib
from pathlib import Path
from typing import IO, Any

from engine.inference.images import RECIPE_KEYWORD

WEBP_CHUNK = b"SGEX"
_PNG_HEAD_BYTES = 8 + 25
"""the signature and the chunk IHDR"""
_NETSCAPE_BYTES = 19
"""the application extension that says how often a GIF is played"""


def embed_recipe(container: str, source: Path, target: Path, recipe: dict[str, Any]) -> None:
    """Writes `source`, of the container 'gif', 'webp' or 'apng', to `target` with the recipe inside. Raises OSError."""
    text = json.dumps(recipe).encode("ascii")
    with open(source, "rb") as made, open(target, "wb") as file:
        if container == "gif":
            file.write(_gif_head(made))
            file.write(_gif_comment(text))
            shutil.copyfileobj(made, file)
        elif container == "apng":
            file.write(made.read(_PNG_HEAD_BYTES))
            file.write(_png_chunk(b"tEXt", RECIPE_KEYWORD.encode("ascii") + b"\0" + text))
            shutil.copyfileobj(made, file)
        else:
            shutil.copyfileobj(made, file)
            file.write(_riff_chunk(WEBP_CHUNK, text))
            size = file.tell() - 8
            file.seek(4)
            file.write(struct.pack("<I", size))


def webp_recipe(file: IO[bytes]) -> bytes | None:
    """The content of our chunk in a WebP file; None if there is none."""
    if len(head := file.read(12)) < 12 or head[:4] != b"RIFF" or head[8:] != b"WEBP":
        return None
    while len(header := file.read(8)) == 8:
        name, size = struct.unpack("<4sI", header)
        if name == WEBP_CHUNK:
            return file.read(size)
        file.seek(size + size % 2, 1)
    return None


def _gif_head(made: IO[bytes]) -> bytes:
    """Header, palette, and the extension about playing, which some players want to be the first."""
    head = made.read(13)
    palette = made.read(3 * 2 ** ((head[10] & 7) + 1)) if head[10] & 0x80 else b""
    position = made.tell()
    extension = made.read(_NETSCAPE_BYTES)
    if not extension.startswith(b"\x21\xff\x0bNETSCAPE2.0"):
        made.seek(position)
        extension = b""
    return head + palette + extension


def _gif_comment(text: bytes) -> bytes:
    blocks = (text[start : start + 255] for start in range(0, len(text), 255))
    return b"\x21\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def _png_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _riff_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack("<4sI", name, len(content)) + content + b"\0" * (len(content) % 2)

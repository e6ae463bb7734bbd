"""A file's bytes as views of memory that the operating system fills when they are looked at.

Knows nothing of what the bytes mean.
"""

from __future__ import annotations

import mmap
import zlib
from pathlib import Path
from typing import Final

import numpy as np

CHUNK_BYTES: Final = 16 * 2**20


def mapped(path: Path) -> memoryview:
    """The bytes of a file that is not empty; it stays mapped for as long as a view of it is in use."""
    with path.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def release(view: memoryview) -> None:
    """Says that these bytes are not needed soon, so that they no longer count as this process's memory.

    Looked at again, they are read again. Without it, opening a model would take its size twice. Does nothing for
    bytes of another kind, and where the system (Windows) has no way to say so.
    """
    source = view.obj
    if not isinstance(source, mmap.mmap) or not hasattr(source, "madvise") or not len(view):
        return
    start = _address(view) - _address(memoryview(source))
    first, end = -(-start // mmap.PAGESIZE) * mmap.PAGESIZE, (start + len(view)) // mmap.PAGESIZE * mmap.PAGESIZE
    if end > first:
        source.madvise(mmap.MADV_DONTNEED, first, end - first)


def checksum(view: memoryview) -> int:
    """The CRC-32 of these bytes; no more than a few of them are held in memory at once."""
    value = 0
    for start in range(0, len(view), CHUNK_BYTES):
        chunk = view[start : start + CHUNK_BYTES]
        value = zlib.crc32(chunk, value)
        if len(view) > CHUNK_BYTES:
            release(chunk)
    return value


def _address(view: memoryview) -> int:
    address: int = np.frombuffer(view, np.uint8).__array_interface__["data"][0]
    return address

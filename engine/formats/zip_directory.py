"""The entries of a zip file as views of its bytes: only entries that are stored as they are, every claim checked.

Python's own `zipfile` trusts an archive's directory: entries may overlap, so that a small file claims a hundred times
its size, or contradict their own headers. Here nothing is unpacked and nothing overlaps, so that no archive can stand
for more bytes than it has. Knows nothing of what the entries are.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from engine.errors import ModelFileError
from engine.formats.refusals import DamagedFileError, OversizedFileError

MAX_ENTRIES: Final = 50_000
MAX_DIRECTORY_BYTES: Final = 16 * 2**20
_END: Final = struct.Struct("<4s4H2LH")
_END_64_LOCATOR: Final = struct.Struct("<4sLQL")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_EXTRA: Final = struct.Struct("<2H")
_MAX_COMMENT: Final = 2**16
_FULL_32: Final = 2**32 - 1
_FULL_16: Final = 2**16 - 1
_STORED: Final = 0
_ENCRYPTED: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Directory:
    start: int
    end: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    name: str
    header: int
    """where its local header is"""
    size: int
    checksum: int


@dataclass(frozen=True, slots=True, eq=False)
class StoredEntry:
    """The bytes of one entry, and what the archive says of them."""

    data: memoryview
    checksum: int | None
    """their CRC-32; None where torch was told to compute none, and wrote zero"""


def stored_entries(data: memoryview) -> dict[str, StoredEntry]:
    """By name. Raises ModelFileError for an archive that is damaged, compressed or deceitful."""
    directory = _find_directory(data)
    entries = _read_directory(data, directory)
    found: dict[str, StoredEntry] = {}
    free_from = 0
    for entry in sorted(entries, key=lambda entry: entry.header):
        if entry.header < free_from:
            raise OversizedFileError("entries of the zip file overlap")
        start = _start_of_data(data, entry)
        free_from = start + entry.size
        if free_from > directory.start:
            raise DamagedFileError("an entry of the zip file reaches beyond its data")
        if entry.name in found:
            raise DamagedFileError(f"the zip file has two entries {entry.name[:80]!r}")
        found[entry.name] = StoredEntry(data[start:free_from], entry.checksum or None)
    return found


def _fields(layout: struct.Struct, data: memoryview, position: int, signature: bytes) -> tuple[int, ...]:
    """The numbers of a record, without its signature."""
    if position < 0 or position + layout.size > len(data):
        raise DamagedFileError("it is a zip file that ends in the middle")
    found, *numbers = layout.unpack_from(data, position)
    if found != signature:
        raise DamagedFileError("the zip file's directory does not fit its contents")
    return tuple(numbers)


def _find_directory(data: memoryview) -> _Directory:
    tail = bytes(data[-(_END.size + _MAX_COMMENT) :])
    found = tail.rfind(b"PK\x05\x06")
    if found < 0:
        raise DamagedFileError("it is a zip file that ends in the middle")
    end = len(data) - len(tail) + found
    disk, start_disk, here, count, size, start, _ = _fields(_END, data, end, b"PK\x05\x06")
    if _FULL_16 in (here, count) or _FULL_32 in (size, start):
        locator = end - _END_64_LOCATOR.size
        disk, end, _ = _fields(_END_64_LOCATOR, data, locator, b"PK\x06\x07")
        _, _, _, disk, start_disk, here, count, size, start = _fields(_END_64, data, end, b"PK\x06\x06")
    if disk or start_disk or here != count:
        raise DamagedFileError("the zip file is in several parts")
    if count > MAX_ENTRIES or size > MAX_DIRECTORY_BYTES:
        raise OversizedFileError(f"the zip file claims {count:,} entries")
    if start + size > end:
        raise DamagedFileError("the zip file's directory does not fit its contents")
    return _Directory(start=start, end=start + size, count=count)


def _read_directory(data: memoryview, directory: _Directory) -> list[_Entry]:
    entries = []
    position = directory.start
    for _ in range(directory.count):
        numbers = _fields(_CENTRAL, data, position, b"PK\x01\x02")
        flags, method, checksum, packed, size = numbers[2], numbers[3], numbers[6], numbers[7], numbers[8]
        name_bytes, extra_bytes, comment_bytes, header = numbers[9], numbers[10], numbers[11], numbers[15]
        name_start = position + _CENTRAL.size
        position = name_start + name_bytes + extra_bytes + comment_bytes
        if position > directory.end:
            raise DamagedFileError("the zip file's directory does not fit its contents")
        name = bytes(data[name_start : name_start + name_bytes]).decode("utf-8", "replace")
        if flags & _ENCRYPTED or method != _STORED:
            raise ModelFileError(
                f"the entry {name[:80]!r} of this zip file is compressed or encrypted, as PyTorch never writes it: "
                "unpack the archive, and open the model inside, or get the model as its author saved it"
            )
        extra = data[name_start + name_bytes : name_start + name_bytes + extra_bytes]
        size, packed, header = _large(extra, size, packed, header)
        if size != packed:
            raise DamagedFileError(f"the entry {name[:80]!r} of the zip file has two sizes")
        entries.append(_Entry(name=name, header=header, size=size, checksum=checksum))
    return entries


def _large(extra: memoryview, *numbers: int) -> tuple[int, ...]:
    """The numbers, with those that did not fit into 32 bits taken from the zip64 record of the extra field."""
    if _FULL_32 not in numbers:
        return numbers
    position = 0
    while position + _EXTRA.size <= len(extra):
        kind, size = _EXTRA.unpack_from(extra, position)
        position += _EXTRA.size
        if kind == 1:
            record = extra[position : position + size]
            values = iter(struct.unpack(f"<{len(record) // 8}Q", record[: len(record) // 8 * 8]))
            return tuple(next(values, _FULL_32) if number == _FULL_32 else number for number in numbers)
        position += size
    return numbers


def _start_of_data(data: memoryview, entry: _Entry) -> int:
    """Just after the entry's own header, which must agree with the directory."""
    numbers = _fields(_LOCAL, data, entry.header, b"PK\x03\x04")
    method, name_bytes, extra_bytes = numbers[2], numbers[8], numbers[9]
    name_start = entry.header + _LOCAL.size
    name = bytes(data[name_start : name_start + name_bytes]).decode("utf-8", "replace")
    if name != entry.name or method != _STORED:
        raise DamagedFileError(f"the entry {entry.name[:80]!r} of the zip file contradicts itself")
    return name_start + name_bytes + extra_bytes

"""Writes a pickle that names programs without having them: the counterpart of the restricted unpickler.

Python's own pickler insists that every global it writes can be imported here. Bytes of tensors go straight to the file.
Knows nothing of torch or of what it writes.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

Part = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Global:
    """A name that the reading program looks up."""

    module: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """What the reading program makes of the arguments; the same call written twice is made once."""

    function: Global
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PersistentId:
    """A value that the reading program's `persistent_load` looks up."""

    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class Blob:
    """Bytes in several parts."""

    parts: Sequence[Part]


class EmptySet:
    """A set without members."""


_ONE_BYTE: Final[Mapping[Any, bytes]] = {None: b"N", True: b"\x88", False: b"\x89"}


class PickleWriter:
    """Writes values of plain types, and of the types above, one pickle after the other."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._memo: dict[int, int] = {}
        self._kept: list[Any] = []  # so that no id is used twice

    def write(self, value: Any, protocol: int = 4) -> None:
        """One complete pickle. Raises TypeError for a value of another type."""
        self._memo.clear()
        self._file.write(bytes([0x80, protocol]))
        self._value(value)
        self._file.write(b".")

    def _value(self, value: Any) -> None:
        put = self._file.write
        if id(value) in self._memo and isinstance(value, (Call, str)):
            put(b"j" + struct.pack("<I", self._memo[id(value)]))
        elif value is None or isinstance(value, bool):
            put(_ONE_BYTE[value])
        elif isinstance(value, int):
            size = value.bit_length() // 8 + 1
            put(b"\x8a" + bytes([size]) + value.to_bytes(size, "little", signed=True))
        elif isinstance(value, float):
            put(b"G" + struct.pack(">d", value))
        elif isinstance(value, str):
            encoded = value.encode()
            put(b"X" + struct.pack("<I", len(encoded)) + encoded)
            self._remember(value)
        else:
            self._compound(value)

    def _compound(self, value: Any) -> None:
        put = self._file.write
        if isinstance(value, EmptySet):
            put(b"\x8f")
        elif isinstance(value, (tuple, list)):
            put(b"(" if isinstance(value, tuple) else b"](")
            for item in value:
                self._value(item)
            put(b"t" if isinstance(value, tuple) else b"e")
        elif isinstance(value, dict):
            put(b"}(")
            for key, item in value.items():
                self._value(key)
                self._value(item)
            put(b"u")
        elif isinstance(value, Global):
            put(f"c{value.module}\n{value.name}\n".encode())
        elif isinstance(value, Call):
            self._value(value.function)
            self._value(value.arguments)
            put(b"R")
            self._remember(value)
        elif isinstance(value, PersistentId):
            self._value(value.value)
            put(b"Q")
        elif isinstance(value, Blob):
            put(b"\x8e" + struct.pack("<Q", sum(len(part) for part in value.parts)))
            for part in value.parts:
                put(part)
        else:
            raise TypeError(f"a pickle of a {type(value).__name__} cannot be written")

    def _remember(self, value: Any) -> None:
        index = len(self._memo)
        self._memo[id(value)] = index
        self._kept.append(value)
        self._file.write(b"r" + struct.pack("<I", index))

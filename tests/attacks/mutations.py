"""Pickles as lists of instructions, and what can go wrong with one: another, another argument, twice, or not at all.

Pickles inside of pickles (torch's storages) are taken apart in the same way. Nothing here runs what it makes.
"""

from __future__ import annotations

import contextlib
import pickletools
import struct
from collections.abc import Iterator
from random import Random
from typing import Final

from engine.formats.torch_file import MAGIC
from tests.attacks import pickle_assembler as p

MAX_NESTED: Final = 4096
NAMES: Final = (
    ("os", "system"),
    ("builtins", "eval"),
    ("builtins", "getattr"),
    ("subprocess", "Popen"),
    ("torch.nn.modules.linear", "Linear"),
    ("torch_utils.persistence", "_reconstruct_persistent_obj"),
    ("torch._utils", "_rebuild_tensor_v2"),
    ("torch._utils", "_rebuild_parameter"),
    ("torch.storage", "_load_from_bytes"),
    ("numpy", "dtype"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.numeric", "_frombuffer"),
    ("collections", "OrderedDict"),
    ("dnnlib.tflib.network", "Network"),
)
TEXTS: Final = ("", "os", "system", "state", "_modules", "synthesis", "f4", "O8", "\0", "\x1b[2J", "x" * 300, "é" * 40)
INTEGERS: Final = (0, 1, -1, 2, 7, 255, 256, 2**16, 2**31 - 1, 2**31, 2**32, 2**63 - 1, 2**63, -(2**63), 2**200)
LENGTHS: Final = (0, 1, 255, 2**16, 2**31 - 1, 2**32 - 1)
_BLOBS: Final = {b"C": 2, b"B": 5, b"\x8e": 9, b"\x96": 9}
"""instructions that bring bytes, and how long they are without them"""
_CODES: Final = tuple(ord(opcode.code) for opcode in pickletools.opcodes)


def instructions(data: bytes) -> list[bytes]:
    """One after the other, each with its argument; their sum is the pickle at the start of `data`."""
    starts = [position for _, _, position in pickletools.genops(data)]
    return [data[start:end] for start, end in zip(starts, [*starts[1:], starts[-1] + 1], strict=True)]


def mutated(instruction: bytes, following: bytes, random: Random) -> bytes:
    """What stands in the place of an instruction, and of the one that follows it, after one change."""
    if instruction[:1] in _BLOBS and MAGIC in instruction[:40] and random.random() < 0.8:
        return _with_nested(instruction, random) + following
    change = random.randrange(8)
    if change == 0:
        return following
    if change == 1:
        return instruction * 2 + following
    if change == 2:
        return following + instruction
    if change == 3:
        return instruction + _any_instruction(random) + following
    if change == 4:
        return bytes([random.choice(_CODES)]) + instruction[1:] + following
    if change == 5:
        return _flipped(instruction, random) + following
    return _any_instruction(random) + following


def _flipped(instruction: bytes, random: Random) -> bytes:
    changed = bytearray(instruction)
    changed[random.randrange(min(len(changed), 64))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _any_instruction(random: Random) -> bytes:
    kind = random.randrange(7)
    if kind == 0:
        return p.name(*random.choice(NAMES))
    if kind == 1:
        return p.text(random.choice(TEXTS))
    if kind == 2:
        return p.integer(random.choice(INTEGERS))
    if kind == 3:
        return random.choice((b"B", b"X", b"T", b"\x8b", b"r", b"j")) + struct.pack("<I", random.choice(LENGTHS))
    if kind == 4:
        return random.choice((b"\x8d", b"\x8e", b"\x95", b"\x96")) + struct.pack(
            "<Q", random.choice((8, 2**40, 2**64 - 1))
        )
    if kind == 5:
        return random.choice((b"h", b"q", b"K")) + bytes([random.randrange(256)])
    return bytes([random.choice(_CODES)])


def _with_nested(instruction: bytes, random: Random) -> bytes:
    """A byte string that holds a storage, with one instruction of the pickles in it changed."""
    content = instruction[_BLOBS[instruction[:1]] :]
    pickles = list(_nested(content))
    rest = content[sum(len(part) for part in pickles) :]
    where = random.randrange(len(pickles))
    following = pickles[where + 1] if where + 1 < len(pickles) else b""
    changed = mutated(pickles[where], following, random)
    return _blob(b"".join((*pickles[:where], changed, *pickles[where + 2 :], rest)))


def _nested(content: bytes) -> Iterator[bytes]:
    """The instructions of the pickles that a storage begins with."""
    position = 0
    with contextlib.suppress(ValueError):  # the storage's numbers, or what a change has left of a pickle
        while content[position : position + 1] == b"\x80":
            parts = instructions(content[position : position + MAX_NESTED])
            yield from parts
            position += sum(len(part) for part in parts)


def _blob(content: bytes) -> bytes:
    return b"\x8e" + struct.pack("<Q", len(content)) + content

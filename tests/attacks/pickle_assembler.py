"""Pickle instructions by name, so that a hostile file reads as what it does. Nothing here runs what it writes."""

from __future__ import annotations

import struct

PROTO = b"\x80\x04"
STOP, MARK, POP, NONE = b".", b"(", b"0", b"N"
EMPTY_DICT, EMPTY_LIST, EMPTY_TUPLE, EMPTY_SET = b"}", b"]", b")", b"\x8f"
TUPLE, TUPLE1, TUPLE2, TUPLE3 = b"t", b"\x85", b"\x86", b"\x87"
APPEND, APPENDS, SETITEM, SETITEMS, ADDITEMS = b"a", b"e", b"s", b"u", b"\x90"
REDUCE, BUILD, INST, OBJ, NEWOBJ, NEWOBJ_EX = b"R", b"b", b"i", b"o", b"\x81", b"\x92"
STACK_GLOBAL, MEMOIZE, TRUE, FALSE = b"\x93", b"\x94", b"\x88", b"\x89"
PERSID, BINPERSID, DUP = b"P", b"Q", b"2"

MAGIC = b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19"


def name(module: str, attribute: str) -> bytes:
    """GLOBAL"""
    return f"c{module}\n{attribute}\n".encode()


def text(value: str) -> bytes:
    raw = value.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def blob(value: bytes) -> bytes:
    return b"B" + struct.pack("<I", len(value)) + value


def integer(value: int) -> bytes:
    size = value.bit_length() // 8 + 1
    return b"\x8a" + bytes([size]) + value.to_bytes(size, "little", signed=True)


def items(*values: bytes) -> bytes:
    """A tuple of these."""
    return MARK + b"".join(values) + TUPLE


def entries(**values: bytes) -> bytes:
    """A dict of these."""
    return EMPTY_DICT + MARK + b"".join(text(key) + value for key, value in values.items()) + SETITEMS


def call(function: bytes, *arguments: bytes) -> bytes:
    return function + items(*arguments) + REDUCE


def put(index: int) -> bytes:
    """LONG_BINPUT"""
    return b"r" + struct.pack("<I", index)


def get(index: int) -> bytes:
    """LONG_BINGET"""
    return b"j" + struct.pack("<I", index)


def pickle(*instructions: bytes) -> bytes:
    return PROTO + b"".join(instructions) + STOP


def storage_bytes(
    numel: int,
    *,
    kind: bytes = name("torch", "FloatStorage"),
    system: bytes | None = None,
    described: bytes | None = None,
    keys: bytes = EMPTY_LIST,
    count: int | None = None,
    data: bytes | None = None,
) -> bytes:
    """torch's old serialization of one storage, any part of which may be replaced."""
    system = entries(little_endian=TRUE) if system is None else system
    if described is None:
        described = items(text("storage"), kind, text("0"), text("cpu"), integer(numel), NONE) + BINPERSID
    parts = (MAGIC, integer(1001), system, described, keys)
    pickles = b"".join(b"\x80\x02" + part + STOP for part in parts)
    return pickles + struct.pack("<q", numel if count is None else count) + (bytes(4 * numel) if data is None else data)


def storage(raw: bytes) -> bytes:
    return call(name("torch.storage", "_load_from_bytes"), blob(raw))


def tensor(source: bytes, offset: bytes, shape: bytes, strides: bytes) -> bytes:
    hooks = call(name("collections", "OrderedDict"))
    return call(name("torch._utils", "_rebuild_tensor_v2"), source, offset, shape, strides, FALSE, hooks)


def network(class_name: str, *, module_src: str = "", **state: bytes) -> bytes:
    """A persistent object."""
    meta = entries(
        type=text("class"),
        version=integer(6),
        module_src=text(module_src),
        class_name=text(class_name),
        state=entries(**state),
    )
    return call(name("torch_utils.persistence", "_reconstruct_persistent_obj"), meta)


def model(**networks: bytes) -> bytes:
    return pickle(entries(**networks))

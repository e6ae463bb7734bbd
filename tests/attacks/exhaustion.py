"""Pickles made to use up memory, time, or the C stack."""

from __future__ import annotations

import struct

from tests.attacks import pickle_assembler as p
from tests.attacks.attack import attack

RECONSTRUCT = p.name("torch_utils.persistence", "_reconstruct_persistent_obj")


def _deep_networks() -> bytes:
    inner = p.EMPTY_DICT + p.put(1) + p.POP
    meta = p.entries(type=p.text("class"), class_name=p.text("Generator"), state=p.get(1))
    make = p.call(RECONSTRUCT, meta) + p.put(2) + p.POP
    wrap = p.entries(_modules=p.entries(synthesis=p.get(2), mapping=p.get(2))) + p.put(1) + p.POP
    return p.pickle(inner, (make + wrap) * 5000, make, p.get(2))


EXHAUSTION = (
    attack("huge_text", "a text of 2^62 bytes", p.pickle(b"\x8d" + struct.pack("<Q", 2**62)), "ends in the middle"),
    attack("huge_bytes", "bytes of 2^62", p.pickle(b"\x8e" + struct.pack("<Q", 2**62)), "ends in the middle"),
    attack(
        "huge_integer",
        "an integer of 2^31 - 1 bytes",
        p.pickle(b"\x8b" + struct.pack("<i", 2**31 - 1)),
        "an integer of 2,147,483,647 bytes",
    ),
    attack(
        "negative_integer",
        "an integer of a negative length",
        p.pickle(b"\x8b" + struct.pack("<i", -5)),
        "an integer of -5 bytes",
    ),
    attack(
        "huge_frame",
        "a frame of 2^63 bytes",
        p.pickle(b"\x95" + struct.pack("<Q", 2**63), p.NONE),
        "pickle of a NoneType",
    ),
    attack(
        "huge_memo_index",
        "notes a value under 2^32 - 1 (gigabytes in pickle's own table)",
        p.pickle(p.EMPTY_LIST, p.put(2**32 - 1)),
        "pickle of a list",
    ),
    attack(
        "memo_stack",
        "a million notes",
        lambda: p.pickle(p.NONE, p.MEMOIZE * 1_000_000),
        "more instructions than any model",
    ),
    attack("memo_missing", "reads a note that was never made", p.pickle(p.get(7)), "nothing was noted under 7"),
    attack(
        "opcode_flood",
        "ten million lists",
        lambda: p.pickle(p.EMPTY_LIST * 10_000_000),
        "more instructions than any model",
    ),
    attack(
        "set_flood",
        "sets, the largest empty value",
        lambda: p.pickle((p.EMPTY_SET + p.MEMOIZE) * 300_000),
        "more instructions than any model",
    ),
    attack(
        "text_flood",
        "forty times the same 4 MB of text, read anew through nested storages",
        lambda: p.pickle(
            p.blob(p.storage_bytes(1, system=p.entries(little_endian=p.TRUE, padding=p.text("x" * 2**22))))
            + p.MEMOIZE
            + p.POP,
            (p.name("torch.storage", "_load_from_bytes") + p.get(0) + p.TUPLE1 + p.REDUCE + p.POP) * 40,
        ),
        "far more text",
    ),
    attack("deep_marks", "a hundred thousand open groups", p.pickle(p.MARK * 100_000), "nests more than 500 groups"),
    attack(
        "deep_tuples",
        "a tuple in a tuple, 150,000 times",
        lambda: p.pickle(p.EMPTY_TUPLE, p.TUPLE1 * 150_000),
        "pickle of a tuple",
    ),
    attack(
        "deep_tuple_as_key",
        "such a tuple as a key: hashing it overflows the C stack",
        lambda: p.pickle(p.EMPTY_DICT, p.EMPTY_TUPLE, p.TUPLE1 * 150_000, p.NONE, p.SETITEM),
        "type tuple is used as a key",
    ),
    attack(
        "deep_tuple_in_set",
        "the same in a set",
        lambda: p.pickle(p.EMPTY_SET, p.MARK, p.EMPTY_TUPLE, p.TUPLE1 * 150_000, p.ADDITEMS),
        "type tuple is used as a key",
    ),
    attack("deep_networks", "a network in a network, 5,000 times", _deep_networks, "generator of an unknown kind"),
    attack(
        "laughs",
        "a list of ten lists of ten lists ..., 60 deep",
        p.pickle(
            p.EMPTY_LIST,
            p.put(0),
            b"".join(
                p.POP + p.EMPTY_LIST + p.MARK + p.get(level) * 10 + p.APPENDS + p.put(level + 1) for level in range(60)
            ),
        ),
        "pickle of a list",
    ),
    attack(
        "colliding_keys",
        "100,000 integers with the same hash",
        lambda: p.pickle(
            p.EMPTY_DICT, p.MARK, b"".join(p.integer(k * (2**61 - 1)) + p.NONE for k in range(1, 100_000)), p.SETITEMS
        ),
        "type int is used as a key",
    ),
    attack(
        "endless_network",
        "a network that contains itself",
        p.pickle(
            p.EMPTY_DICT,
            p.put(1),
            p.text("_modules"),
            p.EMPTY_DICT,
            p.put(2),
            p.SETITEM,
            p.POP,
            p.call(
                p.name("torch_utils.persistence", "_reconstruct_persistent_obj"),
                p.entries(type=p.text("class"), class_name=p.text("Generator"), state=p.get(1)),
            ),
            p.put(3),
            p.POP,
            p.get(2),
            p.text("synthesis"),
            p.get(3),
            p.SETITEM,
            p.text("mapping"),
            p.get(3),
            p.SETITEM,
            p.text("b4"),
            p.get(3),
            p.SETITEM,
            p.POP,
            p.get(3),
        ),
        "cannot be opened yet",
    ),
)

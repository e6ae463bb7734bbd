"""Files of `torch.save`, of today and of old, that ask for programs or claim what is not there."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

from tests.attacks import pickle_assembler as p
from tests.attacks.attack import CANARY, attack, unsafe_attack

TOUCH = f"touch {CANARY}"
SYSTEM = p.call(p.name("os", "system"), p.text(TOUCH))
FLOATS = p.name("torch", "FloatStorage")
ONE = p.items(p.integer(4))
STEP = p.items(p.integer(1))


def _id(key: str, numel: int, kind: bytes = FLOATS) -> bytes:
    return p.items(p.text("storage"), kind, p.text(key), p.text("cpu"), p.integer(numel)) + p.BINPERSID


def _tensor(key: str = "0", numel: int = 4, kind: bytes = FLOATS) -> bytes:
    return p.tensor(_id(key, numel, kind), p.integer(0), ONE, STEP)


def _old_id(key: str, numel: int) -> bytes:
    return p.items(p.text("storage"), FLOATS, p.text(key), p.text("cpu"), p.integer(numel), p.NONE) + p.BINPERSID


def _old_tensor(key: str, numel: int) -> bytes:
    return p.tensor(_old_id(key, numel), p.integer(0), ONE, STEP)


def _zip(pickle: bytes = b"\x80\x02}.", *, method: int = zipfile.ZIP_STORED, **others: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("archive/data.pkl", pickle)
        for name, data in others.items():
            archive.writestr(f"archive/{name.replace('__', '/')}", data)
    return buffer.getvalue()


def _changed(data: bytes, change: Callable[[bytearray], None]) -> bytes:
    changed = bytearray(data)
    change(changed)
    return bytes(changed)


def _set(signature: bytes, offset: int, layout: str, value: int, which: int = 0) -> Callable[[bytearray], None]:
    """Overwrites a field of a zip record."""

    def change(data: bytearray) -> None:
        position = -1
        for _ in range(which + 1):
            position = data.index(signature, position + 1)
        struct.pack_into(layout, data, position + offset, value)

    return change


CENTRAL, LOCAL, END = b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"
GOOD = _zip(p.pickle(p.entries(a=_tensor())), data__0=bytes(16))


def _overlapping() -> bytes:
    """Two entries in the directory, one run of bytes."""
    data = _zip(data__0=bytes(10**6), data__1=bytes(16))
    second = data.index(LOCAL, 40)
    return _changed(data, _set(CENTRAL, 42, "<L", second, 2))


def _duplicate() -> bytes:
    data = _zip(data__0=bytes(16), data__1=bytes(16))
    return data.replace(b"archive/data/1", b"archive/data/0")


def _two_pickles() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for folder in ("archive", "another"):
            archive.writestr(f"{folder}/data.pkl", b"\x80\x02}.")
    return buffer.getvalue()


def _zip64(**values: int) -> bytes:
    """GOOD with a zip64 end of the directory that says these things."""
    end = GOOD.index(END)
    numbers = {"count": 3, "size": 0, "start": 0} | values
    record = struct.pack(
        "<4sQ2H2L4Q",
        b"PK\x06\x06",
        44,
        45,
        45,
        0,
        0,
        numbers["count"],
        numbers["count"],
        numbers["size"],
        numbers["start"],
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, numbers.get("record", end), 1)
    return GOOD[:end] + record + locator + struct.pack("<4s4H2LH", END, 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)


def _old(value: bytes, keys: bytes = p.EMPTY_LIST, data: bytes = b"", system: bytes | None = None) -> bytes:
    system = p.entries(little_endian=p.TRUE) if system is None else system
    parts = (p.MAGIC, p.integer(1001), system, value, keys)
    return b"".join(b"\x80\x02" + part + p.STOP for part in parts) + data


KEY = p.EMPTY_LIST + p.MARK + p.text("0") + p.APPENDS

ZIPS = (
    unsafe_attack("pt_system", "runs a shell command from data.pkl", lambda: _zip(p.pickle(SYSTEM)), r"'os\.system'"),
    unsafe_attack(
        "pt_type",
        "names os.system as the type of a storage",
        lambda: _zip(p.pickle(_tensor(kind=p.name("os", "system"))), data__0=bytes(16)),
        r"'os\.system'",
    ),
    unsafe_attack(
        "pt_namespace",
        "sets attributes of a name that may only be mentioned",
        lambda: _zip(p.pickle(FLOATS, p.entries(build=p.NONE), p.BUILD)),
        "sets attributes of",
    ),
    attack(
        "pt_other_type",
        "names a class that is no type of numbers",
        lambda: _zip(p.pickle(_tensor(kind=p.name("collections", "OrderedDict"))), data__0=bytes(16)),
        "described in an unknown way",
    ),
    attack("pt_empty", "a dict of nothing", _zip(), "it holds nothing"),
    attack(
        "pt_id", "a persistent id that is text", lambda: _zip(p.pickle(p.text("x"), p.BINPERSID)), "in an unknown way"
    ),
    attack(
        "pt_path",
        "a key that climbs out of the archive",
        lambda: _zip(p.pickle(_tensor("../../../etc/passwd"))),
        "not in the zip",
    ),
    attack("pt_missing", "a storage that is not there", lambda: _zip(p.pickle(_tensor("7"))), "not in the zip file"),
    attack(
        "pt_claim",
        "a storage that claims 10^12 numbers",
        lambda: _zip(p.pickle(_tensor(numel=10**12)), data__0=bytes(16)),
        "claims 4,000,000,000,000 bytes, and 16 are there",
    ),
    attack(
        "pt_two_types",
        "one storage as two types of numbers",
        lambda: _zip(
            p.pickle(p.items(_tensor(), _tensor(numel=2, kind=p.name("torch", "DoubleStorage")))), data__0=bytes(16)
        ),
        "described in two ways",
    ),
    attack("pt_big_endian", "numbers of a big-endian machine", _zip(byteorder=b"big"), "big-endian"),
    attack(
        "pt_script",
        "a TorchScript program",
        _zip(**{"constants.pkl": b"\x80\x02).", "code__x.py": b"import os"}),
        "TorchScript program",
    ),
    attack(
        "pt_bomb",
        "200 MB of zeros, squeezed, as a storage",
        lambda: _zip(data__0=bytes(200 * 2**20), method=zipfile.ZIP_DEFLATED),
        "compressed or encrypted",
    ),
    attack(
        "pt_encrypted",
        "an encrypted entry",
        lambda: _changed(GOOD, _set(CENTRAL, 8, "<H", 1)),
        "compressed or encrypted",
    ),
    attack("pt_overlap", "two entries in the same bytes", _overlapping, "contradicts itself|overlap"),
    attack("pt_duplicate", "two entries of the same name", _duplicate, "two entries"),
    attack("pt_two_pickles", "two data.pkl", _two_pickles, "without the one data.pkl"),
    attack(
        "pt_beyond",
        "an entry beyond the data",
        lambda: _changed(_changed(GOOD, _set(CENTRAL, 24, "<L", 10**9)), _set(CENTRAL, 20, "<L", 10**9)),
        "beyond its data",
    ),
    attack(
        "pt_two_sizes", "an entry with two sizes", lambda: _changed(GOOD, _set(CENTRAL, 24, "<L", 10**9)), "two sizes"
    ),
    attack(
        "pt_header",
        "an entry whose header is elsewhere",
        lambda: _changed(GOOD, _set(CENTRAL, 42, "<L", 7)),
        "does not fit",
    ),
    attack(
        "pt_names",
        "an entry with two names",
        lambda: _changed(GOOD, _set(LOCAL, 30, "<B", 65)),
        "contradicts itself|without the one",
    ),
    attack(
        "pt_directory",
        "a directory beyond the file",
        lambda: _changed(GOOD, _set(END, 16, "<L", 2**31)),
        "does not fit",
    ),
    attack(
        "pt_entries",
        "a directory of 60,000 entries",
        lambda: _changed(_changed(GOOD, _set(END, 8, "<H", 60_000)), _set(END, 10, "<H", 60_000)),
        "claims 60,000 entries",
    ),
    attack(
        "pt_more_entries",
        "a directory of more entries than are there",
        lambda: _changed(_changed(GOOD, _set(END, 8, "<H", 9)), _set(END, 10, "<H", 9)),
        "ends in the middle",
    ),
    attack("pt_parts", "one of several archives", lambda: _changed(GOOD, _set(END, 4, "<H", 1)), "in several parts"),
    attack("pt_no_end", "an archive without an end", lambda: GOOD[: GOOD.index(END)], "ends in the middle"),
    attack("pt_zip64_count", "a zip64 directory of 2^60 entries", lambda: _zip64(count=2**60), "claims 1,152,921"),
    attack("pt_zip64_size", "a zip64 directory of 2^60 bytes", lambda: _zip64(size=2**60), "claims 3 entries"),
    attack("pt_zip64_start", "a zip64 directory at 2^60", lambda: _zip64(start=2**60), "does not fit"),
    attack("pt_zip64_record", "a zip64 record at 2^60", lambda: _zip64(record=2**60), "ends in the middle"),
)
OLD_FILES = (
    unsafe_attack("old_pt_system", "an old file that runs a command", _old(SYSTEM), r"'os\.system'"),
    unsafe_attack("old_pt_keys", "hides it in the list of keys", _old(p.EMPTY_DICT, SYSTEM), r"'os\.system'"),
    unsafe_attack(
        "old_pt_info", "hides it in the system information", _old(p.EMPTY_DICT, system=SYSTEM), r"'os\.system'"
    ),
    unsafe_attack(
        "old_pt_early_id",
        "a persistent id where none may be",
        _old(p.EMPTY_DICT, _old_id("0", 4)),
        "instruction BINPERSID",
    ),
    attack(
        "old_pt_cut",
        "an old file that ends after its first pickle",
        b"\x80\x02" + p.MAGIC + p.STOP,
        "ends in the middle",
    ),
    attack(
        "old_pt_version",
        "an old file of another version",
        b"\x80\x02" + p.MAGIC + p.STOP + p.pickle(p.integer(7)),
        "format version 1001",
    ),
    attack(
        "old_pt_big_endian",
        "of a big-endian machine",
        _old(p.EMPTY_DICT, system=p.entries(little_endian=p.FALSE)),
        "big-endian",
    ),
    attack("old_pt_claim", "a storage that claims 10^12 numbers", _old(_old_tensor("0", 10**12), KEY), "in a file of"),
    attack(
        "old_pt_count",
        "a storage that says two sizes",
        _old(_old_tensor("0", 4), KEY, struct.pack("<q", 5) + bytes(20)),
        "says it has 5",
    ),
    attack(
        "old_pt_no_key",
        "a storage that is not in the list of keys",
        _old(_old_tensor("0", 4)),
        "list of the tensors' data",
    ),
    attack(
        "old_pt_other_key", "another storage in the list", _old(_old_tensor("1", 4), KEY), "list of the tensors' data"
    ),
    attack(
        "old_pt_no_data",
        "a storage without data",
        _old(_old_tensor("0", 4), KEY, struct.pack("<q", 4)),
        "ends in the middle",
    ),
)
TORCH_FILES = ZIPS + OLD_FILES

"""Pickles that use instructions, or nested storages, to get something run or changed."""

from __future__ import annotations

from tests.attacks import pickle_assembler as p
from tests.attacks.attack import CANARY, unsafe_attack

TOUCH = f"touch {CANARY}"
SYSTEM = p.call(p.name("os", "system"), p.text(TOUCH))

EXECUTION_BY_INSTRUCTION = (
    unsafe_attack(
        "inst",
        "makes an object with INST",
        p.pickle(p.MARK, p.text(TOUCH), p.INST + b"os\nsystem\n"),
        "instruction INST",
    ),
    unsafe_attack(
        "obj",
        "makes an object with OBJ",
        p.pickle(p.MARK, p.name("collections", "OrderedDict"), p.OBJ),
        "instruction OBJ",
    ),
    unsafe_attack(
        "newobj",
        "makes an object of another class with NEWOBJ",
        p.pickle(p.name("subprocess", "Popen"), p.items(p.text(TOUCH)), p.NEWOBJ),
        r"'subprocess\.Popen'",
    ),
    unsafe_attack(
        "newobj_array",
        "makes an array with NEWOBJ, which is only ever mentioned",
        p.pickle(p.name("numpy", "ndarray"), p.items(p.integer(10**6)), p.NEWOBJ),
        r"calls 'numpy\.ndarray'",
    ),
    unsafe_attack(
        "newobj_ex",
        "the same with keywords",
        p.pickle(p.name("collections", "OrderedDict"), p.EMPTY_TUPLE, p.EMPTY_DICT, p.NEWOBJ_EX),
        "instruction NEWOBJ_EX",
    ),
    unsafe_attack("extension", "names a global by its registered number", p.pickle(b"\x82\x01"), "instruction EXT1"),
    unsafe_attack(
        "persid", "asks for a persistent object by text", p.pickle(p.PERSID + b"os.system\n"), "instruction PERSID"
    ),
    unsafe_attack(
        "binpersid",
        "asks for a persistent object outside of a storage",
        p.pickle(p.text("x"), p.BINPERSID),
        "instruction BINPERSID",
    ),
    unsafe_attack(
        "old_text_opcodes", "writes text as Python source (protocol 0)", p.pickle(b"S'\\x41'\n"), "instruction STRING"
    ),
    unsafe_attack(
        "build_on_dict",
        "sets __class__ and __setstate__ of a dict",
        p.pickle(p.EMPTY_DICT, p.entries(__class__=p.NONE, __setstate__=p.NONE), p.BUILD),
        "sets attributes of a value of type dict",
    ),
    unsafe_attack(
        "build_on_network",
        "gives a network other attributes after it was made",
        p.pickle(p.network("Generator"), p.entries(class_name=p.NONE), p.BUILD),
        "sets attributes of a value of type PersistentObject",
    ),
    unsafe_attack(
        "build_on_global",
        "rewrites the allow-list's own entry",
        p.pickle(p.name("collections", "OrderedDict"), p.entries(build=p.NONE), p.BUILD),
        r"sets attributes of 'collections\.OrderedDict'",
    ),
    unsafe_attack(
        "call_text",
        "calls something that is no function",
        p.pickle(p.text("os.system"), p.EMPTY_TUPLE, p.REDUCE),
        "calls a value of type str",
    ),
    unsafe_attack(
        "call_array",
        "calls a name that may only be mentioned",
        p.pickle(p.call(p.name("numpy", "ndarray"), p.items(p.integer(10**9)))),
        r"calls 'numpy\.ndarray'",
    ),
    unsafe_attack(
        "second_pickle_in_storage",
        "hides os.system in a nested storage's system information",
        p.pickle(p.storage(p.storage_bytes(1, system=SYSTEM))),
        r"'os\.system'",
    ),
    unsafe_attack(
        "storage_type",
        "names os.system as the type of a nested storage",
        p.pickle(p.storage(p.storage_bytes(1, kind=p.name("os", "system")))),
        r"'os\.system'",
    ),
    unsafe_attack(
        "storage_keys",
        "hides os.system in a nested storage's list of keys",
        p.pickle(p.storage(p.storage_bytes(1, keys=SYSTEM))),
        r"'os\.system'",
    ),
    unsafe_attack(
        "storage_in_storage",
        "nests a storage in a storage, to escape the rules or to recurse",
        p.pickle(p.storage(p.storage_bytes(1, system=p.storage(p.storage_bytes(1))))),
        r"'torch\.storage\._load_from_bytes'",
    ),
    unsafe_attack(
        "called_storage_type",
        "calls a storage type, to allocate",
        p.pickle(p.storage(p.storage_bytes(1, system=p.call(p.name("torch", "FloatStorage"), p.integer(10**12))))),
        r"calls 'torch\.FloatStorage'",
    ),
    unsafe_attack(
        "control_characters",
        "steers the terminal from a name in the message",
        p.pickle(p.name("os\x1b[2J\x1b]0;owned\x07", "system")),
        r"asks for 'os",
    ),
)

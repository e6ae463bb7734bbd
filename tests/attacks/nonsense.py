"""Pickles that make no sense, or are of other programs."""

from __future__ import annotations

from tests.attacks import pickle_assembler as p
from tests.attacks.attack import attack

NONSENSE = (
    attack("stop_at_once", "nothing but an end", p.pickle(), "finds nothing to work on"),
    attack("pop_beyond", "takes more than is there", p.pickle(p.POP * 3), "finds nothing to work on"),
    attack(
        "pop_below_mark",
        "takes what is below a group's beginning",
        p.pickle(p.NONE, p.MARK, p.POP),
        "finds nothing to work on",
    ),
    attack("no_mark", "ends a group that never began", p.pickle(p.TUPLE), "a group has no beginning"),
    attack(
        "odd_items", "a key without a value", p.pickle(p.EMPTY_DICT, p.MARK, p.NONE, p.SETITEMS), "a key has no value"
    ),
    attack("append_to_dict", "appends to a dict", p.pickle(p.EMPTY_DICT, p.NONE, p.APPEND), "a list is expected"),
    attack(
        "list_as_key",
        "a list as a key",
        p.pickle(p.EMPTY_DICT, p.EMPTY_LIST, p.NONE, p.SETITEM),
        "type list is used as a key",
    ),
    attack(
        "no_instruction", "bytes that are no instructions", p.pickle(b"\xff\xfe\xfd"), "is not a pickle instruction"
    ),
    attack("bad_text", "text that is not UTF-8", p.pickle(b"X\x02\0\0\0\xff\xfe"), "not UTF-8"),
    attack("lone_surrogate", "text that no terminal can print", p.pickle(b"X\x03\0\0\0\xed\xa0\x80"), "not UTF-8"),
    attack("endless_name", "a name without an end", p.pickle(b"c" + b"a" * 100_000), "a name has no end"),
    attack(
        "name_is_number",
        "a name that is a number",
        p.pickle(p.integer(1), p.integer(2), p.STACK_GLOBAL),
        "a name is not text",
    ),
    attack("future_protocol", "pickle protocol 200", b"\x80\x04\x80\xc8N.", "no pickle protocol 200"),
    attack(
        "arguments_missing",
        "a network made of nothing",
        p.pickle(p.call(p.name("torch_utils.persistence", "_reconstruct_persistent_obj"))),
        "a network is described in an unknown way",
    ),
    attack(
        "no_networks",
        "a dict of numbers",
        p.pickle(p.entries(G_ema=p.integer(1))),
        "without a generator: it holds G_ema",
    ),
    attack(
        "hollow_network", "a generator with nothing inside", p.model(G_ema=p.network("Generator")), "has no _modules"
    ),
    attack(
        "whole_module",
        "a pickled torch module",
        p.pickle(p.name("torch.nn.modules.container", "Sequential")),
        "pickled whole",
    ),
    attack("sklearn", "a scikit-learn model", p.pickle(p.name("sklearn.svm._classes", "SVC")), "scikit-learn"),
)

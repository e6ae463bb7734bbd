"""Pickles whose tensors claim what is not there."""

from __future__ import annotations

from tests.attacks import pickle_assembler as p
from tests.attacks.attack import attack


def _dimensions(*values: int) -> bytes:
    return p.items(*(p.integer(value) for value in values))


def _view(offset: int, shape: tuple[int, ...], strides: tuple[int, ...], numel: int = 4) -> bytes:
    source = p.storage(p.storage_bytes(numel))
    return p.pickle(p.tensor(source, p.integer(offset), _dimensions(*shape), _dimensions(*strides)))


TENSORS = (
    attack(
        "tensor_claim",
        "a tensor of 10^12 elements on a storage of 4",
        _view(0, (10**6, 10**6), (10**6, 1)),
        r"1,000,000,000,000 elements where the file holds 4",
    ),
    attack(
        "storage_claim",
        "a storage that claims 10^12 numbers",
        p.pickle(p.storage(p.storage_bytes(10**12, data=bytes(16)))),
        r"claims 1,000,000,000,000 numbers",
    ),
    attack(
        "storage_count",
        "a storage whose two counts differ",
        p.pickle(p.storage(p.storage_bytes(4, count=10**12))),
        r"says it has 1,000,000,000,000",
    ),
    attack(
        "storage_negative",
        "a storage of -1 numbers",
        p.pickle(p.storage(p.storage_bytes(-1, data=b""))),
        "a storage of -1 numbers",
    ),
    attack(
        "overflowing_shape",
        "sizes whose product overflows 64 bits",
        _view(0, (2**62, 2**62), (0, 0)),
        r"more than 10\^18 elements",
    ),
    attack(
        "stride_zero",
        "10^12 elements that are all the same one",
        _view(0, (10**12,), (0,)),
        r"1,000,000,000,000 elements",
    ),
    attack(
        "view_beyond",
        "a view that begins in its storage and ends beyond",
        _view(2, (3,), (1,)),
        "reaches to element 4 of a storage of 4",
    ),
    attack(
        "stride_beyond", "a view that strides out of its storage", _view(0, (2, 2), (10**9, 1)), "reaches to element"
    ),
    attack("offset_beyond", "a view that begins beyond its storage", _view(10**15, (1,), (1,)), "reaches to element"),
    attack("empty_beyond", "an empty view far away", _view(10**15, (0,), (1,)), "lies beyond its storage"),
    attack("negative_size", "a size of -4", _view(0, (-4,), (1,)), "not a whole number from 0"),
    attack(
        "negative_stride", "a stride of -1, to read what is before", _view(3, (4,), (-1,)), "not a whole number from 0"
    ),
    attack("negative_offset", "an offset of -8", _view(-8, (1,), (1,)), "not a whole number from 0"),
    attack("many_dimensions", "a thousand axes", _view(0, (1,) * 1000, (1,) * 1000), "1,000 sizes"),
    attack(
        "size_is_text",
        "a size that is text",
        p.pickle(p.tensor(p.storage(p.storage_bytes(4)), p.integer(0), p.items(p.text("4")), _dimensions(1))),
        "not a whole number from 0",
    ),
    attack(
        "size_is_true",
        "a size that is True",
        p.pickle(p.tensor(p.storage(p.storage_bytes(4)), p.integer(0), p.items(p.TRUE), _dimensions(1))),
        "not a whole number from 0",
    ),
    attack(
        "no_storage",
        "a tensor of a text",
        p.pickle(p.tensor(p.text("data"), p.integer(0), _dimensions(1), _dimensions(1))),
        "a tensor is described in an unknown way",
    ),
    attack(
        "object_array",
        "an array of Python objects",
        p.pickle(p.call(p.name("numpy", "dtype"), p.text("O8"), p.FALSE, p.TRUE)),
        "numbers of type 'O8'",
    ),
    attack(
        "structured_dtype",
        "an array of records",
        p.pickle(p.call(p.name("numpy", "dtype"), p.text("V1000000000"), p.FALSE, p.TRUE)),
        "numbers of type 'V1",
    ),
    attack(
        "array_claim",
        "an array of 10^12 numbers and four bytes",
        p.pickle(
            p.call(
                p.name("numpy.core.multiarray", "_reconstruct"),
                p.name("numpy", "ndarray"),
                _dimensions(0),
                p.blob(b"b"),
            ),
            p.items(
                p.integer(1),
                _dimensions(10**6, 10**6),
                p.call(p.name("numpy", "dtype"), p.text("f4")),
                p.FALSE,
                p.blob(bytes(4)),
            ),
            p.BUILD,
        ),
        "1,000,000,000,000 elements",
    ),
    attack(
        "wrong_magic",
        "a storage of an unknown format",
        p.pickle(p.storage(p.pickle(p.integer(5)))),
        "not in torch's old format",
    ),
    attack(
        "described_storage",
        "a storage that describes itself as something else",
        p.pickle(p.storage(p.storage_bytes(1, described=p.text("storage") + p.BINPERSID))),
        "described in an unknown way",
    ),
    attack(
        "undescribed_storage",
        "a storage whose description is three numbers of the file's choosing",
        p.pickle(p.storage(p.storage_bytes(1, described=_dimensions(1, 2, 3)))),
        "has no description",
    ),
    attack(
        "cut_storage",
        "a storage without its numbers",
        p.pickle(p.storage(p.storage_bytes(4, data=bytes(15)))),
        "claims 4 numbers",
    ),
)

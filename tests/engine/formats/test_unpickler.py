"""The interpreter agrees with `pickle` on all that is data, and its tensors with torch."""

from __future__ import annotations

import contextlib
import math
import pickle
from random import Random
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ModelFileError
from engine.formats.allow_list import ALLOWED
from engine.formats.model_file import load_model
from engine.formats.pickle_machine import Budget
from engine.formats.pickle_values import StoredArray, StoredTensor
from engine.formats.torch_allow_list import TORCH_ALLOWED
from engine.formats.torch_storage import STORAGE_TYPES
from engine.formats.unpickler import loads
from tests.engine.formats import nvlabs_writer
from tests.engine.formats.test_nvlabs import make_generator

KEYS = st.text(max_size=8) | st.integers(-(2**63), 2**63 - 1)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats(allow_nan=False)
    | st.text(max_size=300)
    | st.binary(max_size=300)
)
DATA = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.lists(inner, max_size=6).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=6)
        | st.sets(st.text(max_size=5), max_size=5)
    ),
    max_leaves=30,
)


def read(data: bytes) -> Any:
    return loads(memoryview(data), ALLOWED, Budget())


@settings(max_examples=200, deadline=None)
@given(DATA, st.sampled_from([3, 4, 5]))
def test_data_is_what_pickle_wrote(value: Any, protocol: int) -> None:
    assert read(pickle.dumps(value, protocol=protocol)) == value


def test_shared_and_recursive_values_keep_their_shape() -> None:
    shared: list[Any] = [1]
    recursive: list[Any] = [shared, shared]
    recursive.append(recursive)
    result = read(pickle.dumps(recursive, protocol=4))
    assert result[0] is result[1]
    assert result[2] is result


def test_long_bytes_stay_a_view_of_the_file() -> None:
    payload = bytes(range(256)) * 100
    result = read(pickle.dumps(payload, protocol=4))
    assert isinstance(result, memoryview)
    assert bytes(result) == payload


def views() -> list[torch.Tensor]:
    base = torch.randn(4, 5, 6, generator=torch.Generator().manual_seed(1))
    return [
        base,
        base.permute(2, 0, 1),
        base[1:3, ::2, 1:],
        base[0, 0, 0],
        base[:0],
        torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
        base.half(),
        base.double(),
    ]


@pytest.mark.parametrize("index", range(len(views())))
@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_tensors_are_what_torch_wrote(index: int, protocol: int) -> None:
    tensor = views()[index]
    stored = read(pickle.dumps(tensor, protocol=protocol))
    assert isinstance(stored, StoredTensor)
    values = stored.read()
    assert values.shape == tuple(tensor.shape)
    assert values.dtype == np.float32
    assert values.flags.c_contiguous
    assert np.array_equal(values, tensor.float().numpy())


def test_whole_numbers_are_read_but_are_no_weights() -> None:
    stored = read(pickle.dumps(torch.arange(5), protocol=4))
    assert not stored.is_float
    with pytest.raises(ModelFileError, match="int64 stands where weights"):
        stored.read()


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["<f4", "<f8", "<f2"])
def test_arrays_are_what_numpy_wrote(order: Any, dtype: str) -> None:
    array = np.array(np.random.RandomState(2).randn(3, 4, 5), dtype=dtype, order=order)
    stored = read(pickle.dumps(array, protocol=4))
    assert isinstance(stored, StoredArray)
    assert stored.tensor is not None
    assert np.array_equal(stored.tensor.read(), array.astype(np.float32))


@pytest.mark.parametrize("value", [np.float64(1.5), np.float32(0.25), np.bool_(True), np.int64(-7)])
def test_single_numbers_become_pythons(value: Any) -> None:
    result = read(pickle.dumps(value, protocol=4))
    assert type(result) in (float, bool, int)
    assert result == value


def test_arrays_of_objects_are_refused() -> None:
    with pytest.raises(ModelFileError, match="type 'O8'"):
        read(pickle.dumps(np.array([{}, []], dtype=object), protocol=4))


def test_the_allow_lists_are_frozen_and_every_entry_has_a_reason() -> None:
    for table in (ALLOWED, STORAGE_TYPES):
        with pytest.raises(TypeError):
            table["os.system"] = None  # type: ignore[index]
        for name, entry in table.items():
            assert entry.name == name
            assert len(entry.reason) > 20
            with pytest.raises(AttributeError):
                entry.build = print  # type: ignore[misc]


@pytest.fixture(scope="module")
def whole() -> bytes:
    return nvlabs_writer.dumps({"G_ema": nvlabs_writer.generator(make_generator(img_resolution=8))})


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_changed_bytes_end_in_a_sentence_or_a_model(
    whole: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 8), label="changes")):
        changed[data.draw(st.integers(2, len(changed) - 1), label="where")] = data.draw(
            st.integers(0, 255), label="byte"
        )
    path = tmp_path_factory.getbasetemp() / "changed.pkl"
    path.write_bytes(changed)
    with contextlib.suppress(ModelFileError):  # anything else that escapes is a failure
        load_model(path)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 3), min_size=0, max_size=4),
    st.sampled_from(["<f4", "<f2", "<f8"]),
    st.randoms(use_true_random=False),
    st.integers(2, 5),
)
def test_arrays_of_every_order_and_protocol(sizes: list[int], dtype: str, random: Random, protocol: int) -> None:
    axes = random.sample(range(len(sizes)), len(sizes))
    array = np.arange(math.prod(sizes), dtype=dtype).reshape(sizes).transpose(axes)
    value = loads(memoryview(pickle.dumps(array, protocol=protocol)), TORCH_ALLOWED, Budget())
    assert value.tensor.shape == array.shape
    assert np.array_equal(value.tensor.read(), array)

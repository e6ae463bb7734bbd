"""Both containers of `torch.save` agree with torch on all that is data, and are refused when they lie."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ModelFileError
from engine.formats.model_file import load_model
from engine.formats.pickle_machine import Budget
from engine.formats.pickle_values import StoredTensor
from engine.formats.torch_allow_list import TORCH_ALLOWED
from engine.formats.torch_storage import read_old_file
from engine.formats.torch_zip import read_zip_file
from engine.formats.zip_directory import stored_entries
from tests.engine.formats import rosinality_writer
from tests.engine.formats.test_nvlabs import make_generator
from tests.engine.formats.test_unpickler import views

READERS = {True: read_zip_file, False: read_old_file}


def saved(value: Any, *, new: bool) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer, _use_new_zipfile_serialization=new)
    return buffer.getvalue()


def read(data: bytes, *, new: bool) -> Any:
    return READERS[new](memoryview(data), TORCH_ALLOWED, Budget())


@pytest.mark.parametrize("new", [True, False])
def test_tensors_are_what_torch_wrote(new: bool) -> None:
    tensors = {str(index): tensor for index, tensor in enumerate(views())}
    read_back = read(saved(tensors, new=new), new=new)
    assert list(read_back) == list(tensors)
    for name, tensor in tensors.items():
        assert isinstance(read_back[name], StoredTensor)
        assert np.array_equal(read_back[name].read(), tensor.float().numpy())


@pytest.mark.parametrize("new", [True, False])
def test_views_of_one_storage_share_it(new: bool) -> None:
    base = torch.arange(24.0).reshape(4, 6)
    first, second = read(saved([base[:2], base[2:].t()], new=new), new=new)
    assert first.storage is second.storage
    assert np.array_equal(second.read(), base[2:].t().numpy())


LEAVES = st.none() | st.booleans() | st.integers(-(2**200), 2**200) | st.floats(allow_nan=False) | st.text(max_size=50)
DATA = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.integers(0, 99), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=40, deadline=None)
@given(DATA, st.booleans())
def test_data_is_what_torch_wrote(value: Any, new: bool) -> None:
    assert read(saved(value, new=new), new=new) == value


def test_entries_are_what_zipfile_reads() -> None:
    data = saved({"a": torch.randn(100), "b": torch.arange(7)}, new=True)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        expected = {name: archive.read(name) for name in archive.namelist()}
    entries = stored_entries(memoryview(data))
    assert {name: bytes(entry.data) for name, entry in entries.items()} == expected
    assert {name: entry.checksum for name, entry in entries.items()} == {
        name: zlib.crc32(content) for name, content in expected.items()
    }


def test_a_changed_tensor_is_found_when_it_is_read_and_not_before() -> None:
    data = bytearray(saved({"a": torch.arange(100.0), "b": torch.arange(200.0)}, new=True))
    data[data.index(struct.pack("<f", 150.0))] ^= 1
    value = read(bytes(data), new=True)
    assert np.array_equal(value["a"].read(), np.arange(100))
    with pytest.raises(ModelFileError, match="data does not have its checksum"):
        value["b"].read()


def test_a_changed_description_is_found_at_once() -> None:
    data = bytearray(saved({"name": "StyleGAN", "a": torch.arange(3.0)}, new=True))
    data[data.index(b"StyleGAN")] ^= 1
    with pytest.raises(ModelFileError, match="description of its tensors does not have its checksum"):
        read(bytes(data), new=True)


def test_files_without_checksums_are_read() -> None:
    before = torch.serialization.get_crc32_options()
    torch.serialization.set_crc32_options(False)
    try:
        data = saved({"a": torch.arange(100.0)}, new=True)
    finally:
        torch.serialization.set_crc32_options(before)
    assert np.array_equal(read(data, new=True)["a"].read(), np.arange(100))


def test_archives_that_zipfile_writes_are_read_too() -> None:
    """Repacked files: other alignment, a comment, zip64 records where they are not needed."""
    original = saved({"a": torch.arange(6.0)}, new=True)
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(original)) as source, zipfile.ZipFile(buffer, "w") as target:
        target.comment = b"repacked"
        for name in source.namelist():
            with target.open(name, "w", force_zip64=True) as entry:
                entry.write(source.read(name))
    assert np.array_equal(read(buffer.getvalue(), new=True)["a"].read(), np.arange(6))


@pytest.fixture(scope="module", params=[True, False])
def whole(request: pytest.FixtureRequest) -> bytes:
    G = make_generator(img_resolution=8)
    return saved({"g_ema": rosinality_writer.generator(G), "latent_avg": G.mapping.w_avg}, new=request.param)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_changed_bytes_end_in_a_sentence_or_a_model(
    whole: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 8), label="changes")):
        where = data.draw(st.integers(0, 3000) | st.integers(1, 3000).map(lambda n: len(changed) - n), label="where")
        changed[where] = data.draw(st.integers(0, 255), label="byte")
    path = tmp_path_factory.getbasetemp() / "changed.pt"
    path.write_bytes(changed)
    with contextlib.suppress(ModelFileError):  # anything else that escapes is a failure
        load_model(path)


@pytest.mark.parametrize("tenth", range(1, 10))
def test_files_that_were_cut_short(whole: bytes, tenth: int, tmp_path: Path) -> None:
    path = tmp_path / "cut.pt"
    path.write_bytes(whole[: len(whole) * tenth // 10])
    with pytest.raises(ModelFileError, match=r"ends in the middle|in a file of"):
        load_model(path)


def test_other_contents_are_named(tmp_path: Path) -> None:
    path = tmp_path / "other.pt"
    torch.save({"epoch": 3, "model": {"fc.weight": torch.zeros(3)}}, path)
    with pytest.raises(ModelFileError, match=r"without a generator of a known kind: it holds epoch, model\. Choose"):
        load_model(path)

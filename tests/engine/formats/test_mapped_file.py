"""Only what is needed of a file is read, and what was read is given back."""

from __future__ import annotations

import mmap
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.formats import mapped_file
from engine.formats.mapped_file import checksum, mapped, release
from engine.formats.model_file import load_model
from engine.formats.pickle_values import StoredTensor
from tests.engine.formats.test_fixtures import FIXTURES

BIG = 5 * mmap.PAGESIZE + 17


@pytest.fixture
def content() -> bytes:
    return np.random.RandomState(1).bytes(BIG)


@pytest.fixture
def file(content: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "part", [slice(0, BIG), slice(7, BIG - 9), slice(3, 5), slice(4, 4), slice(mmap.PAGESIZE, BIG)]
)
def test_what_was_released_is_read_again(part: slice, content: bytes, file: Path) -> None:
    view = mapped(file)
    assert bytes(view[part]) == content[part]
    release(view[part])
    assert bytes(view) == content


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="only Linux tells which pages are in memory")
def test_what_was_released_is_no_longer_in_memory(file: Path) -> None:
    view = mapped(file)
    assert sum(view) > 0
    before = resident_bytes(file)
    release(view[mmap.PAGESIZE + 1 : 4 * mmap.PAGESIZE])
    assert before >= 5 * mmap.PAGESIZE
    assert resident_bytes(file) == before - 2 * mmap.PAGESIZE, "whole pages, and only those inside"


def resident_bytes(path: Path) -> int:
    lines = iter(Path("/proc/self/smaps").read_text().splitlines())
    for line in lines:
        if line.endswith(str(path)):
            return next(int(detail.split()[1]) * 1024 for detail in lines if detail.startswith("Rss:"))
    raise AssertionError("the file is not mapped")


def test_bytes_that_are_in_memory_anyway_are_left_alone() -> None:
    release(memoryview(b"12345"))


@pytest.mark.parametrize("chunk", [1000, BIG - 1, BIG, 2 * BIG])
def test_checksums(chunk: int, content: bytes, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped_file, "CHUNK_BYTES", chunk)
    assert checksum(mapped(file)) == zlib.crc32(content)


def test_tensors_that_are_not_needed_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file has G, D and G_ema, each of as many bytes: pictures need one of them."""
    read: list[int] = []
    original = StoredTensor.read

    def counted(self: StoredTensor) -> Any:
        read.append(self.nbytes)
        return original(self)

    monkeypatch.setattr(StoredTensor, "read", counted)
    model = load_model(FIXTURES / "ada_uncond_64.pkl")
    needed = sum(tensor.numel() * 4 for tensor in model.G_ema.state_dict().values())
    filters = 4 * 4 * 4 * len(read)
    assert needed <= sum(read) <= needed + filters
    read.clear()
    load_model(FIXTURES / "ada_uncond_64.pkl", with_discriminator=True)
    assert sum(read) > 2.5 * needed

"""What a pickle becomes here: inert values that only describe what the file holds.

A tensor is a view of bytes that are still in the file; nothing is copied until `StoredTensor.read` is called.
Every claim about sizes is checked when the value is made, before anything is allocated. Knows nothing of
opcodes, of torch, or of which tensors a model needs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.formats.mapped_file import checksum, release
from engine.formats.refusals import DamagedFileError, OversizedFileError

MAX_DIMENSIONS = 8
MAX_ELEMENTS = 2**31
"""in one tensor; the largest of a StyleGAN has about 5 million"""
DTYPE_CODES = frozenset({"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"})


@dataclass(slots=True, eq=False)
class Storage:
    """A run of numbers in the file."""

    dtype: np.dtype[Any]
    numel: int
    data: memoryview | None = field(default=None)
    """exactly numel items, little-endian, not necessarily aligned; None until it is known where they are"""
    checksum: int | None = None
    """CRC-32 that the bytes must have, where the file tells one; no longer once they were found to have it"""

    def bytes(self) -> memoryview:
        """The data. Raises ModelFileError if it is missing, or not what was written."""
        if self.data is None:
            raise DamagedFileError("a tensor's data is not in the file")
        if self.checksum is not None and checksum(self.data) != self.checksum:
            raise DamagedFileError("a tensor's data does not have its checksum")
        self.checksum = None
        return self.data


@dataclass(frozen=True, slots=True, eq=False)
class StoredTensor:
    """A view of a storage that has been checked to lie inside it."""

    storage: Storage
    offset: int
    """in items, like the strides"""
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def __post_init__(self) -> None:
        _check_view(self.storage.numel, self.offset, self.shape, self.strides)

    @property
    def numel(self) -> int:
        """How many elements the view has, at most as many as its storage."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of the elements as they are stored."""
        return self.numel * self.storage.dtype.itemsize

    @property
    def is_float(self) -> bool:
        """Whether the elements are floating-point numbers."""
        return self.storage.dtype.kind == "f"

    def read(self) -> npt.NDArray[np.float32]:
        """A contiguous float32 copy of this shape. Raises ModelFileError if it does not hold floats."""
        if not self.is_float:
            raise DamagedFileError(f"a tensor of {self.storage.dtype} stands where weights are expected")
        data = self.storage.bytes()
        flat = np.frombuffer(data, dtype=self.storage.dtype)[self.offset :]
        strides = tuple(step * flat.itemsize for step in self.strides)
        view = np.lib.stride_tricks.as_strided(flat, self.shape, strides, writeable=False)
        with np.errstate(over="ignore"):
            values = np.array(view, dtype=np.float32, order="C", copy=True)
        release(data)
        return values


@dataclass(frozen=True, slots=True, eq=False)
class PersistentObject:
    """A network that NVIDIA's software would rebuild by running a program; here a name and its attributes."""

    class_name: str
    state: Mapping[Any, Any]


@dataclass(slots=True, eq=False)
class TensorFlowObject:
    """A network of NVIDIA's TensorFlow programs; a BUILD instruction brings its attributes."""

    state: Mapping[Any, Any] | None = field(default=None)


@dataclass(slots=True, eq=False)
class StoredDtype:
    """A NumPy dtype under construction; a BUILD instruction may still confirm its byte order."""

    code: str

    @property
    def dtype(self) -> np.dtype[Any]:
        """The little-endian dtype."""
        return np.dtype(self.code if self.code in ("i1", "u1", "b1") else f"<{self.code}")


@dataclass(slots=True, eq=False)
class StoredArray:
    """A NumPy array under construction; a BUILD instruction brings its contents."""

    tensor: StoredTensor | None = field(default=None)


def _shown(number: int) -> str:
    return f"{number:,}" if number < 10**18 else "more than 10^18"


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _check_view(numel: int, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
    if len(shape) != len(strides) or len(shape) > MAX_DIMENSIONS:
        raise DamagedFileError(f"a tensor has {len(shape):,} sizes and {len(strides):,} strides")
    if not all(_is_count(value) for value in (offset, *shape, *strides)):
        raise DamagedFileError("a tensor's offset, size or stride is not a whole number from 0")
    elements = math.prod(shape)
    if elements > min(numel, MAX_ELEMENTS):
        raise OversizedFileError(f"a tensor claims {_shown(elements)} elements where the file holds {numel:,}")
    last = offset + sum((size - 1) * step for size, step in zip(shape, strides, strict=True))
    if elements and last >= numel:
        raise OversizedFileError(f"a tensor reaches to element {_shown(last)} of a storage of {numel:,}")
    if not elements and offset > numel:
        raise DamagedFileError("an empty tensor lies beyond its storage")

"""Tensors that a file holds in another form: reshaped, transposed, joined, or not at all. Knows nothing of torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.formats.stored_model import TensorSource

Values = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class DerivedTensor:
    """A tensor of a file after a change of form, which happens only when it is read."""

    source: TensorSource
    shape: tuple[int, ...]
    change: Callable[[Values], Values]
    """the source's values -> values of this shape"""

    @property
    def nbytes(self) -> int:
        """Bytes as they are stored."""
        return self.source.nbytes

    @property
    def is_float(self) -> bool:
        """Whether the source holds floating-point numbers."""
        return self.source.is_float

    def read(self) -> Values:
        """A contiguous float32 copy."""
        values = np.array(self.change(self.source.read()), dtype=np.float32, order="C", copy=None)
        assert values.shape == self.shape, "a change of form has told another shape than it makes"
        return values


@dataclass(frozen=True, slots=True, eq=False)
class MadeTensor:
    """A tensor that is not in the file, or is there as a single number: made when it is read."""

    shape: tuple[int, ...]
    make: Callable[[], npt.NDArray[Any]]

    @property
    def nbytes(self) -> int:
        """It takes nothing of the file."""
        return 0

    @property
    def is_float(self) -> bool:
        """Always: it is made so."""
        return True

    def read(self) -> Values:
        """A contiguous float32 array of this shape."""
        values = np.array(self.make(), dtype=np.float32, order="C")
        assert values.shape == self.shape, "a made tensor has another shape than was told"
        return values


def reshaped(source: TensorSource, shape: tuple[int, ...]) -> DerivedTensor:
    """The same values in row-major order under another shape of as many elements."""
    return DerivedTensor(source, shape, lambda values: values.reshape(shape))


def transposed(source: TensorSource, axes: tuple[int, ...]) -> DerivedTensor:
    """Axis i of the result is axis axes[i] of the source."""
    shape = tuple(source.shape[axis] for axis in axes)
    return DerivedTensor(source, shape, lambda values: values.transpose(axes))


def number(value: float) -> MadeTensor:
    """A tensor without axes."""
    return MadeTensor((), lambda: np.array(value))

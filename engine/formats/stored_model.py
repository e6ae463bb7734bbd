"""What every reader hands over: configurations, and tensors that have not been read yet. Knows nothing of torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.errors import LoadCancelledError
from engine.networks.config import AnyGeneratorConfig, DiscriminatorConfig


class TensorSource(Protocol):
    """A tensor in a file, described but not yet read."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def nbytes(self) -> int:
        """Bytes as they are stored."""
        ...

    @property
    def is_float(self) -> bool: ...

    def read(self) -> npt.NDArray[np.float32]:
        """A contiguous float32 copy."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredNetwork:
    """One network of a file."""

    config: AnyGeneratorConfig | DiscriminatorConfig
    tensors: Mapping[str, TensorSource]
    """by the names that `engine.networks` gives its parameters and buffers"""


@dataclass(frozen=True, slots=True, eq=False)
class WantedTensor:
    """A tensor that is only read while somebody wants it."""

    source: TensorSource
    still_wanted: Callable[[], bool]

    @property
    def shape(self) -> tuple[int, ...]:
        """As in the file."""
        return self.source.shape

    @property
    def nbytes(self) -> int:
        """Bytes as they are stored."""
        return self.source.nbytes

    @property
    def is_float(self) -> bool:
        """As in the file."""
        return self.source.is_float

    def read(self) -> npt.NDArray[np.float32]:
        """A contiguous float32 copy. Raises LoadCancelledError."""
        if not self.still_wanted():
            raise LoadCancelledError("The model was not wanted any more: open it again if it is.")
        return self.source.read()


def while_wanted(network: StoredNetwork, still_wanted: Callable[[], bool]) -> StoredNetwork:
    """The network, whose tensors raise LoadCancelledError when they are read and not wanted any more."""
    tensors = {name: WantedTensor(tensor, still_wanted) for name, tensor in network.tensors.items()}
    return replace(network, tensors=tensors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounded:
    """Of a model that was stored with fewer digits: what it was, and what became of it."""

    known_as: str
    """the content id of the model with all its digits"""
    content_id: str
    """that of the weights in the file"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredModel:
    """The networks of a file; each is described only when `network` is asked for it."""

    source_format: str
    size_bytes: int
    """of the whole file; no network can need more than that"""
    names: frozenset[str]
    """which of 'G_ema', 'G' and 'D' the file holds; 'G_ema' always"""
    network: Callable[[str], StoredNetwork]
    """raises ModelFileError if that network cannot be used"""
    class_names: tuple[str, ...] = ()
    """one for each class, where the file tells them"""
    rounded: Rounded | None = None
    """where the file tells that its weights have fewer digits than they had"""

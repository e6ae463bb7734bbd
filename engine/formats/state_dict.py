"""A table of tensors by dotted name, as `torch.save(network.state_dict())` leaves it, with every access checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from engine.formats.pickle_values import StoredTensor
from engine.formats.refusals import DamagedFileError

PREFIXES: Final = ("", "module.", "G_ema.", "G.", "g_ema.", "generator.", "decoder.", "netG.")
"""what programs put before a generator's own names: wrappers for several GPUs, models around the generator"""


class StateDict:
    """The tensors of one network, under the names that its program gave them."""

    def __init__(self, name: str, tensors: Mapping[str, StoredTensor]) -> None:
        self.name = name
        """which network it is, for messages"""
        self._tensors = tensors

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def tensor(self, name: str, axes: int) -> StoredTensor:
        """Raises ModelFileError if there is none of that name with so many axes."""
        value = self._tensors.get(name)
        if value is None:
            raise DamagedFileError(f"{self.name} lacks {name}")
        if len(value.shape) != axes:
            raise DamagedFileError(f"{name} of {self.name} has {len(value.shape)} axes, where {axes} are expected")
        return value

    def tensor_of_any_shape(self, name: str) -> StoredTensor:
        """The tensor of a name that is there; whoever makes the network checks its shape."""
        return self._tensors[name]

    def count(self, pattern: str, first: int = 0) -> int:
        """How many tensors there are of a numbered name, e.g. 'style.{}.weight', counted from `first`."""
        found = 0
        while pattern.format(first + found) in self._tensors:
            found += 1
        return found


def find_state_dict(value: Any, name: str, marker: str, prefixes: Sequence[str] = PREFIXES) -> StateDict | None:
    """The state dict in `value` if it has the tensor `marker`, under one of the prefixes; else None."""
    if type(value) is not dict:
        return None
    for prefix in prefixes:
        if type(value.get(f"{prefix}{marker}")) is StoredTensor:
            tensors = {
                key[len(prefix) :]: tensor
                for key, tensor in value.items()
                if type(key) is str and key.startswith(prefix) and type(tensor) is StoredTensor
            }
            return StateDict(name, tensors)
    return None

"""torch's old serialization of one storage: five small pickles, a count, and the numbers themselves.

The pickles are read with the restricted unpickler and an allow-list of their own: the names of torch's storage
types, none of which can be called. Knows nothing of the pickle around it.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from engine.formats.pickle_machine import AllowedGlobal, Budget, PickleMachine
from engine.formats.pickle_values import Storage
from engine.formats.refusals import DamagedFileError, OversizedFileError, UnsupportedModelError
from engine.formats.unpickler import load

MAGIC_NUMBER: Final = 0x1950A86A20F9469CFC6C
PROTOCOL_VERSION: Final = 1001
_COUNT: Final = struct.Struct("<q")

STORAGE_DTYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "torch.FloatStorage": "<f4",
        "torch.HalfStorage": "<f2",
        "torch.DoubleStorage": "<f8",
        "torch.LongStorage": "<i8",
        "torch.IntStorage": "<i4",
        "torch.ShortStorage": "<i2",
        "torch.CharStorage": "i1",
        "torch.ByteStorage": "u1",
        "torch.BoolStorage": "b1",
    }
)
STORAGE_TYPES: Final[Mapping[str, AllowedGlobal]] = MappingProxyType(
    {
        name: AllowedGlobal(name=name, reason=f"names the type of numbers in a storage: {dtype}; cannot be called")
        for name, dtype in STORAGE_DTYPES.items()
    }
)


@dataclass(frozen=True, slots=True)
class _Description:
    """What a storage says of itself."""

    dtype: np.dtype[Any]
    numel: int


def read_storage(data: memoryview, budget: Budget) -> Storage:
    """The storage that `data` describes, as a view of it. Raises ModelFileError, UnsafeFileError."""
    budget.spend_storage()
    machine = PickleMachine(data, STORAGE_TYPES, budget)
    if load(machine) != MAGIC_NUMBER:
        raise DamagedFileError("a tensor's data is not in torch's old format")
    version = load(machine.again())
    if version != PROTOCOL_VERSION:
        raise DamagedFileError(f"a tensor's data is not of format version {PROTOCOL_VERSION}")
    system = load(machine.again())
    if type(system) is not dict or system.get("little_endian") is not True:
        raise UnsupportedModelError("a tensor was written by a big-endian machine")
    described = load(machine.again(persistent_load=_describe))
    load(machine.again())  # the list of keys: there is one storage, so it says nothing new
    return _storage(machine, described)


def _describe(persistent_id: Any) -> _Description:
    """('storage', type, key, location, numel[, view]) -> dtype and numel."""
    if type(persistent_id) is not tuple or len(persistent_id) not in (5, 6) or persistent_id[0] != "storage":
        raise DamagedFileError("a tensor's data is described in an unknown way")
    kind, numel = persistent_id[1], persistent_id[4]
    if type(kind) is not AllowedGlobal or type(numel) is not int or persistent_id[5:] not in ((), (None,)):
        raise DamagedFileError("a tensor's data is described in an unknown way")
    return _Description(np.dtype(STORAGE_DTYPES[kind.name]), numel)


def _storage(machine: PickleMachine, described: Any) -> Storage:
    if type(described) is not _Description:
        raise DamagedFileError("a tensor's data has no description")
    dtype, numel = described.dtype, described.numel
    count = machine.number(_COUNT)
    if count != numel or count < 0:
        raise OversizedFileError(f"a storage of {numel:,} numbers says it has {count:,}")
    remaining = len(machine.data) - machine.position
    if count * dtype.itemsize != remaining:
        raise OversizedFileError(f"a storage claims {count:,} numbers, and {remaining:,} bytes are there")
    return Storage(dtype, machine.take(remaining))

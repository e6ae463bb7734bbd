"""Torch's old serialization: five small pickles, and then the numbers of one storage or of many.

`torch.save` writes whole files so (until 2020, or when asked to), and every tensor in a pickle is one such stream by
itself. The pickles are read with the restricted unpickler; those of a single storage with an allow-list of their own:
the names of torch's storage types, none of which can be called. Knows nothing of the pickle around it.
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
class StorageDescription:
    """What a storage says of itself."""

    dtype: np.dtype[Any]
    numel: int
    key: str
    """its name in the file"""


def describe_storage(persistent_id: Any) -> StorageDescription:
    """('storage', type, key, location, numel[, view]) -> what it says. Raises ModelFileError."""
    if type(persistent_id) is not tuple or len(persistent_id) not in (5, 6) or persistent_id[0] != "storage":
        raise DamagedFileError("a tensor's data is described in an unknown way")
    kind, key, _, numel = persistent_id[1:5]
    if type(kind) is not AllowedGlobal or type(numel) is not int or persistent_id[5:] not in ((), (None,)):
        raise DamagedFileError("a tensor's data is described in an unknown way")
    if kind.name not in STORAGE_DTYPES or type(key) is not str:
        raise DamagedFileError("a tensor's data is described in an unknown way")
    if numel < 0:
        raise DamagedFileError(f"a storage of {numel:,} numbers")
    return StorageDescription(np.dtype(STORAGE_DTYPES[kind.name]), numel, key)


def read_storage(data: memoryview, budget: Budget) -> Storage:
    """The one storage that `data` describes, as a view of it. Raises ModelFileError, UnsafeFileError."""
    budget.spend_storage()
    machine = PickleMachine(data, STORAGE_TYPES, budget)
    _read_preamble(machine)
    described = load(machine.again(persistent_load=describe_storage))
    load(machine.again())  # the list of keys: there is one storage, so it says nothing new
    if type(described) is not StorageDescription:
        raise DamagedFileError("a tensor's data has no description")
    dtype, numel = described.dtype, described.numel
    _check_count(machine, numel)
    remaining = len(machine.data) - machine.position
    if numel * dtype.itemsize != remaining:
        raise OversizedFileError(f"a storage claims {numel:,} numbers, and {remaining:,} bytes are there")
    return Storage(dtype, numel, machine.take(remaining))


def read_old_file(data: memoryview, allowed: Mapping[str, AllowedGlobal], budget: Budget) -> Any:
    """The inert value of a whole file of this format. Raises ModelFileError, UnsafeFileError."""
    machine = PickleMachine(data, allowed, budget)
    _read_preamble(machine)
    storages: dict[str, Storage] = {}

    def find(persistent_id: Any) -> Storage:
        described = describe_storage(persistent_id)
        known = storages.get(described.key)
        if known is None:
            budget.spend_storage()
            _check_fits(described.numel * described.dtype.itemsize, len(data))
            known = storages[described.key] = Storage(described.dtype, described.numel)
        elif known.dtype != described.dtype or known.numel != described.numel:
            raise DamagedFileError("a tensor's data is described in two ways")
        return known

    value = load(machine.again(persistent_load=find))
    keys = load(machine.again())
    if type(keys) is not list or len(keys) != len(storages) or not all(type(key) is str for key in keys):
        raise DamagedFileError("the list of the tensors' data does not fit the tensors")
    for key in keys:
        storage = storages.pop(key, None)
        if storage is None:
            raise DamagedFileError("the list of the tensors' data does not fit the tensors")
        _check_count(machine, storage.numel)
        storage.data = machine.take(storage.numel * storage.dtype.itemsize)
    return value


def _read_preamble(machine: PickleMachine) -> None:
    if load(machine) != MAGIC_NUMBER:
        raise DamagedFileError("a tensor's data is not in torch's old format")
    version = load(machine.again())
    if version != PROTOCOL_VERSION:
        raise DamagedFileError(f"a tensor's data is not of format version {PROTOCOL_VERSION}")
    system = load(machine.again())
    if type(system) is not dict or system.get("little_endian") is not True:
        raise UnsupportedModelError("a tensor was written by a big-endian machine")


def _check_count(machine: PickleMachine, numel: int) -> None:
    count = machine.number(_COUNT)
    if count != numel:
        raise OversizedFileError(f"a storage of {numel:,} numbers says it has {count:,}")


def _check_fits(claimed: int, available: int) -> None:
    if claimed > available:
        raise OversizedFileError(f"a storage claims {claimed:,} bytes in a file of {available:,}")

"""Torch's file of today: a zip archive with `data.pkl` and one entry for each storage, none of them compressed.

Tensors stay views of the (memory-mapped) file. Knows nothing of what the file's value means.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.errors import ModelFileError
from engine.formats.mapped_file import checksum
from engine.formats.pickle_machine import AllowedGlobal, Budget, PickleMachine
from engine.formats.pickle_values import Storage
from engine.formats.refusals import DamagedFileError, OversizedFileError, UnsupportedModelError
from engine.formats.sniffing import explain
from engine.formats.torch_storage import describe_storage
from engine.formats.unpickler import load
from engine.formats.zip_directory import StoredEntry, stored_entries

_PICKLE: Final = "data.pkl"


def read_zip_file(data: memoryview, allowed: Mapping[str, AllowedGlobal], budget: Budget) -> Any:
    """The inert value of the file. Raises ModelFileError, UnsafeFileError."""
    explanation = explain_other_zip(bytes(data[:1024]))
    if explanation is not None:
        raise ModelFileError(explanation)
    entries = stored_entries(data)
    root = _root(entries)
    order = entries.get(f"{root}byteorder")
    if order is not None and bytes(order.data[:10]) != b"little":
        raise UnsupportedModelError("its tensors were written by a big-endian machine")
    storages: dict[str, Storage] = {}

    def find(persistent_id: Any) -> Storage:
        described = describe_storage(persistent_id)
        known = storages.get(described.key)
        if known is None:
            budget.spend_storage()
            known = storages[described.key] = Storage(described.dtype, described.numel)
            entry = entries.get(f"{root}data/{described.key}")
            if entry is not None:
                known.data, known.checksum = entry.data, entry.checksum
        elif known.dtype != described.dtype or known.numel != described.numel:
            raise DamagedFileError("a tensor's data is described in two ways")
        _check_size(known)
        return known

    pickle = entries[f"{root}{_PICKLE}"]
    if pickle.checksum is not None and checksum(pickle.data) != pickle.checksum:
        raise DamagedFileError("the description of its tensors does not have its checksum")
    return load(PickleMachine(pickle.data, allowed, budget, persistent_load=find))


def explain_other_zip(head: bytes) -> str | None:
    """What a zip archive is if its first entry shows that torch has not written it."""
    name = head[30 : 30 + int.from_bytes(head[26:28], "little")]
    return None if b"/" in name else explain(head)


def _root(entries: Mapping[str, StoredEntry]) -> str:
    """The folder in the archive that all of torch's entries are in, with its slash."""
    roots = [name.removesuffix(_PICKLE) for name in entries if name.endswith(f"/{_PICKLE}")]
    if len(roots) != 1 or roots[0].count("/") != 1:
        raise ModelFileError(
            f"it is a zip archive without the one {_PICKLE} of a PyTorch file: if a model is inside, unpack it and "
            "open that"
        )
    if f"{roots[0]}constants.pkl" in entries:
        raise ModelFileError(
            "it is a TorchScript program, which would have to be executed: ask for the weights (torch.save of the "
            "network's state_dict) or the network snapshot (.pkl) that it was made from"
        )
    return roots[0]


def _check_size(storage: Storage) -> None:
    if storage.data is None:
        raise DamagedFileError("a tensor's data is not in the zip file")
    claimed, there = storage.numel * storage.dtype.itemsize, len(storage.data)
    if claimed != there:
        raise OversizedFileError(f"a storage claims {claimed:,} bytes, and {there:,} are there")

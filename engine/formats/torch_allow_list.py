"""The names that a file of `torch.save` may mention beside those of a snapshot: see `allow_list.py`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from engine.formats.allow_list import ALLOWED
from engine.formats.pickle_machine import AllowedGlobal, Budget
from engine.formats.pickle_values import StoredTensor
from engine.formats.refusals import DamagedFileError
from engine.formats.torch_storage import STORAGE_TYPES

DTYPES: Final = ("float16", "float32", "float64", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "bool")


def _namespace(args: tuple[Any, ...], budget: Budget) -> dict[Any, Any]:
    if args:
        raise DamagedFileError("the training arguments are described in an unknown way")
    return {}


def _fill_namespace(value: Any, state: Any) -> None:
    if type(value) is not dict or type(state) is not dict:
        raise DamagedFileError("the training arguments are described in an unknown way")
    value.update(state)


def _numbers(args: tuple[Any, ...], budget: Budget) -> tuple[int, ...]:
    sizes: Any = args[0] if len(args) == 1 else None
    if type(sizes) not in (tuple, list) or not all(type(size) is int for size in sizes):
        raise DamagedFileError("a tensor's shape is described in an unknown way")
    return tuple(sizes)


def _nothing(args: tuple[Any, ...], budget: Budget) -> None:
    return None


def _bytes(args: tuple[Any, ...], budget: Budget) -> bytes:
    if len(args) != 2 or type(args[0]) is not str or args[1] != "latin1":
        raise DamagedFileError("bytes are described in an unknown way")
    budget.spend_text(len(args[0]))
    try:
        return args[0].encode("latin1")
    except UnicodeEncodeError as error:
        raise DamagedFileError("bytes are described in an unknown way") from error


def _no_bytes(args: tuple[Any, ...], budget: Budget) -> bytes:
    if args:
        raise DamagedFileError("bytes are described in an unknown way")
    return b""


def _old_tensor(args: tuple[Any, ...], budget: Budget) -> StoredTensor:
    if len(args) != 4:
        raise DamagedFileError("a tensor is described in an unknown way")
    make = ALLOWED["torch._utils._rebuild_tensor_v2"].build
    assert make is not None
    tensor: StoredTensor = make((*args, False, {}), budget)
    return tensor


_ENTRIES: Final = (
    AllowedGlobal(
        name="argparse.Namespace",
        reason="the arguments that a training was started with; becomes a plain dict",
        build=_namespace,
        apply_state=_fill_namespace,
    ),
    AllowedGlobal(
        name="torch.Size", reason="a tensor's shape among options; becomes a tuple of numbers", build=_numbers
    ),
    AllowedGlobal(name="torch.device", reason="where a training ran; becomes nothing", build=_nothing),
    AllowedGlobal(
        name="torch._utils._rebuild_tensor",
        reason="a tensor (files before 2018); becomes a checked view of its storage",
        build=_old_tensor,
    ),
    AllowedGlobal(
        name="_codecs.encode",
        reason="how pickle protocol 2 writes bytes; only Latin-1 text becomes bytes, within the budget for text",
        build=_bytes,
    ),
    *(
        AllowedGlobal(name=f"{module}.bytes", reason="how protocol 2 writes no bytes at all", build=_no_bytes)
        for module in ("builtins", "__builtin__")
    ),
    *(
        AllowedGlobal(
            name=f"pathlib.{kind}", reason="a folder among training arguments; becomes nothing", build=_nothing
        )
        for kind in ("PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath")
    ),
    *(
        AllowedGlobal(name=f"torch.{dtype}", reason="the type of numbers among options; cannot be called")
        for dtype in DTYPES
    ),
)
TORCH_ALLOWED: Final[Mapping[str, AllowedGlobal]] = MappingProxyType(
    {**ALLOWED, **STORAGE_TYPES, **{entry.name: entry for entry in _ENTRIES}}
)

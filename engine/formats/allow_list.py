"""The frozen list of names that a snapshot of NVIDIA's programs may mention, each with its reason and what it becomes.

Nothing on this list is imported. Each entry makes an inert value of `pickle_values.py`; a name that is not on
the list is refused. To add one, say in its reason why files need it and why its value can do nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from engine.formats.pickle_machine import AllowedGlobal, Budget
from engine.formats.pickle_values import (
    DTYPE_CODES,
    PersistentObject,
    Storage,
    StoredArray,
    StoredDtype,
    StoredTensor,
    TensorFlowObject,
)
from engine.formats.refusals import DamagedFileError, UnsupportedModelError
from engine.formats.torch_storage import read_storage

MAX_SCALAR_BYTES: Final = 16


def _unexpected(what: str) -> DamagedFileError:
    return DamagedFileError(f"{what} is described in an unknown way")


def _persistent_object(args: tuple[Any, ...], budget: Budget) -> PersistentObject:
    meta = args[0] if len(args) == 1 and type(args[0]) is dict else {}
    class_name, state = meta.get("class_name"), meta.get("state")
    if meta.get("type") != "class" or type(class_name) is not str or type(state) is not dict:
        raise _unexpected("a network")
    return PersistentObject(class_name, MappingProxyType(state))


def _tensorflow_object(args: tuple[Any, ...], budget: Budget) -> TensorFlowObject:
    if args:
        raise _unexpected("a TensorFlow network")
    return TensorFlowObject()


def _fill_tensorflow_object(value: Any, state: Any) -> None:
    if type(value) is not TensorFlowObject or value.state is not None or type(state) is not dict:
        raise _unexpected("a TensorFlow network")
    value.state = MappingProxyType(state)


def _empty_dict(args: tuple[Any, ...], budget: Budget) -> dict[Any, Any]:
    if args:
        raise _unexpected("a dictionary")
    return {}


def _ignore_state(value: Any, state: Any) -> None:
    """Attributes of a dictionary carry no weights."""


def _set(args: tuple[Any, ...], budget: Budget) -> set[str]:
    items = args[0] if args else []
    if len(args) > 1 or type(items) is not list or not all(type(item) is str for item in items):
        raise _unexpected("a set of names")
    return set(items)


def _tensor(args: tuple[Any, ...], budget: Budget) -> StoredTensor:
    if len(args) not in (6, 7) or type(args[0]) is not Storage:
        raise _unexpected("a tensor")
    storage, offset, shape, strides = args[:4]
    if type(shape) is not tuple or type(strides) is not tuple:
        raise _unexpected("a tensor's shape")
    return StoredTensor(storage, offset, shape, strides)


def _parameter(args: tuple[Any, ...], budget: Budget) -> StoredTensor:
    if len(args) != 3 or type(args[0]) is not StoredTensor:
        raise _unexpected("a parameter")
    return args[0]


def _storage(args: tuple[Any, ...], budget: Budget) -> Storage:
    if len(args) != 1 or type(args[0]) not in (bytes, memoryview):
        raise _unexpected("a tensor's data")
    return read_storage(memoryview(args[0]), budget)


def _dtype(args: tuple[Any, ...], budget: Budget) -> StoredDtype:
    code = args[0] if args else None
    if type(code) is not str or code not in DTYPE_CODES:
        known = code if type(code) is str else type(code).__name__
        raise UnsupportedModelError(f"it has numbers of type {known[:20]!r}")
    return StoredDtype(code)


def _confirm_dtype(value: Any, state: Any) -> None:
    if type(state) is not tuple or len(state) < 2 or state[1] not in ("<", "|", "="):
        raise UnsupportedModelError("an array was written by a big-endian machine")


def _scalar(args: tuple[Any, ...], budget: Budget) -> bool | int | float:
    if len(args) != 2 or type(args[0]) is not StoredDtype or type(args[1]) is not bytes:
        raise _unexpected("a number")
    dtype, data = args[0].dtype, args[1]
    if len(data) != dtype.itemsize:
        raise _unexpected("a number")
    value: bool | int | float = np.frombuffer(data, dtype)[0].item()
    return value


def _array(args: tuple[Any, ...], budget: Budget) -> StoredArray:
    budget.spend_storage()
    return StoredArray()


def _fill_array(value: Any, state: Any) -> None:
    if type(value) is not StoredArray or type(state) is not tuple or len(state) != 5:
        raise _unexpected("an array")
    _, shape, dtype, is_fortran, data = state
    value.tensor = _array_tensor(data, dtype, shape, is_fortran)


def _array_from_buffer(args: tuple[Any, ...], budget: Budget) -> StoredArray:
    budget.spend_storage()
    if len(args) == 4 and args[3] in ("C", "F"):
        data, dtype, shape, order = args
        return StoredArray(_array_tensor(data, dtype, shape, order == "F"))
    if len(args) != 5 or args[3] != "K":
        raise _unexpected("an array")
    data, dtype, shape, _, axes = args  # in the order of its bytes, and then the axes' order
    tensor = _array_tensor(data, dtype, shape, False)
    if type(axes) is not tuple or not all(type(axis) is int for axis in axes) or sorted(axes) != [*range(len(shape))]:
        raise _unexpected("an array")
    shape, strides = (tuple(values[axis] for axis in axes) for values in (tensor.shape, tensor.strides))
    return StoredArray(StoredTensor(tensor.storage, 0, shape, strides))


def _array_tensor(data: Any, dtype: Any, shape: Any, is_fortran: Any) -> StoredTensor:
    known = type(shape) is tuple and type(dtype) is StoredDtype and type(is_fortran) is bool
    if not known or type(data) not in (bytes, memoryview) or not all(type(size) is int for size in shape):
        raise _unexpected("an array")
    if len(data) % dtype.dtype.itemsize:
        raise _unexpected("an array")
    strides = _contiguous_strides(shape[::-1])[::-1] if is_fortran else _contiguous_strides(shape)
    storage = Storage(dtype.dtype, len(data) // dtype.dtype.itemsize, memoryview(data))
    return StoredTensor(storage, 0, shape, strides)


def _contiguous_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Row-major strides, in items. Sizes are checked by StoredTensor; here a bad one only gives a bad stride."""
    strides: list[int] = []
    step = 1
    for size in reversed(shape[:16]):
        strides.insert(0, step)
        step *= max(min(size, 2**31), 1)
    return tuple(strides)


_ENTRIES: Final = (
    AllowedGlobal(
        name="torch_utils.persistence._reconstruct_persistent_obj",
        reason="every network; becomes a name and a read-only dict, and its program text is ignored",
        build=_persistent_object,
    ),
    AllowedGlobal(
        name="dnnlib.tflib.network.Network",
        reason="every network of a TensorFlow snapshot; becomes a read-only dict, and its program text is ignored",
        build=_tensorflow_object,
        apply_state=_fill_tensorflow_object,
    ),
    AllowedGlobal(
        name="dnnlib.util.EasyDict",
        reason="dictionaries of options; becomes a plain dict",
        build=_empty_dict,
        apply_state=_ignore_state,
    ),
    AllowedGlobal(
        name="collections.OrderedDict",
        reason="a module's hooks and old-style tensors; becomes a plain dict",
        build=_empty_dict,
        apply_state=_ignore_state,
    ),
    AllowedGlobal(
        name="torch._utils._rebuild_parameter",
        reason="a trainable tensor; becomes the tensor's description",
        build=_parameter,
    ),
    AllowedGlobal(
        name="torch._utils._rebuild_tensor_v2",
        reason="a tensor; becomes a view of its storage, checked to lie inside it",
        build=_tensor,
    ),
    AllowedGlobal(
        name="torch.storage._load_from_bytes",
        reason="a tensor's data; read by torch_storage.py, under an even shorter allow-list",
        build=_storage,
    ),
    AllowedGlobal(
        name="numpy.dtype",
        reason="the type of a number; becomes one of a dozen codes",
        build=_dtype,
        apply_state=_confirm_dtype,
    ),
    AllowedGlobal(
        name="numpy.ndarray",
        reason="named as the class of an array, never called",
    ),
    *(
        AllowedGlobal(name=f"{package}.scalar", reason="one number; becomes a Python number", build=_scalar)
        for package in ("numpy.core.multiarray", "numpy._core.multiarray")
    ),
    *(
        AllowedGlobal(
            name=f"{package}._reconstruct",
            reason="an array of numbers (StyleGAN3); becomes a description of its bytes",
            build=_array,
            apply_state=_fill_array,
        )
        for package in ("numpy.core.multiarray", "numpy._core.multiarray")
    ),
    *(
        AllowedGlobal(
            name=f"{package}._frombuffer",
            reason="an array of numbers (pickle protocol 5); becomes a description of its bytes",
            build=_array_from_buffer,
        )
        for package in ("numpy.core.numeric", "numpy._core.numeric")
    ),
    *(
        AllowedGlobal(name=f"{module}.set", reason="names of buffers (files of 2020-21)", build=_set)
        for module in ("builtins", "__builtin__")
    ),
)
ALLOWED: Final[Mapping[str, AllowedGlobal]] = MappingProxyType({entry.name: entry for entry in _ENTRIES})

_TENSORFLOW: Final = (
    "it is a network of an early TensorFlow program (ProGAN of 2017-18, or a StyleGAN fork), which cannot be opened: "
    "choose a snapshot of stylegan2 or stylegan2-ada (.pkl)"
)
FOREIGN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "dnnlib.tflib.": _TENSORFLOW,
        "tfutil.": _TENSORFLOW,
        "torch.nn.": (
            "it is a PyTorch module that was pickled whole, which needs its author's program to be rebuilt: ask for a "
            "network snapshot (.pkl of stylegan2-ada-pytorch) or .safetensors"
        ),
        "pg_modules.": (
            "it is a snapshot of Projected GAN or StyleGAN-XL, whose discriminator was pickled as objects of its "
            "program: ask for the generator alone, as torch.save(G_ema.state_dict(), ...) writes it, or as .safetensors"
        ),
        "sklearn.": "it is a scikit-learn model, not a StyleGAN: choose a network snapshot (.pkl) or .safetensors",
        "pandas.": "it is a pandas table, not a StyleGAN: choose a network snapshot (.pkl) or .safetensors",
    }
)
"""Names of other programs, refused like all others, with what such a file is."""

"""Nested dicts and lists of NumPy arrays from a pickle, through the restricted unpickler: nothing is executed.

Knows nothing of networks.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import torch
from torch import Tensor

from engine.errors import FeatureNetworkError, ModelFileError
from engine.formats.allow_list import ALLOWED
from engine.formats.pickle_machine import AllowedGlobal, Budget
from engine.formats.pickle_values import StoredArray
from engine.formats.unpickler import loads

NUMPY_ONLY: Final[Mapping[str, AllowedGlobal]] = MappingProxyType(
    {name: entry for name, entry in ALLOWED.items() if name.startswith("numpy.")}
)


def read_arrays(pickled: bytes) -> dict[str, Tensor]:
    """Every array as float32, named by its path, such as \"conv1.0\" or \"AlexNet_0.Conv_0.kernel\".

    Raises FeatureNetworkError for a pickle that holds anything else.
    """
    try:
        value = loads(memoryview(pickled), NUMPY_ONLY, Budget())
        return {name: _tensor(array) for name, array in _leaves(value, "")}
    except ModelFileError as error:
        raise FeatureNetworkError(f"the weights of a feature network cannot be read: {error}") from error


def _leaves(value: Any, path: str) -> list[tuple[str, StoredArray]]:
    if type(value) is StoredArray:
        return [(path, value)]
    if type(value) not in (dict, list):
        raise FeatureNetworkError(f"the weights of a feature network hold a {type(value).__name__} at {path!r}")
    items = value.items() if type(value) is dict else enumerate(value)
    return [leaf for key, child in items for leaf in _leaves(child, f"{path}.{key}" if path else str(key))]


def _tensor(array: StoredArray) -> Tensor:
    if array.tensor is None:
        raise FeatureNetworkError("the weights of a feature network hold an array without contents")
    return torch.from_numpy(array.tensor.read())

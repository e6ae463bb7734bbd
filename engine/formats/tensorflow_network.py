"""One network in a TensorFlow snapshot: its options, components and variables, with every access checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from engine.formats.derived_tensors import number
from engine.formats.pickle_values import StoredArray, TensorFlowObject
from engine.formats.refusals import DamagedFileError, UnsupportedModelError
from engine.formats.stored_model import TensorSource

VERSIONS: Final = range(2, 7)


class TensorFlowNetwork:
    """What an object of NVIDIA's `Network` class says of itself."""

    def __init__(self, value: TensorFlowObject) -> None:
        state = {} if value.state is None else value.state
        version = state.get("version")
        if type(version) is not int:
            raise DamagedFileError("a TensorFlow network has no version")
        if version not in VERSIONS:
            shown = version if abs(version) < 10**6 else "an unknown number"
            raise UnsupportedModelError(
                f"a TensorFlow network is of version {shown}, not {VERSIONS[0]} to {VERSIONS[-1]}"
            )
        self.version = version
        self.build_func_name = _text(state.get("build_func_name"))
        self.options: Mapping[Any, Any] = _dict(state.get("static_kwargs", {}))
        """what the network was built with; whatever is missing has the default of its program"""
        self.variables = _variables(state.get("variables"))
        self._components = _dict(state.get("components", {}))

    def component(self, name: str) -> TensorFlowNetwork | None:
        """The network inside this one, if there is one of that name."""
        value = self._components.get(name)
        return TensorFlowNetwork(value) if type(value) is TensorFlowObject else None

    def option(self, name: str, default: Any) -> Any:
        """A plain option; lists of numbers may have been saved as arrays."""
        value = self.options.get(name, default)
        if type(value) is StoredArray and value.tensor is not None and value.tensor.is_float:
            return tuple(float(item) for item in value.tensor.read().reshape(-1)[:64])
        return value

    def variable(self, name: str, axes: int) -> TensorSource:
        """Raises ModelFileError if there is none of that name with so many axes."""
        value = self.variables.get(name)
        if value is None:
            raise DamagedFileError(f"a TensorFlow network lacks {name}")
        if len(value.shape) != axes:
            raise DamagedFileError(f"{name} has {len(value.shape)} axes, where {axes} are expected")
        return value

    def count(self, pattern: str) -> int:
        """How many variables there are of a numbered name, e.g. 'Dense{}/weight', counted from 0."""
        found = 0
        while pattern.format(found) in self.variables:
            found += 1
        return found


def _text(value: Any) -> str:
    return value[:60] if type(value) is str else ""


def _dict(value: Any) -> Mapping[Any, Any]:
    if type(value) is not dict:
        raise DamagedFileError("a TensorFlow network is described in an unknown way")
    return value


def _variables(value: Any) -> Mapping[str, TensorSource]:
    if type(value) is not list:
        raise DamagedFileError("a TensorFlow network has no list of variables")
    found: dict[str, TensorSource] = {}
    for item in value:
        if type(item) not in (tuple, list) or len(item) != 2 or type(item[0]) is not str:
            raise DamagedFileError("a TensorFlow variable is described in an unknown way")
        found[item[0]] = _tensor(*item)
    return found


def _tensor(name: str, value: Any) -> TensorSource:
    if type(value) is StoredArray and value.tensor is not None:
        return value.tensor
    if type(value) in (int, float) and abs(value) <= np.finfo(np.float32).max:
        return number(value)
    raise DamagedFileError(f"the TensorFlow variable {name[:80]} is no array")

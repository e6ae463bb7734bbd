"""One network, or part of one, in an NVlabs pickle: its attributes, parts and tensors, with every access checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.formats.pickle_values import PersistentObject, StoredTensor
from engine.formats.refusals import OversizedFileError, UnsupportedModelError

MAX_DEPTH: Final = 16
MAX_PARTS: Final = 5000
_ABSENT: Final = object()


class Module:
    """A persistent object that stands for an nn.Module."""

    def __init__(self, value: PersistentObject, name: str) -> None:
        self.name = name
        """where it is, e.g. 'G_ema.synthesis.b4'"""
        self.class_name = value.class_name
        self._state = value.state

    def attribute(self, key: str, default: Any = _ABSENT) -> Any:
        """A plain attribute; raises ModelFileError if it is missing and there is no default."""
        value = self._state.get(key, default)
        if value is _ABSENT:
            raise UnsupportedModelError(f"{self.name} ({self.class_name[:60]}) has no {key!r}")
        return value

    def argument(self, key: str, default: Any) -> Any:
        """What the constructor was given by keyword, else the default."""
        arguments = self._state.get("_init_kwargs")
        return arguments.get(key, default) if isinstance(arguments, dict) else default

    def child(self, key: str) -> Module | None:
        """The part of that name, if there is one."""
        part = self._table("_modules").get(key)
        return Module(part, f"{self.name}.{key}") if type(part) is PersistentObject else None

    def part(self, key: str) -> Module:
        """The part of that name; raises ModelFileError if there is none."""
        part = self.child(key)
        if part is None:
            raise UnsupportedModelError(f"{self.name} ({self.class_name[:60]}) has no part {key!r}")
        return part

    def tensor(self, key: str) -> StoredTensor | None:
        """This part's own parameter or buffer of that name; frozen weights are buffers."""
        for table in ("_parameters", "_buffers"):
            value = self._table(table).get(key)
            if type(value) is StoredTensor:
                return value
        return None

    def tensors(self) -> Mapping[str, StoredTensor]:
        """All parameters and buffers below, by dotted name, without the resampling filters (they are configuration)."""
        found: dict[str, StoredTensor] = {}
        self._collect("", [], found)
        return found

    def _collect(self, prefix: str, visited: list[str], found: dict[str, StoredTensor]) -> None:
        visited.append(self.class_name)
        if self.name.count(".") > MAX_DEPTH or len(visited) > MAX_PARTS:
            raise OversizedFileError(f"{self.name[:80]} contains too many parts, or itself")
        for table in ("_parameters", "_buffers"):
            for key, value in self._table(table).items():
                if type(value) is StoredTensor and key != "resample_filter":
                    found[f"{prefix}{key}"] = value
        for key in self._table("_modules"):
            part = self.child(key)
            if part is not None:
                part._collect(f"{prefix}{key}.", visited, found)

    def _table(self, key: str) -> Mapping[Any, Any]:
        table = self._state.get(key)
        if not isinstance(table, dict):
            raise UnsupportedModelError(f"{self.name[:80]} ({self.class_name[:60]}) has no {key}")
        return table


def kind_of_generator(module: Module) -> str:
    """'stylegan2' or 'stylegan3'. Raises ModelFileError, with what it is in words, for a generator of no known kind."""
    synthesis, mapping = module.child("synthesis"), module.child("mapping")
    if module.class_name == "SuperresGenerator":
        raise UnsupportedModelError("it holds a StyleGAN-XL generator of several stages")
    if synthesis is not None and synthesis.class_name.startswith("Fastgan"):
        raise UnsupportedModelError("it holds a Projected-GAN generator built on FastGAN, which is no StyleGAN")
    if synthesis is None or mapping is None:
        raise UnsupportedModelError(f"it holds a network of class {module.class_name[:60]!r}")
    if mapping.child("embed") is not None and mapping.part("embed").child("embed") is not None:
        raise UnsupportedModelError("it holds a StyleGAN-XL generator, whose class embedding this program has not")
    if synthesis.child("b4") is not None and synthesis.part("b4").class_name == "SynthesisBlock":
        return "stylegan2"
    source = synthesis.child("input")
    if source is not None and source.class_name == "SynthesisInput":
        return "stylegan3"
    raise UnsupportedModelError(f"it holds a generator of an unknown kind ({module.class_name[:60]!r})")

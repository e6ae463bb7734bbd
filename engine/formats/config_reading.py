"""Values from a file -> a checked configuration.

A file can claim anything, so every value's type and size is checked before a network is made of it. Knows nothing
of where the values come from.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, Final, TypeVar

from engine.errors import ConfigError, ModelFileError
from engine.formats.refusals import DamagedFileError, UnsupportedModelError
from engine.networks.config import AnyGeneratorConfig, DiscriminatorConfig, config_from_dict

Config = TypeVar("Config", bound=AnyGeneratorConfig | DiscriminatorConfig)

MAX_SIZE: Final = 2**20
"""of any whole number in a configuration"""
MAX_MAPPING_LAYERS: Final = 64
MAX_TAPS: Final = 64
MAX_COUNTS: Final = 64


def read_config(cls: type[Config], values: Mapping[str, Any]) -> Config:
    """Raises ModelFileError, naming the option, for anything that is not a configuration that can work."""
    types = {field.name: str(field.type) for field in fields(cls)}
    required = {field.name for field in fields(cls) if field.default is MISSING}
    missing, unknown = sorted(required - set(values)), sorted(set(values) - set(types), key=str)
    if missing:
        raise DamagedFileError(f"its configuration lacks {', '.join(missing)}")
    if unknown:
        raise ModelFileError(
            f"its configuration has the unknown option {str(unknown[0])[:80]!r}: update this program, or get the model "
            "from its author again"
        )
    checked = {name: _checked(name, types[name], value) for name, value in values.items()}
    try:
        config = config_from_dict(cls, checked)
    except ConfigError as error:
        raise UnsupportedModelError(f"its configuration cannot work ({error})") from error
    if config.narrowest() < 1:
        raise DamagedFileError(f"its configuration leaves no channels at {config.img_resolution} pixels")
    return config


def _checked(name: str, kind: str, value: Any) -> Any:
    if value is None and kind.endswith("| None"):
        return None
    base = kind.removesuffix(" | None")
    if base == "int" and type(value) is int and 0 <= value <= _limit(name):
        return value
    if base == "float" and _is_finite(value):
        return float(value)
    if base == "bool" and type(value) is bool:
        return value
    if base == "str" and type(value) is str and len(value) <= 40:
        return value
    if base.startswith("tuple[float") and _is_filter(value):
        return tuple(float(tap) for tap in value)
    if base.startswith("tuple[int") and _is_counts(value):
        return tuple(value)
    raise DamagedFileError(f"its configuration says {name} = {_shown(value)}, which is no {base} that can work")


def _limit(name: str) -> int:
    return MAX_MAPPING_LAYERS if name == "mapping_layers" else MAX_SIZE


def _is_finite(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= 1e9 and math.isfinite(value)


def _is_counts(value: Any) -> bool:
    return type(value) in (list, tuple) and len(value) <= MAX_COUNTS and all(_is_count(item) for item in value)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MAX_SIZE


def _is_filter(value: Any) -> bool:
    if type(value) not in (list, tuple) or not 1 <= len(value) <= MAX_TAPS:
        return False
    return all(_is_finite(tap) for tap in value) and abs(sum(value)) > 1e-6


def _shown(value: Any) -> str:
    """A short form of simple values; others may be huge or endless, so only their type is told."""
    if value is None or type(value) in (int, float, bool, str):
        return repr(value[:40] if isinstance(value, str) else value)[:60]
    return f"a {type(value).__name__}"

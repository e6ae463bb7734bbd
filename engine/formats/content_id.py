"""One id for one model, whatever file it is in. Knows nothing of files or torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.networks.config import AnyGeneratorConfig
from engine.networks.config_kinds import USUAL_KIND


def content_id(config: AnyGeneratorConfig, arrays: Mapping[str, npt.NDArray[np.float32]]) -> str:
    """SHA-256 (hexadecimal) of a generator's configuration and weights.

    Hashed are: the kind, unless it is StyleGAN2, and the options that differ from their default, as JSON with sorted
    names and all numbers as floats (leaving out defaults keeps the id when a later version adds an option); then, by
    sorted name, each tensor's name, shape, and float32 little-endian values in row-major order.
    """
    digest = hashlib.sha256(json.dumps(_options(config), sort_keys=True).encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(json.dumps([name, list(array.shape)]).encode())
        digest.update(np.ascontiguousarray(array, dtype="<f4").data)
    return digest.hexdigest()


def _options(config: AnyGeneratorConfig) -> dict[str, Any]:
    kind = {} if config.kind == USUAL_KIND else {"kind": config.kind}
    values = {field.name: (getattr(config, field.name), field.default) for field in fields(config)}
    return kind | {name: _canonical(value) for name, (value, default) in values.items() if value != default}


def _canonical(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_canonical(item) for item in value]
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value

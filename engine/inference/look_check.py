"""Whether a look fits a model, as far as numbers can tell. Knows nothing of torch."""

from __future__ import annotations

import math
from collections.abc import Iterable

from engine.errors import ConfigError
from engine.inference.requests import Look


def check_look(look: Look, num_ws: int) -> None:
    """Raises ConfigError if the look has more layers than the model, or a number that is none."""
    own_psi, mixes = look.truncation.layer_psi, look.style_mixes
    if len(own_psi) > num_ws:
        raise ConfigError(f"the look has a psi for {len(own_psi)} layers, and this model has {num_ws}")
    most = max((len(mix.strengths) for mix in mixes), default=0)
    if most > num_ws:
        raise ConfigError(f"the look mixes {most} layers, and this model has {num_ws}")
    if len(look.noise.layer_strengths) > num_ws:
        raise ConfigError(f"the look has noise for {len(look.noise.layer_strengths)} layers, this model has {num_ws}")
    check_finite("psi", (look.truncation.psi, *(psi for psi in own_psi if psi is not None)))
    check_finite("the mixing strength", (strength for mix in mixes for strength in mix.strengths))
    check_finite("a class weight", look.class_weights)


def check_finite(name: str, values: Iterable[float]) -> None:
    """Raises ConfigError if one of the values is infinite or not a number."""
    for value in values:
        if not math.isfinite(value):
            raise ConfigError(f"{name} must be a finite number, not {value}")

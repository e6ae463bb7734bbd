"""How a picture is turned and moved from within: the input transform of StyleGAN3 (Karras et al. 2021, section 3).

What lies beyond the picture's borders comes into sight, rather than being made up of the picture. Knows nothing of
torch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import ConfigError

MAX_MOVE = 1000.0
MAX_TURN = 360_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class InputTransform:
    """First turned around the picture's centre, then moved. Raises ConfigError for numbers that cannot be."""

    x: float = 0.0
    """to the right, in picture widths"""
    y: float = 0.0
    """down, in picture widths"""
    rotate: float = 0.0
    """counter-clockwise, in degrees"""

    def __post_init__(self) -> None:
        for name, value, most in (("x", self.x, MAX_MOVE), ("y", self.y, MAX_MOVE), ("rotate", self.rotate, MAX_TURN)):
            if not abs(value) <= most:  # also not a number
                raise ConfigError(f"{name} of an input transform is from {-most:g} to {most:g}, not {value}")

    @property
    def at_rest(self) -> bool:
        """Whether it changes nothing."""
        return self == InputTransform()

    def sampling_matrix(self) -> tuple[tuple[float, float, float], ...]:
        """[3][3]: where the picture at rest has what this one shows at a place, in picture widths around the centre.

        The inverse of the transform; y runs downwards.
        """
        angle = math.radians(self.rotate)
        c, s = math.cos(angle), math.sin(angle)
        # forward: (x, y) -> (c x + s y + tx, -s x + c y + ty)
        return (
            (c, -s, s * self.y - c * self.x),
            (s, c, -s * self.x - c * self.y),
            (0.0, 0.0, 1.0),
        )

    def towards(self, other: InputTransform, fraction: float) -> InputTransform:
        """A share of the way to the other, in straight lines; at 0 and 1 the two themselves."""
        if fraction in (0, 1) or self == other:
            return self if fraction == 0 else other
        return InputTransform(
            x=self.x + fraction * (other.x - self.x),
            y=self.y + fraction * (other.y - self.y),
            rotate=self.rotate + fraction * (other.rotate - self.rotate),
        )

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready description; `transform_from_dict` is its inverse."""
        return {"translate": [self.x, self.y], "rotate": self.rotate}


def transform_from_dict(values: Mapping[str, Any]) -> InputTransform:
    """Raises KeyError, TypeError, ValueError or ConfigError if this is no description of an input transform."""
    x, y = values["translate"]
    return InputTransform(x=float(x), y=float(y), rotate=float(values["rotate"]))

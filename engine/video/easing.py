"""How fast a transition goes at its beginning and at its end: a curve from (0, 0) to (1, 1).

Every easing is a cubic Bezier curve with its ends fixed, so that a person may start from any of the named ones and
drag its two handles. Knows nothing of looks or of time in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import ConfigError

_HALVINGS = 52
"""of an interval of length 1: as fine as a float near 1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Easing:
    """A cubic Bezier curve from (0, 0) over the handles (x1, y1) and (x2, y2) to (1, 1).

    All four numbers lie in [0, 1], which keeps both time and progress from ever going back.
    """

    x1: float = 1 / 3
    y1: float = 1 / 3
    x2: float = 2 / 3
    y2: float = 2 / 3

    def __post_init__(self) -> None:
        if not all(math.isfinite(value) and 0 <= value <= 1 for value in self.handles):
            raise ConfigError(f"the handles of an easing curve lie between 0 and 1, unlike {list(self.handles)}")

    @property
    def handles(self) -> tuple[float, float, float, float]:
        """(x1, y1, x2, y2)"""
        return self.x1, self.y1, self.x2, self.y2

    @property
    def name(self) -> str | None:
        """The name of the curve if it is one of `EASINGS`."""
        return next((name for name, easing in EASINGS.items() if easing == self), None)

    def at(self, time: float) -> float:
        """The share of the way, 0 to 1, that is done after this share of the time, 0 to 1. Both ends are exact."""
        if time <= 0:
            return 0.0
        if time >= 1:
            return 1.0
        if self == LINEAR:
            return time
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS):  # the curve's x never goes back
            middle = (low + high) / 2
            if _bezier(self.x1, self.x2, middle) < time:
                low = middle
            else:
                high = middle
        return _bezier(self.y1, self.y2, (low + high) / 2)


def _bezier(first: float, second: float, s: float) -> float:
    """One coordinate of the curve at its parameter s."""
    rest = 1 - s
    return 3 * first * s * rest * rest + 3 * second * s * s * rest + s * s * s


LINEAR = Easing()
EASINGS: dict[str, Easing] = {
    "linear": LINEAR,
    "ease-in": Easing(x1=0.42, y1=0.0, x2=1.0, y2=1.0),
    "ease-out": Easing(x1=0.0, y1=0.0, x2=0.58, y2=1.0),
    "ease-in-out": Easing(x1=0.42, y1=0.0, x2=0.58, y2=1.0),
    "smooth": Easing(x1=1 / 3, y1=0.0, x2=2 / 3, y2=1.0),
}
"""By the names of the command line; smooth is the smoothstep 3 t^2 - 2 t^3."""


def easing_from(value: str | Sequence[float]) -> Easing:
    """A named easing, or the curve over the handles [x1, y1, x2, y2]. Raises ConfigError."""
    if isinstance(value, str):
        if value not in EASINGS:
            raise ConfigError(f"no easing {value!r}: use {', '.join(EASINGS)}, or four numbers from 0 to 1")
        return EASINGS[value]
    if len(value) != 4:
        raise ConfigError(f"an easing curve has four numbers, x1, y1, x2, y2, not {len(value)}")
    x1, y1, x2, y2 = (float(number) for number in value)
    return Easing(x1=x1, y1=y1, x2=x2, y2=y2)

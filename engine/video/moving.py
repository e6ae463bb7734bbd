"""What moves in a video besides the keys: the noise on its closed way, and controls that follow a loudness.

Frozen values, torch-free. Knows nothing of keys, of sounds, or of who renders.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.errors import ConfigError
from engine.inference.requests import MAX_SEED, Latent

NOISE_PATHS = ("fixed", "loop")
TARGETS = ("psi", "mix", "noise", "direction")
"""what a modulation moves: psi of every layer, the mixing strengths that are above 0, the noise strength, or every w
along a direction"""
MAX_TURNS = 1000
SMOOTHING = 0.1
"""seconds over which a loudness is averaged, unless another number is said"""
MAX_SMOOTHING = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NoisePath:
    """The noise of a whole video. Only the strength comes from every key: noise that jumps would flicker."""

    kind: str = "fixed"
    """'fixed': the noise of the first key that has any; 'loop': a closed way through random noise"""
    turns: int = 1
    """how often the way is gone round in the video"""
    amount: float = 1.0
    """share of the noise's variance that moves, 0 to 1; the rest is fixed"""
    seed: int = 0
    """the way goes through the noise of this seed and of the next two"""

    def __post_init__(self) -> None:
        if self.kind not in NOISE_PATHS:
            raise ConfigError(f"no noise path {self.kind!r}: use {', '.join(NOISE_PATHS)}")
        if not 1 <= self.turns <= MAX_TURNS:
            raise ConfigError(f"the noise goes round 1 to {MAX_TURNS} times in a video, not {self.turns}")
        if not 0 <= self.amount <= 1:
            raise ConfigError(f"the share of the noise that moves is 0 to 1, not {self.amount}")
        if not 0 <= self.seed <= MAX_SEED - 2:
            raise ConfigError(f"the seed of a noise path is a whole number from 0 to {MAX_SEED - 2}, not {self.seed}")

    def weights(self, share: float) -> tuple[float, float, float]:
        """How much of three independent noises makes the noise after this share of the video, 0 to 1.

        Their squares sum to 1, so that the noise keeps its variance on a circle whose end is its beginning.
        """
        angle = 2 * math.pi * ((share * self.turns) % 1.0)
        moving = math.sqrt(self.amount)
        return math.sqrt(1 - self.amount), moving * math.cos(angle), moving * math.sin(angle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Modulation:
    """A control that follows a curve over time, such as the loudness of a band of a sound."""

    target: str
    """one of TARGETS"""
    amount: float
    """what is added to the control where the curve is 1"""
    rate: float
    """values of the curve a second"""
    values: tuple[float, ...]
    """the curve from second 0, 0 to 1; outside it, the curve is 0"""
    latent: Latent | None = None
    """where a direction leads: from the mean picture to this one"""
    band: str = ""
    """of the timeline's sound, whose loudness the curve is; "" for any other curve"""
    smoothing: float = SMOOTHING
    """seconds over which that loudness was averaged"""

    def __post_init__(self) -> None:
        if self.target not in TARGETS:
            raise ConfigError(f"a sound cannot drive {self.target!r}: use {', '.join(TARGETS)}")
        if (self.latent is not None) != (self.target == "direction"):
            raise ConfigError("a direction, and nothing else, needs the latent that it leads to")
        if not 0 <= self.smoothing <= MAX_SMOOTHING:
            raise ConfigError(f"a loudness is averaged over 0 to {MAX_SMOOTHING:g} seconds, not {self.smoothing}")
        if not math.isfinite(self.amount):
            raise ConfigError(f"the amount of a modulation is a finite number, not {self.amount}")
        if not (math.isfinite(self.rate) and self.rate > 0):
            raise ConfigError(f"the rate of a modulation is a number above 0, not {self.rate}")
        if not all(math.isfinite(value) and 0 <= value <= 1 for value in self.values):
            raise ConfigError("the curve of a modulation has values from 0 to 1")

    def at(self, seconds: float) -> float:
        """What is added to the control at this time, between the curve's values on a straight line."""
        position = seconds * self.rate
        if not 0 <= position <= len(self.values) - 1:
            return 0.0
        before = math.floor(position)
        after = min(before + 1, len(self.values) - 1)
        return self.amount * (self.values[before] + (position - before) * (self.values[after] - self.values[before]))

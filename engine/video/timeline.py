"""What a video shows at which time: keys in a row, each with a look that holds and then becomes the next one.

Frozen values, torch-free; `edits` changes them, `timeline_file` writes them down, `walk` makes latents of them.
Knows nothing of models, of pixels, or of files.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate

from engine.errors import ConfigError
from engine.inference.requests import Look
from engine.video.easing import LINEAR, Easing
from engine.video.moving import Modulation, NoisePath
from engine.video.soundtrack import Soundtrack

INTERPOLATIONS = ("linear", "slerp", "spline", "monotone")
"""linear in W; along great circles in Z; a cubic spline in W through all keys; one that never overshoots a key"""
PACES = ("eased", "even", "even-in-segment")
"""by the clock and the easing; the same change in every frame between two holds; the same within each transition"""
MAX_FPS = 120
MAX_SECONDS = 3600.0
"""An hour for one hold or one transition; more is a slip of the finger."""
_NEARLY = 1e-9
"""A share of a transition that is only rounding: the key itself is meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A look that holds for a while and then becomes the next key's."""

    look: Look
    hold: float = 0.0
    """seconds for which the look stays as it is"""
    transition: float = 2.0
    """seconds from there to the next key; of the last key back to the first, if the timeline loops; 0 is a cut"""
    easing: Easing = LINEAR
    """of the transition"""

    def __post_init__(self) -> None:
        for name, seconds in (("hold", self.hold), ("transition", self.transition)):
            if not (math.isfinite(seconds) and 0 <= seconds <= MAX_SECONDS):
                raise ConfigError(f"a {name} takes 0 to {MAX_SECONDS:g} seconds, not {seconds:g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where between two keys something is."""

    key: int
    following: int
    """the key that comes next; the same one at the end of a timeline that does not loop"""
    fraction: float
    """share of the way to it, in [0, 1)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Keys in their order, and how the picture gets from one to the next. May be empty."""

    keys: tuple[Key, ...] = ()
    interpolation: str = "linear"
    """one of INTERPOLATIONS"""
    pace: str = "eased"
    """one of PACES; 'even' moves the keys between two holds in time"""
    loop: bool = True
    """the last key leads back to the first"""
    fps: int = 30
    """frames a second, 1 to 120"""
    noise: NoisePath = field(default_factory=NoisePath)
    modulations: tuple[Modulation, ...] = ()
    sound: Soundtrack | None = None

    def __post_init__(self) -> None:
        if self.interpolation not in INTERPOLATIONS:
            raise ConfigError(f"no interpolation {self.interpolation!r}: use {', '.join(INTERPOLATIONS)}")
        if self.pace not in PACES:
            raise ConfigError(f"no pace {self.pace!r}: use {', '.join(PACES)}")
        if not 1 <= self.fps <= MAX_FPS:
            raise ConfigError(f"a video has 1 to {MAX_FPS} frames a second, not {self.fps}")

    @property
    def transitions(self) -> int:
        """How many keys lead to another one: the last one does only in a loop."""
        return len(self.keys) if self.loop and len(self.keys) > 1 else max(0, len(self.keys) - 1)

    @property
    def starts(self) -> tuple[float, ...]:
        """Seconds at which each key's look is reached, from 0."""
        steps = (key.hold + key.transition for key in self.keys[:-1])
        return tuple(accumulate(steps, initial=0.0)) if self.keys else ()

    @property
    def ends(self) -> tuple[float, ...]:
        """Seconds at which each key's look is left."""
        return tuple(start + key.hold for start, key in zip(self.starts, self.keys, strict=True))

    @property
    def duration(self) -> float:
        """Seconds up to the end of the last hold, or in a loop to the return of the first key."""
        if not self.keys:
            return 0.0
        return self.ends[-1] + (self.keys[-1].transition if self.transitions == len(self.keys) else 0.0)

    @property
    def frame_count(self) -> int:
        """Frames of the video: a loop ends one frame before its beginning comes again; else the end is shown."""
        if not self.keys:
            return 0
        frames = round(self.duration * self.fps)
        return max(1, frames) if self.loop else frames + 1

    def seconds_of(self, frame: float) -> float:
        """The time that a frame shows; between two frames for motion blur. In a loop any number is a frame.

        The frames divide the duration evenly, so that the last one meets the end, or the beginning, exactly: this
        differs from frame / fps by less than half a frame.
        """
        count = self.frame_count
        if self.loop:
            return (frame % count) * self.duration / count
        return min(max(frame, 0), count - 1) * self.duration / max(1, count - 1)

    def place(self, seconds: float) -> Place:
        """Where the picture is at a time, easing applied; times outside are those of the ends. ConfigError if empty."""
        if not self.keys:
            raise ConfigError("the timeline has no keys: add a picture to it first")
        key = max(0, bisect_right(self.starts, seconds + _NEARLY) - 1)
        here = self.keys[key]
        following = key + 1 if key + 1 < len(self.keys) else (0 if self.transitions == len(self.keys) else key)
        since = seconds - self.ends[key]
        if following == key or since <= 0 or here.transition <= 0:
            return Place(key=key, following=following, fraction=0.0)
        return self.along(key, following, here.easing.at(since / here.transition))

    @staticmethod
    def along(key: int, following: int, fraction: float) -> Place:
        """A place whose fraction is in [0, 1): what is only rounding away from a key is that key."""
        if fraction > 1 - _NEARLY:
            return Place(key=following, following=following, fraction=0.0)
        return Place(key=key, following=following, fraction=0.0 if fraction < _NEARLY else fraction)


def walk_through(looks: tuple[Look, ...], *, seconds: float = 2.0, easing: Easing = LINEAR) -> Timeline:
    """A key for each look, with the same transition between all of them."""
    return Timeline(keys=tuple(Key(look=look, transition=seconds, easing=easing) for look in looks))

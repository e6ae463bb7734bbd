"""What a video shows, frame by frame: a walk in W through a list of looks. Knows nothing of torch or of encoders."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ConfigError
from engine.inference.requests import Look

MAX_FPS = 240
MIN_WATCHABLE_SIZE = 256
"""Smaller pictures are enlarged to at least this many pixels, so that players show more than a stamp."""
MAX_SIZE = 4096
"""What H.264 decoders commonly take."""
MAX_SECONDS_PER_STEP = 3600
"""An hour from one keyframe to the next; more is a slip of the finger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoPlan:
    """A video to be made. Raises ConfigError for numbers that cannot work."""

    looks: tuple[Look, ...]
    """the keyframes, at least two; the noise of the first holds for the whole video"""
    path: Path
    """the MP4 file to make; its folder must exist, the file must not"""
    seconds_per_step: float = 2.0
    """time from one keyframe to the next"""
    fps: int = 30
    """frames a second"""
    loop: bool = True
    """walk back from the last keyframe to the first, so that the end meets the beginning"""
    size: int | None = None
    """height and width in pixels, made even; None for the model's own, enlarged if it is tiny"""

    def __post_init__(self) -> None:
        if len(self.looks) < 2:
            raise ConfigError("a video walks from picture to picture: choose at least two")
        if not 1 <= self.fps <= MAX_FPS:
            raise ConfigError(f"a video has 1 to {MAX_FPS} frames a second, not {self.fps}")
        if not (math.isfinite(self.seconds_per_step) and self.seconds_per_step * self.fps >= 0.5):
            raise ConfigError(
                f"{self.seconds_per_step} seconds a step at {self.fps} frames a second is not even one frame: "
                "use more seconds"
            )
        if self.seconds_per_step > MAX_SECONDS_PER_STEP:
            raise ConfigError(
                f"{self.seconds_per_step:g} seconds from picture to picture are too many: "
                f"use at most {MAX_SECONDS_PER_STEP}"
            )
        if self.size is not None and not 2 <= self.size <= MAX_SIZE:
            raise ConfigError(f"a video is 2 to {MAX_SIZE} pixels wide, not {self.size}")

    @property
    def frames_per_step(self) -> int:
        """Frames from one keyframe up to, but without, the next."""
        return max(1, round(self.seconds_per_step * self.fps))

    @property
    def frame_count(self) -> int:
        """keyframes * steps for a loop, else (keyframes - 1) * steps + 1, so that the last keyframe is shown."""
        if self.loop:
            return len(self.looks) * self.frames_per_step
        return (len(self.looks) - 1) * self.frames_per_step + 1

    def positions(self) -> Iterator[tuple[int, int, float]]:
        """(keyframe, next keyframe, fraction of the way in [0, 1)) of every frame, frame_count of them."""
        for frame in range(self.frame_count):
            key, step = divmod(frame, self.frames_per_step)
            yield key, (key + 1) % len(self.looks), step / self.frames_per_step

    def output_size(self, img_resolution: int) -> int:
        """Height and width of the video in pixels, always even, for a model of this resolution.

        Without a size of its own, a tiny picture is enlarged by the smallest whole factor that reaches
        MIN_WATCHABLE_SIZE, so that every pixel stays a square.
        """
        if self.size is not None:
            return self.size + self.size % 2
        size = img_resolution * max(1, -(-MIN_WATCHABLE_SIZE // img_resolution))
        return size + size % 2

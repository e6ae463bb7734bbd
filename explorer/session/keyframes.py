"""From the looks that a person has kept to the video that walks through them. Knows nothing of encoders."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from engine.inference.requests import Look
from engine.inference.video_plan import VideoPlan


def video_plan(
    looks: Iterable[Look], path: Path, *, seconds_per_step: float = 2.0, fps: int = 30, loop: bool = True
) -> VideoPlan:
    """A video through the looks in their order; a look that repeats the one before it makes no standstill.

    Raises ConfigError for fewer than two different looks, or for numbers that cannot work.
    """
    kept = tuple(looks)
    keyframes = kept[:1] + tuple(look for before, look in pairwise(kept) if look != before)
    return VideoPlan(looks=keyframes, path=path, seconds_per_step=seconds_per_step, fps=fps, loop=loop)

"""From the looks that a person has kept to the video that walks through them. Knows nothing of encoders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from engine.inference.requests import Look
from engine.video.plan import VideoPlan
from engine.video.timeline import walk_through


def video_plan(
    looks: Iterable[Look], path: Path, *, seconds_per_step: float = 2.0, fps: int = 30, loop: bool = True
) -> VideoPlan:
    """A video through the looks in their order; a look that repeats the one before it makes no standstill.

    Raises ConfigError for fewer than two different looks, or for numbers that cannot work.
    """
    kept = tuple(looks)
    keyframes = kept[:1] + tuple(look for before, look in pairwise(kept) if look != before)
    timeline = replace(walk_through(keyframes, seconds=seconds_per_step), fps=fps, loop=loop)
    return VideoPlan(timelines=(timeline,), path=path)

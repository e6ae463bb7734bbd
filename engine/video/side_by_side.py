"""One timeline becomes the walks of a grid: begun at other moments of it, or made of other seeds.

Torch-free; knows nothing of pictures or of how a grid is laid out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.errors import ConfigError
from engine.inference.requests import MAX_SEED, BlendLatent, Latent, SeedLatent
from engine.video.timeline import Timeline

SPREADS = ("phases", "seeds")
"""the same walk, begun at evenly spread moments of it; other walks of the same shape"""
SEED_STRIDE = 1000
"""How far apart the seeds of two walks are: neighbouring seeds are often in the same timeline already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walks:
    """One for each cell, in reading order."""

    timelines: tuple[Timeline, ...]
    phases: tuple[float, ...] = ()
    """share of its timeline at which each begins; none if all begin at 0"""


def side_by_side(timeline: Timeline, cells: int, spread: str) -> Walks:
    """So many walks, the first of which is the timeline itself. Raises ConfigError."""
    if spread not in SPREADS:
        raise ConfigError(f"no way {spread!r} to make several walks of one: use {', '.join(SPREADS)}")
    if cells == 1:
        return Walks(timelines=(timeline,))
    if spread == "seeds":
        return Walks(timelines=tuple(variation(timeline, number) for number in range(cells)))
    return Walks(timelines=(timeline,) * cells, phases=tuple(number / cells for number in range(cells)))


def variation(timeline: Timeline, number: int) -> Timeline:
    """The same keys in time with other seeds; what is mixed in, and all controls, stay. Number 0 is the timeline."""
    keys = (replace(key, look=replace(key.look, latent=_other(key.look.latent, number))) for key in timeline.keys)
    return replace(timeline, keys=tuple(keys))


def _other(latent: Latent, number: int) -> Latent:
    if isinstance(latent, SeedLatent):
        return SeedLatent(seed=_moved(latent.seed, number))
    return BlendLatent(parts=tuple((_moved(seed, number), weight) for seed, weight in latent.parts))


def _moved(seed: int, number: int) -> int:
    return (seed + number * SEED_STRIDE) % (MAX_SEED + 1)

"""The plane of seeds that the latent pad moves over. Knows nothing of documents.

One step right is the next seed, one step down the hundredth next. Between the seeds lies a norm-preserving
blend of the four neighbours with bilinear weights. Positions are multiples of 1/256 of a step, far finer than
a hand on a mouse: the weights are then exact binary fractions, so that a point of the plane that was kept as a
blend is recognised again, and moving there and back gives the very same latent.
"""

from __future__ import annotations

import math

from engine.inference.requests import MAX_SEED, BlendLatent, Latent, SeedLatent

SEEDS_PER_ROW = 100
POSITIONS_PER_STEP = 256
WRITTEN_BELOW_ZERO = 100_000
"""So many seeds at the upper end are written as negative numbers, which wrap around to them."""


def snapped(steps: float) -> float:
    """The nearest position of the plane's grid, in steps."""
    return round(steps * POSITIONS_PER_STEP) / POSITIONS_PER_STEP


def displaced(latent: Latent, x: float, y: float) -> Latent:
    """The latent x steps to the right of this one and y steps below it; both must be snapped.

    A latent that is a point of the plane moves over the plane. Any other blend moves part by part. Seeds wrap
    around at both ends of their range.
    """
    if x == 0 and y == 0:
        return latent
    place = _place_of(latent)
    if place is not None:
        seed, own_x, own_y = place
        return _point(seed, own_x + x, own_y + y)
    weights: dict[int, float] = {}
    for seed, weight in _parts(latent):
        for moved_seed, share in _parts(_point(seed, x, y)):
            weights[moved_seed] = weights.get(moved_seed, 0.0) + weight * share
    return BlendLatent(parts=tuple(weights.items()))


def wrapped(seed: int) -> int:
    """The seed brought back into the range that seeds have."""
    return seed % (MAX_SEED + 1)


def leading_seed(latent: Latent) -> int:
    """The seed that has most of the weight: what a number field shows for a blend."""
    return max(_parts(latent), key=lambda part: part[1])[0]


def friendly_seed(seed: int) -> str:
    """The seed as people read it: those that wandering below 0 leads to have a minus sign."""
    below = MAX_SEED + 1 - seed
    return f"\N{MINUS SIGN}{below}" if below <= WRITTEN_BELOW_ZERO else str(seed)


def described(latent: Latent) -> str:
    """As in "seed 42", or "near seed 42" between the seeds."""
    seed = friendly_seed(leading_seed(latent))
    return f"seed {seed}" if isinstance(latent, SeedLatent) else f"near seed {seed}"


def _point(seed: int, x: float, y: float) -> Latent:
    """The latent at (x, y) steps from a seed."""
    column, row = math.floor(x), math.floor(y)
    right, down = x - column, y - row
    corner = seed + column + SEEDS_PER_ROW * row
    corners = (
        (corner, (1 - right) * (1 - down)),
        (corner + 1, right * (1 - down)),
        (corner + SEEDS_PER_ROW, (1 - right) * down),
        (corner + SEEDS_PER_ROW + 1, right * down),
    )
    parts = tuple((wrapped(seed), weight) for seed, weight in corners if weight > 0)
    return SeedLatent(seed=parts[0][0]) if len(parts) == 1 else BlendLatent(parts=parts)


def _place_of(latent: Latent) -> tuple[int, float, float] | None:
    """(seed, x, y) of a point of the plane, with x and y in [0, 1); None for any other blend."""
    if isinstance(latent, SeedLatent):
        return latent.seed, 0.0, 0.0
    corner = latent.parts[0][0]
    weights = dict(latent.parts)
    right, down, across = (
        weights.get(wrapped(corner + offset), 0.0) for offset in (1, SEEDS_PER_ROW, SEEDS_PER_ROW + 1)
    )
    x, y = right + across, down + across
    in_the_square = 0 <= x < 1 and 0 <= y < 1
    return (corner, x, y) if in_the_square and _point(corner, x, y) == latent else None


def _parts(latent: Latent) -> tuple[tuple[int, float], ...]:
    return ((latent.seed, 1.0),) if isinstance(latent, SeedLatent) else latent.parts

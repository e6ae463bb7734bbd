"""Grids whose tiles belong together: neighbours of one picture, and sheets. Frozen values that lay tiles out.

Knows latents, nothing of documents or of models.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import ConfigError
from engine.inference.requests import (
    BlendLatent,
    Latent,
    SeedLatent,
    latent_from_dict,
    latent_to_dict,
)

RANDOM_SEEDS = 1_000_000
"""Random seeds come from below this: short enough to be noted, and nobody sees them all."""
LEAST_WEIGHT = 1e-4
"""Parts of a blend below this are not seen, and are left out, so that blends of blends stay short."""
FIRST_RADIUS = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """One picture in the middle, and round it its children: blends of it with seeds of their own."""

    parent: Latent
    radius: float = FIRST_RADIUS
    """how much of its own seed each child has: 0 is the parent, 1 leaves nothing of it"""
    draw: int = 0
    """which children: they follow from this number"""
    lineage: tuple[Latent, ...] = ()
    """the parents before this one, the first one first"""

    def __post_init__(self) -> None:
        if not 0 <= self.radius <= 1:
            raise ConfigError(f"a radius goes from 0 to 1, not {self.radius}")

    def tiles(self, rows: int, columns: int) -> tuple[Latent, ...]:
        """The parent's place is `middle_tile`."""
        middle, count = middle_tile(rows, columns), rows * columns
        # The first children stay the same in a larger grid: one long row of seeds, without the parent's place.
        seeds = iter(random.Random(self.draw).sample(range(RANDOM_SEEDS), count - 1))
        return tuple(self.parent if tile == middle else self._child(next(seeds)) for tile in range(count))

    def _child(self, seed: int) -> Latent:
        return blended((self.parent, SeedLatent(seed=seed)), (1 - self.radius, self.radius))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A plane between four latents: upper left, upper right, lower left, lower right."""

    corners: tuple[Latent, Latent, Latent, Latent]

    def tiles(self, rows: int, columns: int) -> tuple[Latent, ...]:
        """The corners' latents are exact; of a single row or column the sheet's first."""
        return tuple(
            self._point(column / max(columns - 1, 1), row / max(rows - 1, 1))
            for row in range(rows)
            for column in range(columns)
        )

    def _point(self, x: float, y: float) -> Latent:
        return blended(self.corners, ((1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y))


@dataclass(frozen=True, slots=True, kw_only=True)
class MixSheet:
    """Every row's picture with some layers of every column's: those that are mixed stand in row and column 0."""

    rows: tuple[Latent, ...]
    """the pictures of column 0"""
    columns: tuple[Latent, ...]
    """the pictures of row 0, without that of column 0"""
    layers: tuple[int, ...]
    """which layers come from the column's picture"""

    def tiles(self, rows: int, columns: int) -> tuple[Latent, ...]:
        """Latents that are missing for a larger grid are the seeds after the last one's."""
        sides = _filled(self.rows, rows)
        tops = (sides[0], *_filled(self.columns or (SeedLatent(seed=0),), columns - 1))
        return tuple(tops[column] if row == 0 else sides[row] for row in range(rows) for column in range(columns))

    @staticmethod
    def source_of(tile: int, columns: int) -> int | None:
        """The tile in row 0 whose layers a tile takes; None in row 0 and in column 0."""
        row, column = divmod(tile, columns)
        return None if row == 0 or column == 0 else column

    @property
    def strengths(self) -> tuple[float, ...]:
        """Of the mix, by layer."""
        return tuple(float(layer in self.layers) for layer in range(max(self.layers, default=-1) + 1))


Arrangement = Neighbours | Sheet | MixSheet


def middle_tile(rows: int, columns: int) -> int:
    """The tile in the middle, or right below it."""
    return rows // 2 * columns + columns // 2


def blended(latents: Sequence[Latent], weights: Sequence[float]) -> Latent:
    """The blend of blends and seeds; one that has all the weight comes back as it is."""
    for latent, weight in zip(latents, weights, strict=True):
        if weight == 1:
            return latent
    shares: dict[int, float] = {}
    for latent, weight in zip(latents, weights, strict=True):
        for seed, share in ((latent.seed, 1.0),) if isinstance(latent, SeedLatent) else latent.parts:
            shares[seed] = shares.get(seed, 0.0) + weight * share
    kept = {seed: share for seed, share in shares.items() if share >= LEAST_WEIGHT}
    total = sum(kept.values())
    if len(kept) == 1:
        return SeedLatent(seed=next(iter(kept)))
    return BlendLatent(parts=tuple((seed, share / total) for seed, share in kept.items()))


def arrangement_to_dict(arrangement: Arrangement) -> dict[str, Any]:
    """A JSON-ready copy; `arrangement_from_dict` is its inverse."""
    match arrangement:
        case Neighbours():
            return {
                "kind": "neighbours",
                "parent": latent_to_dict(arrangement.parent),
                "radius": arrangement.radius,
                "draw": arrangement.draw,
                "lineage": [latent_to_dict(latent) for latent in arrangement.lineage],
            }
        case Sheet():
            return {"kind": "sheet", "corners": [latent_to_dict(latent) for latent in arrangement.corners]}
        case MixSheet():
            return {
                "kind": "mixing sheet",
                "rows": [latent_to_dict(latent) for latent in arrangement.rows],
                "columns": [latent_to_dict(latent) for latent in arrangement.columns],
                "layers": list(arrangement.layers),
            }


def arrangement_from_dict(values: Mapping[str, Any]) -> Arrangement:
    """Raises KeyError, TypeError, ValueError or ConfigError if this is none."""
    kind = values["kind"]
    if kind == "neighbours":
        return Neighbours(
            parent=latent_from_dict(values["parent"]),
            radius=float(values["radius"]),
            draw=int(values["draw"]),
            lineage=_latents(values["lineage"]),
        )
    if kind == "sheet":
        upper_left, upper_right, lower_left, lower_right = _latents(values["corners"])
        return Sheet(corners=(upper_left, upper_right, lower_left, lower_right))
    if kind == "mixing sheet":
        return MixSheet(
            rows=_latents(values["rows"]),
            columns=_latents(values["columns"]),
            layers=tuple(int(layer) for layer in values["layers"]),
        )
    raise ValueError(f"no arrangement {kind!r}")


def _latents(values: Sequence[Mapping[str, Any]]) -> tuple[Latent, ...]:
    return tuple(latent_from_dict(latent) for latent in values)


def _filled(latents: tuple[Latent, ...], count: int) -> tuple[Latent, ...]:
    filled = list(latents[:count])
    taken = {latent.seed for latent in latents if isinstance(latent, SeedLatent)}
    seed = max(taken, default=0)
    while len(filled) < count:
        seed = (seed + 1) % RANDOM_SEEDS
        if seed not in taken:
            filled.append(SeedLatent(seed=seed))
            taken.add(seed)
    return tuple(filled)

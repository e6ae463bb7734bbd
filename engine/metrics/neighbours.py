"""Nearest neighbours among features: precision, recall, and how near samples come to training pictures.

torchmetrics has none of these.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.errors import ConfigError

NEIGHBOUR = 3
ROWS = 1024
"""of the distance matrix that are in memory at once"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Nearest:
    """For each of N queries, the nearest of the references."""

    indices: Tensor
    """int64 [N]"""
    distances: Tensor
    """float64 [N], Euclidean"""


def nearest(queries: Tensor, references: Tensor) -> Nearest:
    """queries [N, D], references [M, D]."""
    found = [_squared_distances(rows, references).min(dim=1) for rows in queries.split(ROWS)]
    return Nearest(
        indices=torch.cat([part.indices for part in found]),
        distances=torch.cat([part.values for part in found]).sqrt(),
    )


def precision_recall(real: Tensor, fake: Tensor, *, neighbour: int = NEIGHBOUR) -> tuple[float, float]:
    """real [N, D], fake [M, D] -> precision and recall in [0, 1] (Kynkäänniemi et al. 2019, section 2).

    Precision: the share of fakes that lie within the distance of some real picture to its third nearest real one;
    how many samples look like the data. Recall: the same with the sets exchanged; how much of the data is covered.
    """
    return _coverage(real, fake, neighbour), _coverage(fake, real, neighbour)


def nearest_ratio(real: Tensor, fake: Tensor) -> float:
    """real [N, D], fake [M, D] -> how far samples are from their nearest real picture, as a share of how far real
    pictures are from each other; the medians of both.

    Near 0, the generator copies its training pictures; at 1, a sample differs from them as they do among themselves.
    """
    among_real = typical_distance(real)
    if among_real == 0:
        raise ConfigError("most training pictures exist twice, so nothing can be said of copies: remove the doubles")
    return float(nearest(fake, real).distances.median()) / among_real


def typical_distance(x: Tensor) -> float:
    """x [N, D] -> the median distance of a point to its nearest other one."""
    return float(_radii(x, 1).median())


def _coverage(centres: Tensor, points: Tensor, neighbour: int) -> float:
    """The share of points [M, D] inside the sphere of any centre [N, D]."""
    squared_radii = _radii(centres, neighbour).square()
    # Radii are roots of squares; a point exactly on a sphere must not fall out by rounding.
    limits = squared_radii * (1 + 1e-12) + 1e-12 * squared_radii.mean()
    inside = [(_squared_distances(rows, centres) <= limits).any(dim=1) for rows in points.split(ROWS)]
    return float(torch.cat(inside).double().mean())


def _radii(x: Tensor, neighbour: int) -> Tensor:
    """float64 [N]: each point's distance to its `neighbour`-th nearest other point."""
    if len(x) <= neighbour:
        raise ConfigError(f"{neighbour} neighbours need more than {neighbour} pictures in each set: give it more")
    radii = []
    for start in range(0, len(x), ROWS):
        squared = _squared_distances(x[start : start + ROWS], x)
        rows = torch.arange(len(squared))
        squared[rows, start + rows] = torch.inf  # itself is no neighbour
        radii.append(squared.kthvalue(neighbour, dim=1).values)
    return torch.cat(radii).sqrt()


def _squared_distances(x: Tensor, y: Tensor) -> Tensor:
    """float64 [N, M]."""
    x, y = x.double(), y.double()
    squared = x.square().sum(dim=1)[:, None] + y.square().sum(dim=1) - 2 * x @ y.T
    return squared.clamp_(min=0)

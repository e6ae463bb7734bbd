"""How different pictures are from each other: what a generator loses when it collapses, whatever its losses say."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.errors import ConfigError


def mean_distance(x: Tensor) -> float:
    """x [N, D], N at least 2 -> the mean Euclidean distance of two different rows."""
    n = len(x)
    if n < 2:
        raise ConfigError("how different pictures are needs at least two of them: give it more")
    return float(torch.cdist(x.double(), x.double(), compute_mode="donot_use_mm_for_euclid_dist").sum()) / (n * (n - 1))


def diversity(real: Tensor, fake: Tensor) -> float:
    """real [N, D], fake [M, D] -> the mean distance among fakes as a share of that among real pictures.

    About 1 if samples differ as real pictures do, 0 if all are the same. 1 says nothing of quality: noise is diverse.
    """
    among_real = mean_distance(real)
    return mean_distance(fake) / among_real if among_real > 0 else 1.0

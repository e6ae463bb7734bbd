"""A judge for training: how far samples are from the real pictures, whose features are computed once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.metrics.diversity import diversity
from engine.metrics.kid import polynomial_mmd
from engine.metrics.networks.registry import FeatureNetwork


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a judge says of some samples."""

    kid: float
    """lower is better, and about 0 is as good as real"""
    diversity: float
    """how much samples differ, as a share of how much real pictures do"""


class KidJudge:
    """Tells better snapshots from worse ones by KID, which is not biased by how few samples there are.

    Without random subsets, so the same samples always get the same verdict. `network` should not be one that the
    discriminator is built on.
    """

    def __init__(self, network: FeatureNetwork, real_pictures: np.ndarray | Tensor) -> None:
        """real_pictures: uint8 [N, 1, 3 or 4, H, W], at least two."""
        self.name = f"kid_{network.name}"
        self.network = network
        self.real_features = network.features(_tensor(real_pictures))

    def kid(self, sample_pixels: np.ndarray | Tensor) -> float:
        """uint8 [M, 1, 3 or 4, H, W], at least two -> KID; lower is better, and about 0 is as good as real."""
        return polynomial_mmd(self.real_features, self.network.features(_tensor(sample_pixels)))

    def verdict(self, sample_pixels: np.ndarray | Tensor) -> Verdict:
        """uint8 [M, 1, 3 or 4, H, W], at least two; looks at the samples once for everything."""
        features = self.network.features(_tensor(sample_pixels))
        return Verdict(
            kid=polynomial_mmd(self.real_features, features), diversity=diversity(self.real_features, features)
        )


def _tensor(pixels: np.ndarray | Tensor) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(pixels)) if isinstance(pixels, np.ndarray) else pixels

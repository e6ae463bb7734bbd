"""The Fréchet distance of two sets of features (Heusel et al. 2017, equation 6).

Why not torchmetrics: it wants pictures and a network of its own, and takes the root of a product that is not
symmetric, which loses digits where there are fewer pictures than features; with a few hundred pictures that is
always so. The tests compare with it and with scipy where both are at home.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.errors import ConfigError


def frechet_distance(x: Tensor, y: Tensor) -> float:
    """x [N, D], y [M, D] -> |mean x - mean y|^2 + tr(X + Y - 2 (X Y)^(1/2)) with the covariances X and Y.

    Depends on the number of samples (it falls as there are more), so compare only numbers of equal N and M.
    Raises ConfigError with fewer than two samples in a set.
    """
    x, y = x.double(), y.double()
    for features in (x, y):
        if len(features) < 2:
            raise ConfigError("a Fréchet distance needs at least two pictures in each set: give it more")
    mean_distance = (x.mean(dim=0) - y.mean(dim=0)).square().sum()
    root_x, root_y = _covariance_root(x), _covariance_root(y)
    # With X = A' A and Y = B' B, tr((X Y)^(1/2)) is the sum of the singular values of A B'.
    trace_of_root = torch.linalg.svdvals(root_x @ root_y.T).sum()
    distance = mean_distance + root_x.square().sum() + root_y.square().sum() - 2 * trace_of_root
    return max(float(distance), 0.0)  # rounding may leave equal sets a hair below


def _covariance_root(x: Tensor) -> Tensor:
    """A [min(N, D), D] with A' A equal to the covariance of x [N, D]; no matrix of D x D for small sets."""
    centred = (x - x.mean(dim=0)) / (len(x) - 1) ** 0.5
    return torch.linalg.qr(centred, mode="r").R if len(x) > x.shape[1] else centred

"""The kernel distance of two sets of features, with the kernel of KID (Bińkowski et al. 2018, section 4).

Unlike a Fréchet distance it has no bias: with few samples it is noisy, but right on average. So it is what small
sets are judged by. Why not torchmetrics: it wants pictures and a network of its own, and draws its subsets from
torch's global generator; the tests compare with it.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.errors import ConfigError

SUBSETS = 100
SUBSET_SIZE = 1000
ROWS = 1024
"""of the kernel matrix that are in memory at once"""


def kid(real: Tensor, fake: Tensor, *, subsets: int = SUBSETS, subset_size: int = SUBSET_SIZE, seed: int = 0) -> float:
    """real [N, D], fake [M, D] -> the mean over random subsets of `polynomial_mmd`.

    Where a subset would be both whole sets, they are compared once. May be slightly negative for sets that are alike.
    """
    size = min(len(real), len(fake), subset_size)
    if size == len(real) == len(fake):
        return polynomial_mmd(real, fake)
    random = torch.Generator().manual_seed(seed)
    estimates = []
    for _ in range(subsets):
        some_real = real[torch.randperm(len(real), generator=random)[:size]]
        some_fake = fake[torch.randperm(len(fake), generator=random)[:size]]
        estimates.append(polynomial_mmd(some_real, some_fake))
    return sum(estimates) / len(estimates)


def polynomial_mmd(x: Tensor, y: Tensor) -> float:
    """x [N, D], y [M, D] -> the unbiased estimate of the squared maximum mean discrepancy (Gretton et al. 2012,
    equation 3) under the kernel (x.y / D + 1)^3. Raises ConfigError with fewer than two samples in a set."""
    n, m = len(x), len(y)
    if min(n, m) < 2:
        raise ConfigError("a kernel distance needs at least two pictures in each set: give it more")
    x, y = x.double(), y.double()
    within_x = (_kernel_sum(x, x) - _kernel_of_self(x)) / (n * (n - 1))
    within_y = (_kernel_sum(y, y) - _kernel_of_self(y)) / (m * (m - 1))
    return within_x + within_y - 2 * _kernel_sum(x, y) / (n * m)


def _kernel_sum(x: Tensor, y: Tensor) -> float:
    return sum(float((rows @ y.T / y.shape[1] + 1).pow(3).sum()) for rows in x.split(ROWS))


def _kernel_of_self(x: Tensor) -> float:
    return float((x.square().sum(dim=1) / x.shape[1] + 1).pow(3).sum())

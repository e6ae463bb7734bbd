"""Which pictures of a set belong to it most, by their features. Knows nothing of networks or of pixels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Features = Callable[[np.ndarray], np.ndarray]
"""Pictures uint8 [N, 3, H, W] -> features float32 [N, D]."""
_BLOCK = 1024


def distances_from_set(features: np.ndarray) -> np.ndarray:
    """How far each of N pictures lies from the others, float64 [N], from features [N, D].

    It is the mean Euclidean distance to the sqrt(N) nearest others. Unlike the distance to the mean of all, that
    does not call a picture an outlier for belonging to one of several kinds; unlike the distance to the very
    nearest, it does so for a few strange pictures that are alike.
    """
    count = len(features)
    if count < 2:
        return np.zeros(count)
    neighbours = min(count - 1, max(1, round(count**0.5)))
    values = np.asarray(features, dtype=np.float64)
    values = values - values.mean(axis=0)  # closer to 0, the differences of squares below lose less
    squares = (values**2).sum(axis=1)
    distances = np.empty(count)
    for start in range(0, count, _BLOCK):
        block = values[start : start + _BLOCK]
        squared = squares[start : start + _BLOCK, None] + squares[None, :] - 2 * block @ values.T
        squared[np.arange(len(block)), np.arange(start, start + len(block))] = np.inf  # itself
        nearest = np.partition(squared, neighbours - 1, axis=1)[:, :neighbours]
        distances[start : start + _BLOCK] = np.sqrt(np.maximum(nearest, 0)).mean(axis=1)
    return distances


def most_typical(features: np.ndarray, keep_percent: float) -> np.ndarray:
    """The indices, ascending, of the `keep_percent` (0 to 100) of pictures with the smallest distance from the set.

    At least one is kept; of pictures at the same distance the earlier.
    """
    keep = max(1, round(len(features) * keep_percent / 100))
    return np.sort(np.argsort(distances_from_set(features), kind="stable")[:keep])

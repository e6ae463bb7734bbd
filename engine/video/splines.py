"""Cubic curves through keys: their tangents, and the points between them.

Knows nothing of what is interpolated: keys are float tensors [K, ...], knots the distances between neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

_WRAPPED = 20
"""Keys that are repeated on either side of a closed curve. A key's influence on a tangent falls to 0.27 from one
key to the next, so what is further away is below the rounding of a float32."""


def spline_tangents(keys: Tensor, gaps: Sequence[float], *, closed: bool) -> Tensor:
    """[K, ...]: the slopes at the keys of the C2 cubic spline, natural at its ends or closed.

    gaps: the distance from each key to the next, all above 0; K of them for a closed curve, else K - 1.
    """
    if closed:
        count = len(keys)
        numbers = [i % count for i in range(-_WRAPPED, count + _WRAPPED)]
        wrapped_gaps = [gaps[i] for i in numbers[:-1]]
        return _natural_tangents(keys[numbers], wrapped_gaps)[_WRAPPED : _WRAPPED + count]
    return _natural_tangents(keys, gaps)


def monotone_tangents(keys: Tensor, gaps: Sequence[float], *, closed: bool) -> Tensor:
    """[K, ...]: slopes with which the curve stays between any two neighbouring keys, in each dimension.

    Harmonic means of the neighbouring secants, 0 at extremes (Fritsch and Butland 1984); at open ends the secant.
    """
    following = torch.roll(keys, -1, dims=0)
    secants = (following - keys)[: len(gaps)] / _column(gaps, keys)
    if closed:
        before, after = torch.roll(secants, 1, dims=0), secants
        gap_before, gap_after = [gaps[-1], *gaps[:-1]], list(gaps)
    else:
        before, after = torch.cat([secants[:1], secants]), torch.cat([secants, secants[-1:]])
        gap_before, gap_after = [gaps[0], *gaps], [*gaps, gaps[-1]]
    first = 2 * _column(gap_after, keys) + _column(gap_before, keys)
    second = _column(gap_after, keys) + 2 * _column(gap_before, keys)
    same_way = before * after > 0
    safe_before = torch.where(same_way, before, torch.ones_like(before))
    safe_after = torch.where(same_way, after, torch.ones_like(after))
    harmonic = (first + second) / (first / safe_before + second / safe_after)
    return torch.where(same_way, harmonic, torch.zeros_like(harmonic))


def hermite(start: Tensor, end: Tensor, slopes: tuple[Tensor, Tensor], gap: float, t: float) -> Tensor:
    """The cubic from start (t = 0) to end (t = 1) with these slopes for each unit of the gap. Both ends are exact."""
    if t in (0, 1):
        return end if t else start
    rest = 1 - t
    blend = start + t * t * (3 - 2 * t) * (end - start)
    return blend + gap * t * rest * (rest * slopes[0] - t * slopes[1])


def _natural_tangents(keys: Tensor, gaps: Sequence[float]) -> Tensor:
    """The tridiagonal system of the slopes, eliminated once down and once up (Thomas), in float64."""
    count = len(keys)
    if count == 1:
        return torch.zeros_like(keys)
    points = keys.double()
    secants = [(points[i + 1] - points[i]) / gaps[i] for i in range(count - 1)]
    # Row i: below[i] m[i-1] + diagonal[i] m[i] + above[i] m[i+1] = right[i]; the ends have no curvature.
    below = [0.0, *(gaps[i] for i in range(1, count - 1)), 1.0]
    diagonal = [2.0, *(2 * (gaps[i - 1] + gaps[i]) for i in range(1, count - 1)), 2.0]
    above = [1.0, *(gaps[i - 1] for i in range(1, count - 1)), 0.0]
    right = [3 * secants[0]]
    right += [3 * (gaps[i] * secants[i - 1] + gaps[i - 1] * secants[i]) for i in range(1, count - 1)]
    right += [3 * secants[-1]]
    for i in range(1, count):
        factor = below[i] / diagonal[i - 1]
        diagonal[i] -= factor * above[i - 1]
        right[i] = right[i] - factor * right[i - 1]
    slopes = [right[-1] / diagonal[-1]]
    for i in range(count - 2, -1, -1):
        slopes.append((right[i] - above[i] * slopes[-1]) / diagonal[i])
    return torch.stack(slopes[::-1]).to(keys.dtype)


def _column(values: Sequence[float], like: Tensor) -> Tensor:
    """[K, 1, ...] to go with keys [K, ...]."""
    return torch.tensor(list(values), dtype=like.dtype).reshape(-1, *([1] * (like.ndim - 1)))

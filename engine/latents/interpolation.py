"""Ways between latents."""

from __future__ import annotations

import torch
from torch import Tensor


def lerp(a: Tensor, b: Tensor, t: float) -> Tensor:
    """The straight way from a (t = 0) to b (t = 1), both ends exact."""
    return b if t == 1 else a + t * (b - a)


def slerp(a: Tensor, b: Tensor, t: float) -> Tensor:
    """The way along the great circle from a to b over the last axis (Shoemake 1985); lengths go linearly.

    Nearly parallel or opposite vectors, which have no single great circle, are interpolated linearly.
    """
    length_a, length_b = a.norm(dim=-1, keepdim=True), b.norm(dim=-1, keepdim=True)
    unit_a, unit_b = a / length_a.clamp_min(1e-12), b / length_b.clamp_min(1e-12)
    cosine = (unit_a * unit_b).sum(dim=-1, keepdim=True).clamp(-1, 1)
    angle = cosine.arccos()
    sine = angle.sin()
    direction = ((1 - t) * angle).sin() / sine * unit_a + (t * angle).sin() / sine * unit_b
    curved = direction * (length_a + t * (length_b - length_a))
    return torch.where(sine.abs() < 1e-4, a + t * (b - a), curved)


def norm_preserving_blend(ws: Tensor, weights: Tensor, w_avg: Tensor) -> Tensor:
    """A weighted mean of several w whose distance from w_avg is the weighted mean of theirs.

    The plain mean comes closer to w_avg than any of its parts (0.71 midway between two independent w, 0.50 among
    four), which acts as a hidden truncation. ws: [K, ..., w_dim], weights: [K] that sum to 1, w_avg: [w_dim].
    """
    offsets = ws - w_avg
    weights = weights.reshape(-1, *([1] * (ws.ndim - 1))).to(ws)
    mean = (weights * offsets).sum(dim=0)
    length = (weights * offsets.norm(dim=-1, keepdim=True)).sum(dim=0)
    return w_avg + mean * (length / mean.norm(dim=-1, keepdim=True).clamp_min(1e-12))

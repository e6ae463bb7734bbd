"""Moves, turns and scales pictures: the categories blit and geom (StyleGAN2-ADA paper, appendix B).

All operations on a picture become one matrix, and the picture is resampled once: mirrored beyond its edges, up-sampled
twice by a wavelet filter, sampled bilinearly, down-sampled by the same filter. Pictures to which only blit happens
keep their pixel values: those are moved and not resampled. A matrix maps homogeneous coordinates (x, y, 1) in pixels,
with the origin in the picture's centre, x to the right and y down.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.training.augment.config import OPERATIONS, AugmentConfig
from engine.training.augment.draws import Draws
from engine.training.augment.resampling import (
    FINE_CENTRE,
    along_both_axes,
    downsampling_matrix,
    sample_bilinear,
    upsampling_matrix,
)
from engine.training.augment.selection import change_chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where each picture of a batch goes; on the CPU."""

    matrices: Tensor
    """float64 [N, 3, 3], from a place in the old picture to its place in the new one"""
    blitted: Tensor
    """bool [N]: whole pixels move to whole pixels"""
    resampled: Tensor
    """bool [N]: anything else happens; never together with blitted"""


def draw_placement(config: AugmentConfig, draws: Draws, size: int) -> Placement:
    """What happens to each picture of size x size pixels, in the paper's order."""
    matrices = torch.eye(3, dtype=torch.float64).repeat(draws.count, 1, 1)
    happened = {category: torch.zeros(draws.count, dtype=torch.bool) for category in ("blit", "geom")}
    p_rotate = 1 - math.sqrt(1 - draws.p)  # so that one of the two rotations happens with probability p
    for name, draw in _steps(config, draws, size):
        if name in config.operations:
            matrix, happens = draw(), draws.happens(p_rotate if name == "rotate" else draws.p)
            matrices = torch.where(happens[:, None, None], matrix @ matrices, matrices)
            happened["blit" if name in OPERATIONS["blit"] else "geom"] |= happens
    return Placement(matrices=matrices, blitted=happened["blit"] & ~happened["geom"], resampled=happened["geom"])


def _steps(config: AugmentConfig, draws: Draws, size: int) -> list[tuple[str, Callable[[], Tensor]]]:
    def flip() -> Tensor:
        sign = 1.0 - 2.0 * draws.integers(2)
        return scaling(sign, torch.ones_like(sign))

    def scale() -> Tensor:
        factor = draws.octaves(config.scale_std)
        return scaling(factor, factor)

    def rotate() -> Tensor:
        return rotation(draws.uniform(-math.pi, math.pi) * config.rotate_max)

    def stretch() -> Tensor:
        factor = draws.octaves(config.aniso_std)
        return scaling(factor, 1 / factor)

    return [
        ("xflip", flip),
        ("rotate90", lambda: rotation(draws.integers(4) * (math.pi / 2))),
        ("xint", lambda: translation((draws.uniform(-config.xint_max, config.xint_max, (2,)) * size).round())),
        ("scale", scale),
        ("rotate", rotate),
        ("aniso", stretch),
        ("rotate", rotate),
        ("xfrac", lambda: translation(draws.normal(config.xfrac_std, (2,)) * size)),
    ]


def scaling(x: Tensor, y: Tensor) -> Tensor:
    """[N], [N] -> [N, 3, 3]."""
    return torch.diag_embed(torch.stack([x, y, torch.ones_like(x)], dim=1))


def rotation(angle: Tensor) -> Tensor:
    """Radians, clockwise on the screen: [N] -> [N, 3, 3]."""
    matrices = torch.eye(3, dtype=torch.float64).repeat(len(angle), 1, 1)
    matrices[:, 0, 0] = matrices[:, 1, 1] = torch.cos(angle)
    matrices[:, 1, 0] = torch.sin(angle)
    matrices[:, 0, 1] = -matrices[:, 1, 0]
    return matrices


def translation(shift: Tensor) -> Tensor:
    """Pixels (x, y): [N, 2] -> [N, 3, 3]."""
    matrices = torch.eye(3, dtype=torch.float64).repeat(len(shift), 1, 1)
    matrices[:, :2, 2] = shift
    return matrices


def place(images: Tensor, placement: Placement) -> Tensor:
    """images [N, C, W, W], each where the placement puts it; what comes in from beyond an edge is mirrored."""
    inverse = torch.linalg.inv(placement.matrices)
    blitted, resampled = placement.blitted, placement.resampled
    images = change_chosen(images, blitted, lambda some: blit(some, inverse[blitted]))
    return change_chosen(images, resampled, lambda some: resample(some, inverse[resampled]))


def blit(images: Tensor, inverse: Tensor) -> Tensor:
    """Moves whole pixels; inverse: [N, 3, 3] on the CPU, from the new place to the old, flips, quarter turns and
    whole shifts only."""
    size = images.shape[-1]
    centred = torch.arange(size, dtype=torch.float64) - (size - 1) / 2
    points = _map(inverse, centred) + (size - 1) / 2
    index = points.round().long().remainder(2 * (size - 1))
    index = torch.minimum(index, 2 * (size - 1) - index)  # mirrored beyond the edges
    flat = (index[..., 1] * size + index[..., 0]).flatten(1).to(images.device)
    moved = images.flatten(2).gather(2, flat[:, None].expand(-1, images.shape[1], -1))
    return moved.reshape(images.shape)


def resample(images: Tensor, inverse: Tensor) -> Tensor:
    """Any affine map; inverse: [N, 3, 3] on the CPU, from the new place to the old."""
    size, device, dtype = images.shape[-1], images.device, images.dtype
    fine = along_both_axes(upsampling_matrix(size, device, dtype), images)  # one period of the mirrored picture
    down = downsampling_matrix(size, device, dtype)
    centre = (size - 1) + FINE_CENTRE  # the picture's centre, in fine samples
    out = torch.arange(down.shape[1], dtype=dtype, device=device) - centre
    to_periods = inverse / (fine.shape[-1] - 1)
    to_periods[:, :2, 2] = (2 * inverse[:, :2, 2] + centre) / (fine.shape[-1] - 1)  # two fine samples to a pixel
    points = _map(to_periods.to(device=device, dtype=dtype), out)
    sampled = sample_bilinear(fine, (points - points.floor()) * 2 - 1)
    return along_both_axes(down, sampled)


def _map(matrices: Tensor, axis: Tensor) -> Tensor:
    """The places (x, y) of a grid over axis x axis after each affine map: [N, 3, 3], [w] -> [N, w, w, 2]."""
    along_x = axis[:, None] * matrices[:, None, :2, 0]
    along_y = axis[:, None] * matrices[:, None, :2, 1] + matrices[:, None, :2, 2]
    return along_x[:, None, :] + along_y[:, :, None]

"""Damages pictures: the categories noise and cutout (StyleGAN2-ADA paper, appendix B).

All channels alike, alpha too.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.training.augment.config import AugmentConfig
from engine.training.augment.draws import Draws, normal_images
from engine.training.augment.selection import change_chosen


def add_noise(images: Tensor, config: AugmentConfig, draws: Draws) -> Tensor:
    """Adds normal noise to images [N, C, H, W]; its standard deviation is a half-normal draw for each picture."""
    happens = draws.happens()
    sigma = draws.normal(config.noise_std).abs()[happens].to(images.dtype)
    numbers = normal_images(draws.seeds()[happens], tuple(images.shape[1:]))
    noise = numbers.to(images.dtype) * sigma[:, None, None, None]
    return change_chosen(images, happens, lambda some: some + noise.to(some.device))


def cut_out(images: Tensor, config: AugmentConfig, draws: Draws) -> Tensor:
    """Sets a square of images [N, C, W, W] to 0; its centre is anywhere in the picture."""
    happens = draws.happens()
    centres = draws.uniform(0, 1, (2,))[happens]
    hole = square_hole(centres, config.cutout_size, images.shape[-1]).to(images.device)
    return change_chosen(images, happens, lambda some: some.masked_fill(hole, 0.0))


def square_hole(centres: Tensor, width: float, size: int) -> Tensor:
    """Which pixels have their middle in the square: bool [N, 1, size, size].

    centres: (x, y) [N, 2] on the CPU; like width, they are shares of the picture's width.
    """
    middles = (torch.arange(size, dtype=torch.float64) + 0.5) / size
    inside = (middles - centres[:, :, None]).abs() < width / 2  # [N, 2, size]
    return (inside[:, 1, :, None] & inside[:, 0, None, :])[:, None]

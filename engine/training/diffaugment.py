"""DiffAugment (Zhao et al. 2020, section 3.2): a few differentiable augmentations, an alternative to those of ADA.

The paper applies all of them to every picture, which is p = 1 here.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.training.augment.config import DiffAugmentConfig
from engine.training.augment.corruption import square_hole
from engine.training.augment.draws import Draws, Places
from engine.training.augment.pipeline import check_images, memory_format
from engine.training.augment.selection import change_chosen


class DiffAugment:
    """Changes each picture by colour, translation and cutout, each with probability p, independently.

    Differentiable twice with respect to the pictures. At p = 0 they come back as they are.
    """

    def __init__(self, config: DiffAugmentConfig) -> None:
        self.config = config

    def __call__(
        self, images: Tensor, p: float | Tensor, random: torch.Generator, places: Places | None = None
    ) -> Tensor:
        """As `engine.training.augment.pipeline.AdaAugment`: the same pictures, the same p, the same randomness.

        Colour leaves alpha as it is; translation and cutout set all channels to 0.
        """
        check_images(images)
        draws = Draws(places or images.shape[0], p, random)
        if draws.p == 0:
            return images
        augmented, operations = images, self.config.operations
        if "color" in operations:
            augmented = _colour(augmented, draws)
        if "translation" in operations:
            augmented = _translate(augmented, self.config.translation_max, draws)
        if "cutout" in operations:
            augmented = _cut_out(augmented, self.config.cutout_size, draws)
        return augmented.contiguous(memory_format=memory_format(images))


def _colour(images: Tensor, draws: Draws) -> Tensor:
    happens = draws.happens()
    offset, saturation, contrast = draws.uniform(-0.5, 0.5), draws.uniform(0, 2), draws.uniform(0.5, 1.5)
    numbers = torch.stack([offset, saturation, contrast])[:, happens, None, None, None]
    offset, saturation, contrast = numbers.to(device=images.device, dtype=images.dtype)

    def change(some: Tensor) -> Tensor:
        rgb, alpha = some[:, :3], some[:, 3:]
        rgb = rgb + offset
        grey = rgb.mean(dim=1, keepdim=True)
        rgb = (rgb - grey) * saturation + grey
        mean = rgb.mean(dim=(1, 2, 3), keepdim=True)
        return torch.cat([(rgb - mean) * contrast + mean, alpha], dim=1)

    return change_chosen(images, happens, change)


def _translate(images: Tensor, largest: float, draws: Draws) -> Tensor:
    happens = draws.happens()
    size = images.shape[-1]
    reach = int(size * largest + 0.5)
    shifts = torch.stack([draws.integers(2 * reach + 1), draws.integers(2 * reach + 1)], dim=1)[happens].long() - reach
    sources = torch.arange(size) - shifts[:, :, None]  # [n, (x, y), size]
    inside = (sources >= 0) & (sources < size)
    columns, rows = sources.clamp(0, size - 1).unbind(1)
    flat = (rows[:, :, None] * size + columns[:, None, :]).flatten(1).to(images.device)
    empty = ~(inside[:, 1, :, None] & inside[:, 0, None, :])[:, None].to(images.device)

    def change(some: Tensor) -> Tensor:
        moved = some.flatten(2).gather(2, flat[:, None].expand(-1, some.shape[1], -1)).reshape(some.shape)
        return moved.masked_fill(empty, 0.0)

    return change_chosen(images, happens, change)


def _cut_out(images: Tensor, width: float, draws: Draws) -> Tensor:
    happens = draws.happens()
    hole = square_hole(draws.uniform(0, 1, (2,))[happens], width, images.shape[-1]).to(images.device)
    return change_chosen(images, happens, lambda some: some.masked_fill(hole, 0.0))

"""The augmentations of StyleGAN2-ADA, one after the other. Does not know how p is found."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from engine.errors import ConfigError
from engine.training.augment.color import colour, draw_colours
from engine.training.augment.config import AugmentConfig
from engine.training.augment.corruption import add_noise, cut_out
from engine.training.augment.draws import Draws, Places
from engine.training.augment.filters import draw_gains, filter_bands
from engine.training.augment.geometry import draw_placement, place


class Augment(Protocol):
    """What D sees in place of pictures."""

    def __call__(
        self, images: Tensor, p: float | Tensor, random: torch.Generator, places: Places | None = None
    ) -> Tensor:
        """As `AdaAugment`."""


class AdaAugment:
    """Changes each picture by each operation with probability p, independently (paper, appendix B).

    Differentiable twice with respect to the pictures. At p = 0 they come back as they are.
    """

    def __init__(self, config: AugmentConfig) -> None:
        self.config = config

    def __call__(
        self, images: Tensor, p: float | Tensor, random: torch.Generator, places: Places | None = None
    ) -> Tensor:
        """images: [N, C, W, W], float32 (or float64) in about [-1, 1], W a power of two, 1 (grey), 3 (RGB) or 4
        (RGBA) channels; p: 0 to 1; random: on the CPU, gives one number whatever p is; places: where in a batch the
        images are, None if they are all of it.

        Returns pictures of the same shape, type and memory format, which may leave [-1, 1]. Raises ConfigError for
        other pictures or another p.
        """
        check_images(images)
        draws = Draws(places or images.shape[0], p, random)
        if draws.p == 0:
            return images
        config, operations = self.config, self.config.operations
        augmented = place(images, draw_placement(config, draws, images.shape[-1]))
        augmented = colour(augmented, *draw_colours(config, draws))
        if "imgfilter" in operations:
            augmented = filter_bands(augmented, *draw_gains(config, draws))
        if "noise" in operations:
            augmented = add_noise(augmented, config, draws)
        if "cutout" in operations:
            augmented = cut_out(augmented, config, draws)
        return augmented.contiguous(memory_format=memory_format(images))


def check_images(images: Tensor) -> None:
    """Raises ConfigError unless images are [N, 1, 3 or 4, W, W] with W a power of two."""
    _, channels, height, width = images.shape
    if channels not in (1, 3, 4):
        raise ConfigError(f"pictures of {channels} channels cannot be augmented: use grey, RGB or RGBA")
    if height != width or width < 4 or width & (width - 1):
        raise ConfigError(
            f"pictures of {width} x {height} pixels cannot be augmented: use squares of a power of two, from 4"
        )


def memory_format(images: Tensor) -> torch.memory_format:
    """Channels last if that is how the pictures lie in memory."""
    channels_last = images.is_contiguous(memory_format=torch.channels_last) and not images.is_contiguous()
    return torch.channels_last if channels_last else torch.contiguous_format

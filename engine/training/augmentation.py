"""The augmentation that a configuration asks for, as one function of pictures, p and randomness."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.training.augment.pipeline import AdaAugment, Augment
from engine.training.config import AugmentationConfig
from engine.training.diffaugment import DiffAugment


def augmentation(config: AugmentationConfig) -> Augment:
    """augment(images, p, random); p matters only for ADA, since DiffAugment is always on."""
    if config.kind == "none":
        return _unchanged
    if config.kind == "ada":
        return AdaAugment(config.ada_pipeline)
    diffaugment = DiffAugment(config.diffaugment)
    return lambda images, p, random: diffaugment(images, 1.0, random)


def _unchanged(images: Tensor, p: float | Tensor, random: torch.Generator) -> Tensor:
    return images

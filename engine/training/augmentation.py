"""The augmentation that a configuration asks for, as one function of pictures, p and randomness."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.training.augment.draws import Places
from engine.training.augment.pipeline import AdaAugment, Augment
from engine.training.config import AugmentationConfig
from engine.training.diffaugment import DiffAugment


def augmentation(config: AugmentationConfig) -> Augment:
    """augment(images, p, random); p matters only for ADA, since DiffAugment is always on."""
    if config.kind == "none":
        return _unchanged
    if config.kind == "ada":
        return AdaAugment(config.ada_pipeline)
    return _AlwaysOn(DiffAugment(config.diffaugment))


class _AlwaysOn:
    def __init__(self, augment: Augment) -> None:
        self._augment = augment

    def __call__(
        self, images: Tensor, p: float | Tensor, random: torch.Generator, places: Places | None = None
    ) -> Tensor:
        return self._augment(images, 1.0, random, places)


def _unchanged(images: Tensor, p: float | Tensor, random: torch.Generator, places: Places | None = None) -> Tensor:
    return images

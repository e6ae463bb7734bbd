"""Pictures of any size and channel count, as the feature networks want them. Differentiable throughout."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.errors import ConfigError


def from_uint8(images: Tensor) -> Tensor:
    """uint8 0 to 255 -> float32 in [-1, 1], any shape, on the tensor's device."""
    if images.dtype != torch.uint8:
        raise ConfigError(f"pictures for a feature network are uint8, not {images.dtype}")
    return images.to(torch.float32) / 127.5 - 1


def as_rgb(img: Tensor) -> Tensor:
    """[N, 1, 3 or 4, H, W] in [-1, 1] -> [N, 3, H, W]: grey is repeated, transparency lies on white."""
    channels = img.shape[1]
    if channels == 1:
        return img.expand(-1, 3, -1, -1)
    if channels == 4:
        alpha = (img[:, 3:] + 1) / 2
        return img[:, :3] * alpha + (1 - alpha)
    if channels != 3:
        raise ConfigError(f"feature networks look at pictures with 1, 3 or 4 channels, not {channels}")
    return img


def resized(img: Tensor, resolution: int) -> Tensor:
    """[N, C, H, W] -> [N, C, resolution, resolution], bilinear; a picture that shrinks is filtered against aliasing
    first (Parmar et al. 2022 show how much a metric errs without)."""
    if img.shape[2] == img.shape[3] == resolution:
        return img
    return F.interpolate(img, size=(resolution, resolution), mode="bilinear", align_corners=False, antialias=True)

"""The synthesis' float pictures to bytes, on the device where they are. Knows nothing of files."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from engine.inference.fast.rows import row_strips
from engine.inference.fast.team import share


def to_bytes(img: Tensor) -> Tensor:
    """`engine.inference.images.to_uint8` where the picture is: [1, C, H, W] in [-1, 1] -> uint8 [1, H, W, C]."""
    pixels = torch.empty((1, *img.shape[2:], img.shape[1]), dtype=torch.uint8, device=img.device)

    def make(top: int, bottom: int) -> None:
        levels = (img[:, :, top:bottom] * 127.5).add_(128).clamp_(0, 255)
        pixels[:, top:bottom].copy_(levels.permute(0, 2, 3, 1))

    strips = row_strips(img) if img.device.type == "cpu" else [(0, img.shape[2])]
    share([partial(make, *strip) for strip in strips])
    return pixels

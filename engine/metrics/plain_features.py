"""Features that need no network: thumbnails, which know colours and places, and outlines, which know shapes alone.

They are what is left where no feature network is installed, and quick enough to be looked at all the time.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.metrics.networks.inputs import as_rgb, from_uint8

THUMBNAIL_SIDE = 16
OUTLINE_SIDE = 32


def thumbnails(images: Tensor) -> Tensor:
    """uint8 [N, 1, 3 or 4, H, W] -> float32 [N, 768], on the CPU: the picture at 16 px."""
    return F.adaptive_avg_pool2d(as_rgb(from_uint8(images.cpu())), THUMBNAIL_SIDE).flatten(1)


def outlines(images: Tensor) -> Tensor:
    """uint8 [N, 1, 3 or 4, H, W] -> float32 [N, 256] of length 1 (0 for a blank picture), on the CPU.

    Where the brightness changes, whatever the colours and the contrast: samples that share one body in many colours
    look alike here, and in no other simple measure.
    """
    grey = as_rgb(from_uint8(images.cpu())).mean(dim=1, keepdim=True)
    grey = F.adaptive_avg_pool2d(grey, OUTLINE_SIDE)
    across = grey[:, :, :-1, 1:] - grey[:, :, :-1, :-1]
    down = grey[:, :, 1:, :-1] - grey[:, :, :-1, :-1]
    strength = torch.hypot(across, down)
    return F.normalize(F.adaptive_avg_pool2d(strength, THUMBNAIL_SIDE).flatten(1), eps=1e-4)

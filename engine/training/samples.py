"""Pictures of G_ema to look at and to judge: the same latents every time, so that only weights make a difference."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.inference.images import to_uint8
from engine.training.state import TrainState

BATCH = 16


def grid_columns(resolution: int) -> int:
    """Pictures in a row of a sample grid, which is square and about 1000 pixels wide."""
    return min(max(1024 // resolution, 4), 12)


@torch.no_grad()
def sample_pixels(state: TrainState, labels: Tensor) -> np.ndarray:
    """Pictures of G_ema for labels [count, c_dim], the same latents at every call: uint8 [count, 3 or 4, H, W]."""
    G_ema, device = state.G_ema, state.pl_mean.device
    z = torch.randn((len(labels), G_ema.z_dim), generator=torch.Generator().manual_seed(0))
    parts = zip(z.split(BATCH), labels.split(BATCH), strict=True)
    pictures = [to_uint8(G_ema(z.to(device), c.to(device), noise_mode="const")) for z, c in parts]
    return np.concatenate(pictures).transpose(0, 3, 1, 2)

"""Style mixing: another w in some of the layers, by degrees."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def mix_styles(ws: Tensor, other: Tensor, strengths: Sequence[float]) -> Tensor:
    """ws + strength (other - ws) in each layer (StyleGAN paper, section 3.1, made continuous).

    ws, other: [..., num_ws, w_dim]; strengths: at most num_ws numbers, 0 keeps ws and 1 takes other, both bit for
    bit; missing ones are 0.
    """
    missing = ws.shape[-2] - len(strengths)
    strength = torch.tensor([*strengths, *[0.0] * missing], dtype=ws.dtype, device=ws.device)[:, None]
    return torch.where(strength == 1, other, ws + strength * (other - ws))

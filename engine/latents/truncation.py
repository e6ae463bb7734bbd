"""The truncation trick in W."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def truncate(ws: Tensor, w_avg: Tensor, psi_per_layer: Sequence[float]) -> Tensor:
    """w_avg + psi (w - w_avg), a psi for each layer (StyleGAN paper, section 4.1 and appendix B).

    ws: [..., num_ws, w_dim], w_avg: [w_dim], psi_per_layer: num_ws numbers. A psi of exactly 1 leaves w untouched
    bit for bit.
    """
    psi = torch.tensor(list(psi_per_layer), dtype=ws.dtype, device=ws.device)[:, None]  # [num_ws, 1]
    return torch.where(psi == 1, ws, w_avg + psi * (ws - w_avg))

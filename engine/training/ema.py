"""G_ema, the generator that people use: a running average of G."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.training.config import EmaConfig


def ema_beta(config: EmaConfig, batch: int, cur_nimg: int) -> float:
    """How much of the old average stays after a batch: a half-life of ema_kimg, ramped up from the start of training
    (ProGAN paper, section 6; the ramp is StyleGAN2-ADA's, appendix C)."""
    ema_nimg = config.ema_kimg * 1000
    if config.rampup is not None:
        ema_nimg = min(ema_nimg, cur_nimg * config.rampup)
    return float(0.5 ** (batch / max(ema_nimg, 1e-8)))


@torch.no_grad()
def update_ema(G_ema: nn.Module, G: nn.Module, beta: float) -> None:
    """Moves G_ema's parameters towards G's; buffers are copied."""
    averaged: list[Tensor] = list(G_ema.parameters())
    current: list[Tensor] = list(G.parameters())
    torch._foreach_lerp_(averaged, current, 1 - beta)
    for buffer_ema, buffer in zip(G_ema.buffers(), G.buffers(), strict=True):
        buffer_ema.copy_(buffer)

"""Amplifies and weakens frequencies of pictures: the category filter (StyleGAN2-ADA paper, appendix B)."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.training.augment.config import AugmentConfig
from engine.training.augment.draws import Draws
from engine.training.augment.resampling import along_both_axes, band_matrices
from engine.training.augment.selection import change_chosen

EXPECTED_POWER = torch.tensor([10, 1, 1, 1], dtype=torch.float64) / 13
"""The share of a natural picture's power in each octave band, the lowest first."""


def draw_gains(config: AugmentConfig, draws: Draws) -> tuple[Tensor, Tensor]:
    """The gain of each band, float64 [N, 4], and whether any band changes, bool [N]; on the CPU.

    Each band is amplified with probability p, and each time all four are scaled so that the expected power stays.
    """
    bands = len(EXPECTED_POWER)
    happens = draws.happens(columns=(bands,))
    amplified = torch.where(happens, draws.octaves(config.imgfilter_std, (bands,)), 1.0)
    gains = torch.ones(draws.count, bands, dtype=torch.float64)
    for band in range(bands):
        step = torch.ones_like(gains)
        step[:, band] = amplified[:, band]
        gains = gains * step / (EXPECTED_POWER * step.square()).sum(dim=1, keepdim=True).sqrt()
    return gains, happens.any(dim=1)


def filter_bands(images: Tensor, gains: Tensor, changed: Tensor) -> Tensor:
    """images [N, C, W, W], mirrored beyond their edges, with gains [N, 4] along each axis where changed [N].

    A wave is multiplied by the gain of its horizontal frequency times that of its vertical one. All channels alike,
    alpha too.
    """
    matrices = band_matrices(images.shape[-1], images.device, images.dtype)
    chosen = gains[changed].to(device=images.device, dtype=images.dtype)
    filters = torch.einsum("nb,bij->nij", chosen, matrices)[:, None]
    return change_chosen(images, changed, lambda some: along_both_axes(filters, some))

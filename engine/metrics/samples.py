"""The pictures that a generator is judged by: seeds in order, without truncation."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from engine.latents.sampling import seed_to_z
from engine.networks.any_generator import AnyGenerator

BATCH = 16


@torch.no_grad()
def sample_pictures(
    G: AnyGenerator,
    count: int,
    *,
    first_seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Tensor:
    """uint8 [count, C, H, W] on the CPU: seeds first_seed, first_seed + 1, ..., psi 1, the model's own noise.

    Classes take turns. The same model gives the same pictures every time.
    """
    device = next(G.parameters()).device
    parts = []
    for start in range(0, count, BATCH):
        seeds = range(first_seed + start, first_seed + min(start + BATCH, count))
        z = torch.cat([seed_to_z(seed, G.z_dim) for seed in seeds]).to(device)
        c = torch.eye(G.c_dim)[torch.tensor(seeds) % G.c_dim].to(device) if G.c_dim > 0 else None
        parts.append(pixels_of(G(z, c)))
        on_progress(start + len(seeds), count)
    return torch.cat(parts)


def pixels_of(img: Tensor) -> Tensor:
    """Float pictures in about [-1, 1] to uint8, any shape, on the CPU; rounded as everywhere in this field."""
    return (img * 127.5 + 128).clamp(0, 255).to(torch.uint8).cpu()

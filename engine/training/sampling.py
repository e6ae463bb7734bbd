"""What a step draws at random: latents, labels, noise. Drawn for the whole batch, and used at some places of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.networks.generator import Generator
from engine.training.augment.draws import MAX_SEED, Places, normal_images


@dataclass(frozen=True, slots=True, kw_only=True)
class Latents:
    """What pictures are made from, all on the CPU."""

    z: Tensor
    """[N, z_dim]"""
    c: Tensor
    """labels, [N, c_dim]"""
    other_z: Tensor
    """[N, z_dim], the latents to mix with"""
    cutoff: int | None
    """the first layer that takes the other latent; None for no mixing"""
    noise_seeds: Tensor
    """int64 [N], of the noise images"""

    def at(self, places: Places) -> Latents:
        """Those of some pictures; these are the whole batch's."""
        return Latents(
            z=places.of(self.z),
            c=places.of(self.c),
            other_z=places.of(self.other_z),
            cutoff=self.cutoff,
            noise_seeds=places.of(self.noise_seeds),
        )


def step_generator(seed: int, cur_nimg: int) -> torch.Generator:
    """A generator whose draws depend on nothing but its position in the run."""
    state = np.random.SeedSequence((seed, cur_nimg)).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(state))


def draw_seeds(count: int, random: torch.Generator) -> Tensor:
    """int64 [count]"""
    return torch.randint(MAX_SEED, (count,), generator=random)


def draw_latents(G: Generator, c: Tensor, mixing_probability: float, random: torch.Generator) -> Latents:
    """Latents for labels c [N, c_dim]; with some probability two of them meet at a random layer (StyleGAN paper,
    section 3.1). Takes as many numbers from `random` in either case."""
    z = torch.randn((len(c), G.z_dim), generator=random)
    cutoff = int(torch.randint(1, G.num_ws, [], generator=random))
    mixes = bool(torch.rand([], generator=random) < mixing_probability)
    other_z = torch.randn((len(c), G.z_dim), generator=random)
    return Latents(z=z, c=c, other_z=other_z, cutoff=cutoff if mixes else None, noise_seeds=draw_seeds(len(c), random))


def map_latents(G: Generator, latents: Latents, device: str) -> Tensor:
    """ws [N, num_ws, w_dim]; the first layer's are never mixed."""
    c = latents.c.to(device)
    ws = G.mapping(latents.z.to(device), c)
    if latents.cutoff is not None:
        other = G.mapping(latents.other_z.to(device), c)
        ws = torch.cat([ws[:, : latents.cutoff], other[:, latents.cutoff :]], dim=1)
    return ws


def synthesize(G: Generator, ws: Tensor, noise_seeds: Tensor, low_precision: torch.dtype | None) -> Tensor:
    """Pictures [N, C, H, W] with noise of their own; noise_seeds: int64 [N] on the CPU."""
    layers = G.synthesis.layers
    sizes = [layer.resolution**2 for layer in layers]
    noise: list[Tensor | None] = [None] * len(layers)
    if G.config.use_noise:
        images = normal_images(noise_seeds, (sum(sizes),), ws.device).split(sizes, dim=1)
        noise = [
            image.reshape(-1, 1, layer.resolution, layer.resolution)
            for image, layer in zip(images, layers, strict=True)
        ]
    img: Tensor = G.synthesis(ws, noise=noise, low_precision=low_precision)
    return img

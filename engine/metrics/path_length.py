"""Path length: how much a picture changes along a short step in W (StyleGAN paper, section 4.1).

A regular generator has short, even paths. Not to be confused with the penalty of the same name in training.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.latents.interpolation import lerp
from engine.metrics.networks.inputs import as_rgb
from engine.metrics.networks.registry import FeatureNetwork
from engine.networks.any_generator import AnyGenerator

EPSILON = 1e-4
"""the step, as a share of the way between two w"""
KEPT_QUANTILES = (0.01, 0.99)
"""lengths outside of these are left out of the mean"""
BATCH = 8

SquaredDistance = Callable[[Tensor, Tensor], Tensor]
"""two pictures [N, 3, H, W] in about [-1, 1] -> [N], of second order in a small change"""


def feature_distance(network: FeatureNetwork) -> SquaredDistance:
    """Squared Euclidean, in a network's pooled features: coarser than LPIPS, which sees where things are."""
    return lambda a, b: (network.encode(a) - network.encode(b)).square().sum(dim=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathOptions:
    """How many paths are measured, and which."""

    samples: int
    seed: int = 0
    on_progress: Callable[[int, int], None] = lambda done, total: None
    """called with (paths measured, all paths)"""


@torch.no_grad()
def path_length(G: AnyGenerator, distance: SquaredDistance, options: PathOptions) -> float:
    """The mean of distance(G(w), G(w + eps (w' - w))) / eps^2 over pairs of w ("w, end" in the paper's table 3).

    Both pictures of a pair have the same random noise images. float32 throughout.
    """
    random = torch.Generator().manual_seed(options.seed)
    lengths: list[Tensor] = []
    for start in range(0, options.samples, BATCH):
        batch = min(BATCH, options.samples - start)
        here, there = _ends(G, batch, random)
        noise = G.synthesis.make_noise("random", batch, generator=random)
        near = lerp(here, there, EPSILON)
        pictures = [as_rgb(G.synthesis(ws, noise=noise)) for ws in (here, near)]
        lengths.append(distance(pictures[0], pictures[1]).double().cpu() / EPSILON**2)
        options.on_progress(start + batch, options.samples)
    return _trimmed_mean(torch.cat(lengths))


def _ends(G: AnyGenerator, batch: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Two ws [batch, num_ws, w_dim] of one class for each path."""
    device = next(G.parameters()).device
    c = None
    if G.c_dim > 0:
        c = torch.eye(G.c_dim)[torch.randint(G.c_dim, [batch], generator=random)].to(device)
    z = torch.randn(2, batch, G.z_dim, generator=random).to(device)
    return G.mapping(z[0], c), G.mapping(z[1], c)


def _trimmed_mean(values: Tensor) -> float:
    low, high = torch.quantile(values, torch.tensor(KEPT_QUANTILES, dtype=values.dtype))
    return float(values[(values >= low) & (values <= high)].mean())

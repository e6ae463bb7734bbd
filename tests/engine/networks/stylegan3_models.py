"""Small StyleGAN3 generators for tests."""

from __future__ import annotations

from typing import Any

import torch

from engine.networks.any_generator import AnyGenerator
from engine.networks.stylegan3_config import StyleGAN3Config
from engine.networks.stylegan3_generator import StyleGAN3Generator

SMALL: dict[str, Any] = {
    "img_resolution": 32,
    "z_dim": 6,
    "w_dim": 8,
    "channel_base": 128,
    "channel_max": 8,
    "num_layers": 5,
}
R: dict[str, Any] = {"conv_kernel": 1, "use_radial_filters": True}


def make_stylegan3(**options: Any) -> StyleGAN3Generator:
    """Random values everywhere, of the size that training leaves, so that a tensor in the wrong place shows."""
    random = torch.Generator().manual_seed(7)
    G = StyleGAN3Generator(StyleGAN3Config(**(SMALL | options)))
    with torch.no_grad():
        for name, tensor in G.state_dict().items():
            values = torch.randn(tensor.shape, generator=random)
            if name.endswith("magnitude_ema"):
                tensor.copy_(values.square() + 0.5)
            elif name.endswith("transform"):
                tensor.copy_(torch.eye(3))
            elif name.endswith("freqs"):
                band = G.synthesis.input.band
                tensor.copy_(values / values.norm(dim=1, keepdim=True) * band.cutoff * 0.9)
            elif name.endswith("affine.bias"):
                tensor.copy_(1 + 0.1 * values)
            elif name.endswith("bias"):
                tensor.copy_(0.2 * values)
            else:
                tensor.copy_(values)
    return G.eval().requires_grad_(False)


def picture_of(G: AnyGenerator) -> torch.Tensor:
    """Two pictures of fixed z, and of the first and last class where there are any."""
    random = torch.Generator().manual_seed(9)
    z = torch.randn(2, G.z_dim, generator=random)
    c = torch.eye(G.c_dim)[[0, -1]] if G.c_dim else None
    with torch.no_grad():
        return G(z, c)


def synthesised(G: AnyGenerator, **options: Any) -> torch.Tensor:
    """Two pictures of fixed ws, in the generator's own precision."""
    random = torch.Generator().manual_seed(9)
    ws = torch.randn(2, G.num_ws, G.w_dim, generator=random).to(next(G.parameters()))
    with torch.no_grad():
        return G.synthesis(ws, **options)

"""Generators with random weights everywhere, for every option that a configuration has, and how far pictures differ."""

from __future__ import annotations

import math

import torch

from engine.networks.config import GeneratorConfig
from engine.networks.generator import Generator

WIDTHS = {"z_dim": 32, "w_dim": 32, "mapping_layers": 2, "channel_base": 2048, "channel_max": 96}

CONFIGS = {
    "skip": GeneratorConfig(img_resolution=64, **WIDTHS),
    "skip, clamped, RGBA": GeneratorConfig(img_resolution=64, conv_clamp=1.5, img_channels=4, **WIDTHS),
    "resnet, grey": GeneratorConfig(img_resolution=64, architecture="resnet", img_channels=1, **WIDTHS),
    "resnet, clamped": GeneratorConfig(img_resolution=64, architecture="resnet", conv_clamp=0.8, **WIDTHS),
    "orig": GeneratorConfig(img_resolution=64, architecture="orig", **WIDTHS),
    "relu": GeneratorConfig(img_resolution=32, activation="relu", **WIDTHS),
    "linear, without noise": GeneratorConfig(img_resolution=32, activation="linear", use_noise=False, **WIDTHS),
    "one tap": GeneratorConfig(img_resolution=16, resample_filter=(1,), **WIDTHS),
    "two taps": GeneratorConfig(img_resolution=16, resample_filter=(1, 1), **WIDTHS),
    "three taps, asymmetric": GeneratorConfig(img_resolution=64, resample_filter=(1, 2, 5), **WIDTHS),
    "five taps, asymmetric": GeneratorConfig(
        img_resolution=64, resample_filter=(1, 2, 3, 4, 5), architecture="resnet", **WIDTHS
    ),
    "six taps": GeneratorConfig(img_resolution=64, resample_filter=(1, 5, 10, 10, 5, 1), **WIDTHS),
    "4 pixels": GeneratorConfig(img_resolution=4, **WIDTHS),
    "wide": GeneratorConfig(img_resolution=256, z_dim=32, w_dim=32, mapping_layers=2, channel_base=4096),
    "narrow": GeneratorConfig(img_resolution=256, z_dim=32, w_dim=32, mapping_layers=2, channel_base=256),
}


def generator(name: str) -> Generator:
    """The same weights for the same name, every time; none of them zero."""
    with torch.random.fork_rng():
        torch.manual_seed(5)
        G = Generator(CONFIGS[name]).eval().requires_grad_(False)
        for key, tensor in (*G.named_parameters(), *G.named_buffers()):
            if key.endswith(("bias", "noise_strength")):
                tensor.data += 0.2 * torch.randn_like(tensor)
    return G


def random_ws(G: Generator, seed: int = 0) -> torch.Tensor:
    """[num_ws, w_dim], a different w for each layer."""
    with torch.no_grad():
        z = torch.randn(G.num_ws, G.z_dim, generator=torch.Generator().manual_seed(seed))
        return G.mapping(z)[:, 0].clone()


def psnr(actual: torch.Tensor, expected: torch.Tensor) -> float:
    """Decibels, for pictures whose values go from -1 to 1, or further: then the range that they have."""
    peak = max(2.0, float(expected.max() - expected.min()))
    error = float((actual - expected).square().mean())
    return math.inf if error == 0 else 10 * math.log10(peak**2 / error)

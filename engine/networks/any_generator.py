"""What every generator has, whatever its kind: a mapping and a synthesis network, and how they are called.

Renderer, metrics and formats use a generator through this alone. To add a kind, write its configuration and its
synthesis, and list them in `config_kinds.py`, `generator_kinds.py` and `formats/expected_shapes.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from engine.networks.config import AnyGeneratorConfig

NoiseImages = Sequence[Tensor | None]
"""One noise image [N or 1, 1, r, r] for each synthesis layer, in order; None for no noise in that layer."""


class AnyMapping(nn.Module):
    """z and c to w."""

    w_avg: Tensor
    """[w_dim]; only there if the config's w_avg_beta is not None"""

    def forward(self, z: Tensor | None, c: Tensor | None = None) -> Tensor:
        """z: [N, z_dim], c: [N, c_dim] or None for zeros -> ws [N, num_ws, w_dim], every layer's w the same."""
        raise NotImplementedError


class AnySynthesis(nn.Module):
    """ws to a picture."""

    num_ws: int

    def make_noise(
        self, mode: str, batch: int, *, strength: float = 1.0, generator: torch.Generator | None = None
    ) -> list[Tensor | None]:
        """Noise images for `forward`: the model's own ('const'), drawn from `generator` ('random'), or none."""
        raise NotImplementedError

    def forward(
        self,
        ws: Tensor,
        noise_mode: str = "const",
        *,
        noise: NoiseImages | None = None,
        transform: Tensor | None = None,
        low_precision: torch.dtype | None = None,
    ) -> Tensor:
        """ws: [N, num_ws, w_dim] -> float32 picture [N, img_channels, img_resolution, img_resolution], about [-1, 1].

        noise_mode: 'const', 'random' or 'none', unless `noise` gives the images. transform: [3, 3], only for a
        generator with an input transform (its config's `has_input_transform`): the picture shows at p what it showed
        at transform p, in picture widths around its centre. low_precision: the type in which the config's
        num_fp16_res highest resolutions are computed; None for float32 throughout.
        """
        raise NotImplementedError


class AnyGenerator(nn.Module):
    """G(z, c) = synthesis(mapping(z, c))."""

    config: AnyGeneratorConfig
    mapping: AnyMapping
    synthesis: AnySynthesis

    def __init__(self, config: AnyGeneratorConfig, mapping: AnyMapping, synthesis: AnySynthesis) -> None:
        super().__init__()
        self.config = config
        self.z_dim = config.z_dim
        self.c_dim = config.c_dim
        self.w_dim = config.w_dim
        self.num_ws = config.num_ws
        self.mapping = mapping
        self.synthesis = synthesis

    def forward(
        self,
        z: Tensor,
        c: Tensor | None = None,
        *,
        noise_mode: str = "const",
        low_precision: torch.dtype | None = None,
    ) -> Tensor:
        """z: [N, z_dim], c: [N, c_dim] or None -> picture [N, img_channels, img_resolution, img_resolution]."""
        picture: Tensor = self.synthesis(self.mapping(z, c), noise_mode, low_precision=low_precision)
        return picture

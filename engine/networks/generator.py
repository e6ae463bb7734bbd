"""The StyleGAN2 generator: a mapping and a synthesis network."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.networks.config import GeneratorConfig
from engine.networks.mapping import MappingNetwork
from engine.networks.synthesis import SynthesisNetwork


class Generator(nn.Module):
    """G(z, c) = synthesis(mapping(z, c))."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        self.z_dim = config.z_dim
        self.c_dim = config.c_dim
        self.w_dim = config.w_dim
        self.num_ws = config.num_ws
        self.mapping = MappingNetwork(
            z_dim=config.z_dim,
            c_dim=config.c_dim,
            w_dim=config.w_dim,
            num_ws=config.num_ws,
            num_layers=config.mapping_layers,
            embed_features=config.mapping_embed_features,
            layer_features=config.mapping_layer_features,
            activation=config.mapping_activation,
            lr_multiplier=config.mapping_lr_multiplier,
            w_avg_beta=config.w_avg_beta,
        )
        self.synthesis = SynthesisNetwork(config)

    def forward(
        self,
        z: Tensor,
        c: Tensor | None = None,
        *,
        noise_mode: str = "const",
        low_precision: torch.dtype | None = None,
    ) -> Tensor:
        """z: [N, z_dim], c: [N, c_dim] or None -> picture [N, img_channels, img_resolution, img_resolution]."""
        return self.synthesis(self.mapping(z, c), noise_mode, low_precision=low_precision)

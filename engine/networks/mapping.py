"""z and c to w. Owns w_avg; knows nothing of truncation or of pictures."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.networks.any_generator import AnyMapping
from engine.networks.config import AnyGeneratorConfig
from engine.networks.layers import FullyConnectedLayer, normalize_2nd_moment


class MappingNetwork(AnyMapping):
    """The mapping network (StyleGAN paper, section 2)."""

    def __init__(
        self,
        *,
        z_dim: int,
        c_dim: int,
        w_dim: int,
        num_ws: int | None,
        num_layers: int = 8,
        embed_features: int | None = None,
        layer_features: int | None = None,
        activation: str = "lrelu",
        lr_multiplier: float = 0.01,
        w_avg_beta: float | None = 0.998,
    ) -> None:
        """num_ws None: the result is [N, w_dim] (a discriminator's class label); w_avg_beta None: no w_avg."""
        super().__init__()
        self.z_dim = z_dim
        self.c_dim = c_dim
        self.w_dim = w_dim
        self.num_ws = num_ws
        self.w_avg_beta = w_avg_beta
        embedded = (w_dim if embed_features is None else embed_features) if c_dim > 0 else 0
        hidden = w_dim if layer_features is None else layer_features
        if c_dim > 0:
            self.embed = FullyConnectedLayer(c_dim, embedded)
        features = [z_dim + embedded] + [hidden] * (num_layers - 1) + [w_dim]
        self.layers: list[str] = []
        for index in range(num_layers):
            layer = FullyConnectedLayer(
                features[index], features[index + 1], activation=activation, lr_multiplier=lr_multiplier
            )
            self.add_module(f"fc{index}", layer)
            self.layers.append(f"fc{index}")
        if num_ws is not None and w_avg_beta is not None:
            self.register_buffer("w_avg", torch.zeros(w_dim))

    def forward(self, z: Tensor | None, c: Tensor | None = None, *, update_w_avg: bool = False) -> Tensor:
        """z: [N, z_dim], c: [N, c_dim] or None for zeros -> ws [N, num_ws, w_dim], every layer's w the same.

        update_w_avg moves the running average of w towards this batch (StyleGAN paper, section 4.1).
        """
        parts = []
        if self.z_dim > 0:
            assert z is not None, "this mapping network needs z"
            parts.append(normalize_2nd_moment(z.float()))
        if self.c_dim > 0:
            if c is None:
                assert z is not None, "this mapping network needs c"
                c = z.new_zeros(z.shape[0], self.c_dim)
            parts.append(normalize_2nd_moment(self.embed(c.float())))
        w = torch.cat(parts, dim=1)
        for name in self.layers:
            w = getattr(self, name)(w)
        if update_w_avg and self.w_avg_beta is not None:
            self.w_avg.copy_(w.detach().mean(dim=0).lerp(self.w_avg, self.w_avg_beta))
        return w if self.num_ws is None else w[:, None].expand(-1, self.num_ws, -1)


def generator_mapping(config: AnyGeneratorConfig) -> MappingNetwork:
    """The mapping network that a generator's configuration describes."""
    return MappingNetwork(
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

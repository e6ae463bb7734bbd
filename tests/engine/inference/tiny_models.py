"""Small models with random weights everywhere, also where training starts from zero."""

from __future__ import annotations

import torch

from engine.formats.model_file import Model
from engine.formats.model_info import ModelInfo
from engine.networks.config import GeneratorConfig
from engine.networks.generator import Generator


def tiny_config(
    *, resolution: int = 16, channels: int = 3, c_dim: int = 0, w_avg_beta: float | None = 0.998
) -> GeneratorConfig:
    return GeneratorConfig(
        z_dim=16,
        w_dim=16,
        c_dim=c_dim,
        img_resolution=resolution,
        img_channels=channels,
        mapping_layers=2,
        channel_base=128,
        channel_max=16,
        w_avg_beta=w_avg_beta,
    )


def tiny_model(config: GeneratorConfig | None = None) -> Model:
    """The same weights for the same configuration, every time."""
    config = config or tiny_config()
    with torch.random.fork_rng():
        torch.manual_seed(7)
        G_ema = Generator(config)
        for name, tensor in (*G_ema.named_parameters(), *G_ema.named_buffers()):
            if name.endswith(("bias", "noise_strength", "w_avg")):
                tensor.data += 0.3 * torch.randn_like(tensor)
    info = ModelInfo(
        z_dim=config.z_dim,
        c_dim=config.c_dim,
        w_dim=config.w_dim,
        num_ws=config.num_ws,
        img_resolution=config.img_resolution,
        img_channels=config.img_channels,
        source_format="made for a test",
        content_id="0" * 64,
        parameters=sum(parameter.numel() for parameter in G_ema.parameters()),
    )
    return Model(info=info, G_ema=G_ema.eval())

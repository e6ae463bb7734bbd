"""StyleGAN2 generators with random weights, in a renderer: what the benchmarks of pictures and videos measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.inference.renderer import Renderer
    from engine.networks.generator import Generator


def random_generator(pixels: int, channel_base: int) -> Generator:
    """The same weights every time; with noise, as after training."""
    import torch

    from engine.networks.config import GeneratorConfig
    from engine.networks.generator import Generator

    torch.manual_seed(0)
    G = Generator(GeneratorConfig(img_resolution=pixels, channel_base=channel_base)).eval().requires_grad_(False)
    for layer in G.synthesis.layers:
        layer.noise_strength.fill_(0.1)  # 0 would leave the noise out
    return G


def renderer_of(G: Generator, device: str, precision: str = "auto") -> Renderer:
    """Takes the generator over."""
    from engine.formats.model_file import Model
    from engine.formats.model_info import ModelInfo
    from engine.inference.renderer import Renderer

    config = G.config
    info = ModelInfo(
        z_dim=config.z_dim,
        c_dim=config.c_dim,
        w_dim=config.w_dim,
        num_ws=config.num_ws,
        img_resolution=config.img_resolution,
        img_channels=config.img_channels,
        source_format="random",
        content_id="0" * 64,
        parameters=0,
    )
    return Renderer(Model(info=info, G_ema=G), device, precision)

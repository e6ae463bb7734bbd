"""The StyleGAN3 generator: StyleGAN2's mapping network, with two layers, and a synthesis network without aliases."""

from __future__ import annotations

from engine.networks.any_generator import AnyGenerator
from engine.networks.mapping import MappingNetwork, generator_mapping
from engine.networks.stylegan3_config import StyleGAN3Config
from engine.networks.stylegan3_synthesis import StyleGAN3Synthesis


class StyleGAN3Generator(AnyGenerator):
    """G(z, c) = synthesis(mapping(z, c)) (Karras et al. 2021, figure 4b)."""

    config: StyleGAN3Config
    mapping: MappingNetwork
    synthesis: StyleGAN3Synthesis

    def __init__(self, config: StyleGAN3Config) -> None:
        super().__init__(config, generator_mapping(config), StyleGAN3Synthesis(config))

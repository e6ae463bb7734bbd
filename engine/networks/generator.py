"""The StyleGAN2 generator: a mapping and a synthesis network."""

from __future__ import annotations

from engine.networks.any_generator import AnyGenerator
from engine.networks.config import GeneratorConfig
from engine.networks.mapping import MappingNetwork, generator_mapping
from engine.networks.synthesis import SynthesisNetwork


class Generator(AnyGenerator):
    """G(z, c) = synthesis(mapping(z, c))."""

    config: GeneratorConfig
    mapping: MappingNetwork
    synthesis: SynthesisNetwork

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__(config, generator_mapping(config), SynthesisNetwork(config))

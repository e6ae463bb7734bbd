"""The kinds of generator configurations that there are, by name. Knows nothing of torch."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from engine.networks.config import AnyGeneratorConfig, GeneratorConfig
from engine.networks.lucidrains_config import LucidrainsConfig
from engine.networks.stylegan3_config import StyleGAN3Config

GENERATOR_CONFIGS: Final[MappingProxyType[str, type[AnyGeneratorConfig]]] = MappingProxyType(
    {config.kind: config for config in (GeneratorConfig, StyleGAN3Config, LucidrainsConfig)}
)
USUAL_KIND: Final = GeneratorConfig.kind
"""of a file that does not tell: there was no other at first"""

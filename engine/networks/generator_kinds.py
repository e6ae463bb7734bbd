"""The kinds of generators that there are, by the name that their configuration has."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final

from engine.networks.any_generator import AnyGenerator
from engine.networks.config import AnyGeneratorConfig, GeneratorConfig
from engine.networks.generator import Generator
from engine.networks.lucidrains import LucidrainsGenerator
from engine.networks.lucidrains_config import LucidrainsConfig
from engine.networks.stylegan3_config import StyleGAN3Config
from engine.networks.stylegan3_generator import StyleGAN3Generator

_GENERATORS: Final[MappingProxyType[str, Callable[[Any], AnyGenerator]]] = MappingProxyType(
    {
        GeneratorConfig.kind: Generator,
        StyleGAN3Config.kind: StyleGAN3Generator,
        LucidrainsConfig.kind: LucidrainsGenerator,
    }
)


def make_generator(config: AnyGeneratorConfig) -> AnyGenerator:
    """A generator of the configuration's kind, with random weights."""
    return _GENERATORS[config.kind](config)

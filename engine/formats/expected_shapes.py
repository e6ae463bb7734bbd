"""The name and shape of every tensor that a network of a given configuration keeps in a file.

A file's configuration can claim a network of any size. These few lines of arithmetic tell what it would be before
any of it is made; the tests hold them against the real networks. Knows nothing of torch.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final

from engine.networks.config import AnyGeneratorConfig, DiscriminatorConfig, GeneratorConfig
from engine.networks.lucidrains_config import HEAD_FEATURES, LucidrainsConfig
from engine.networks.stylegan3_config import StyleGAN3Config

Shapes = dict[str, tuple[int, ...]]


def shapes_of(config: AnyGeneratorConfig) -> Shapes:
    """What the `state_dict()` of a generator of this configuration holds, whatever its kind."""
    return _SHAPES[config.kind](config)


def generator_shapes(config: GeneratorConfig) -> Shapes:
    """What `Generator(config).state_dict()` holds."""
    shapes = _generator_mapping(config)
    for resolution in config.block_resolutions:
        shapes |= _synthesis_block(config, resolution)
    return shapes


def stylegan3_shapes(config: StyleGAN3Config) -> Shapes:
    """What `StyleGAN3Generator(config).state_dict()` holds."""
    shapes = _generator_mapping(config)
    plans = config.layers()
    channels = plans[0].before.channels
    shapes |= {
        "synthesis.input.weight": (channels, channels),
        "synthesis.input.transform": (3, 3),
        "synthesis.input.freqs": (channels, 2),
        "synthesis.input.phases": (channels,),
    }
    shapes |= _layer("synthesis.input.affine", 4, config.w_dim)
    for plan in plans:
        name, inside = f"synthesis.{plan.name}", plan.before.channels
        shapes |= _layer(name, plan.after.channels, inside, plan.kernel, plan.kernel)
        shapes |= _layer(f"{name}.affine", inside, config.w_dim)
        shapes[f"{name}.magnitude_ema"] = ()
    return shapes


def lucidrains_shapes(config: LucidrainsConfig) -> Shapes:
    """What `LucidrainsGenerator(config).state_dict()` holds."""
    w_dim, first, resolution = config.w_dim, config.channels[0], config.img_resolution
    shapes = _generator_mapping(config)
    if config.constant_input:
        shapes["synthesis.const"] = (first, 4, 4)
    else:
        shapes["synthesis.start.weight"] = (w_dim, first, 4, 4)
    shapes |= _layer("synthesis.first", first, first, 3, 3)
    shapes["synthesis.noise_const"] = (resolution, resolution)
    for index, resolution in enumerate(config.layer_resolutions):
        block, (inside, out) = f"synthesis.b{resolution}", config.channels[index : index + 2]
        for name, size in (("conv1", inside), ("conv2", out)):
            shapes |= _layer(f"{block}.{name}", out, size, 3, 3) | _layer(f"{block}.{name}.affine", size, w_dim)
            shapes[f"{block}.{name}.noise_strength"] = (out,)
        shapes[f"{block}.torgb.weight"] = (config.img_channels, out, 1, 1)
        shapes |= _layer(f"{block}.torgb.affine", out, w_dim)
        if index in config.attention:
            shapes |= _linear_attention(f"{block}.attention", inside, config.attention_heads * HEAD_FEATURES)
    return shapes


def _linear_attention(name: str, channels: int, features: int) -> Shapes:
    shapes: Shapes = {
        f"{name}.{norm}.{part}": (channels,) for norm in ("norm", "mixed_norm") for part in ("scale", "shift")
    }
    shapes[f"{name}.query.weight"] = (features, channels, 1, 1)
    shapes[f"{name}.nearby.weight"] = (channels, 1, 3, 3)
    shapes[f"{name}.key_value.weight"] = (features * 2, channels, 1, 1)
    shapes |= _layer(f"{name}.out", channels, features, 1, 1)
    shapes |= _layer(f"{name}.wide", channels * 2, channels, 1, 1)
    return shapes | _layer(f"{name}.narrow", channels, channels * 2, 1, 1)


def discriminator_shapes(config: DiscriminatorConfig) -> Shapes:
    """What `Discriminator(config).state_dict()` holds."""
    shapes: Shapes = {}
    for resolution in config.block_resolutions:
        block, inside, out = f"b{resolution}", config.channels(resolution), config.channels(resolution // 2)
        if resolution == config.img_resolution or config.architecture == "skip":
            shapes |= _layer(f"{block}.fromrgb", inside, config.img_channels, 1, 1)
        shapes |= _layer(f"{block}.conv0", inside, inside, 3, 3)
        shapes |= _layer(f"{block}.conv1", out, inside, 3, 3)
        if config.architecture == "resnet":
            shapes[f"{block}.skip.weight"] = (out, inside, 1, 1)
    channels, cmap_dim = config.channels(4), 0
    if config.c_dim > 0:
        cmap_dim = channels if config.cmap_dim is None else config.cmap_dim
        shapes |= _mapping(
            "mapping",
            z_dim=0,
            c_dim=config.c_dim,
            embedded=cmap_dim,
            hidden=cmap_dim,
            w_dim=cmap_dim,
            layers=config.mapping_layers,
        )
    if config.architecture == "skip":
        shapes |= _layer("b4.fromrgb", channels, config.img_channels, 1, 1)
    shapes |= _layer("b4.conv", channels, channels + config.mbstd_num_channels, 3, 3)
    shapes |= _layer("b4.fc", channels, channels * 4 * 4)
    return shapes | _layer("b4.out", cmap_dim or 1, channels)


def _generator_mapping(config: AnyGeneratorConfig) -> Shapes:
    shapes = _mapping(
        "mapping",
        z_dim=config.z_dim,
        c_dim=config.c_dim,
        embedded=config.w_dim if config.mapping_embed_features is None else config.mapping_embed_features,
        hidden=config.w_dim if config.mapping_layer_features is None else config.mapping_layer_features,
        w_dim=config.w_dim,
        layers=config.mapping_layers,
    )
    if config.w_avg_beta is not None:
        shapes["mapping.w_avg"] = (config.w_dim,)
    return shapes


def _layer(name: str, out: int, *inside: int) -> Shapes:
    return {f"{name}.weight": (out, *inside), f"{name}.bias": (out,)}


def _mapping(name: str, *, z_dim: int, c_dim: int, embedded: int, hidden: int, w_dim: int, layers: int) -> Shapes:
    shapes: Shapes = _layer(f"{name}.embed", embedded, c_dim) if c_dim > 0 else {}
    features = [z_dim + (embedded if c_dim > 0 else 0)] + [hidden] * (layers - 1) + [w_dim]
    for index in range(layers):
        shapes |= _layer(f"{name}.fc{index}", features[index + 1], features[index])
    return shapes


def _synthesis_block(config: GeneratorConfig, resolution: int) -> Shapes:
    block, out = f"synthesis.b{resolution}", config.channels(resolution)
    if resolution == 4:
        shapes: Shapes = {f"{block}.const": (out, 4, 4)}
    else:
        inside = config.channels(resolution // 2)
        shapes = _synthesis_layer(config, f"{block}.conv0", resolution, out, inside)
        if config.architecture == "resnet":
            shapes[f"{block}.skip.weight"] = (out, inside, 1, 1)
    shapes |= _synthesis_layer(config, f"{block}.conv1", resolution, out, out)
    if config.architecture == "skip" or resolution == config.img_resolution:
        shapes |= _layer(f"{block}.torgb", config.img_channels, out, 1, 1)
        shapes |= _layer(f"{block}.torgb.affine", out, config.w_dim)
    return shapes


def _synthesis_layer(config: GeneratorConfig, name: str, resolution: int, out: int, inside: int) -> Shapes:
    shapes = _layer(name, out, inside, 3, 3) | _layer(f"{name}.affine", inside, config.w_dim)
    if config.use_noise:
        shapes |= {f"{name}.noise_const": (resolution, resolution), f"{name}.noise_strength": ()}
    return shapes


_SHAPES: Final[MappingProxyType[str, Callable[[Any], Shapes]]] = MappingProxyType(
    {
        GeneratorConfig.kind: generator_shapes,
        StyleGAN3Config.kind: stylegan3_shapes,
        LucidrainsConfig.kind: lucidrains_shapes,
    }
)

"""The attributes of an NVlabs network -> our configuration. Facts of the two code bases live here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from engine.formats.config_reading import read_config
from engine.formats.inferred_options import (
    DEFAULT_CHANNEL_BASE,
    DEFAULT_CHANNEL_MAX,
    block_resolutions,
    channel_limits,
    filter_taps,
)
from engine.formats.nvlabs_module import Module
from engine.formats.refusals import DamagedFileError, UnsupportedModelError
from engine.networks.config import DiscriminatorConfig, GeneratorConfig


def generator_config(G: Module) -> GeneratorConfig:
    """Raises ModelFileError for a generator whose parts disagree or whose options do not exist here."""
    mapping, synthesis = G.part("mapping"), G.part("synthesis")
    resolutions = block_resolutions(G.name, G.attribute("img_resolution"), 4)
    blocks = [synthesis.part(f"b{resolution}") for resolution in resolutions]
    layers = [layer for block in blocks for layer in (block.child("conv0"), block.part("conv1")) if layer is not None]
    channel_base, channel_max = _channels(synthesis, [block.part("conv1") for block in blocks], resolutions)
    w_dim = G.attribute("w_dim")
    return read_config(
        GeneratorConfig,
        {
            "z_dim": G.attribute("z_dim"),
            "c_dim": G.attribute("c_dim"),
            "w_dim": w_dim,
            "img_resolution": G.attribute("img_resolution"),
            "img_channels": G.attribute("img_channels"),
            **generator_mapping_options(mapping, w_dim),
            "channel_base": channel_base,
            "channel_max": channel_max,
            "architecture": _same(blocks, "architecture"),
            "resample_filter": _taps(blocks),
            "activation": _same(layers, "activation"),
            "use_noise": _same(layers, "use_noise"),
            "num_fp16_res": _num_fp16_res(synthesis, blocks),
            "conv_clamp": _same(layers, "conv_clamp"),
        },
    )


def discriminator_config(D: Module) -> DiscriminatorConfig:
    """Raises ModelFileError for a discriminator whose parts disagree or whose options do not exist here."""
    resolutions = block_resolutions(D.name, D.attribute("img_resolution"), 8)
    blocks = [D.part(f"b{resolution}") for resolution in resolutions]
    epilogue = D.part("b4")
    layers = [block.part(name) for block in blocks for name in ("conv0", "conv1")] + [epilogue.part("conv")]
    channel_base, channel_max = _channels(D, [block.part("conv0") for block in blocks], resolutions)
    mapping, mbstd = D.child("mapping"), epilogue.child("mbstd")
    conditional = {} if mapping is None else _mapping_options(mapping) | {"cmap_dim": mapping.attribute("w_dim")}
    return read_config(
        DiscriminatorConfig,
        {
            "c_dim": D.attribute("c_dim"),
            "img_resolution": D.attribute("img_resolution"),
            "img_channels": D.attribute("img_channels"),
            "architecture": _same([*blocks, epilogue], "architecture"),
            "channel_base": channel_base,
            "channel_max": channel_max,
            "resample_filter": _taps(blocks),
            "activation": _same(layers, "activation"),
            "num_fp16_res": sum(block.attribute("use_fp16") is True for block in blocks),
            "conv_clamp": _same(layers, "conv_clamp"),
            "freeze_layers": blocks[0].argument("freeze_layers", 0),
            "mbstd_group_size": None if mbstd is None else mbstd.attribute("group_size"),
            "mbstd_num_channels": 0 if mbstd is None else mbstd.attribute("num_channels"),
            **conditional,
        },
    )


def _num_fp16_res(synthesis: Module, blocks: Sequence[Module]) -> int:
    """As many blocks as say so, or what stylegan3's synthesis was told, which may be more than there are blocks."""
    count = sum(block.attribute("use_fp16") is True for block in blocks)
    told = synthesis.attribute("num_fp16_res", count)
    return told if type(told) is int and min(told, len(blocks) - 1) == count else count


def generator_mapping_options(mapping: Module, w_dim: Any) -> dict[str, Any]:
    """What all of NVlabs' generators have in common, under our names."""
    return {
        "mapping_layer_features": _unless(w_dim, _features(mapping.child("fc0"), mapping.child("fc1"))),
        "mapping_embed_features": _unless(w_dim, _features(mapping.child("embed"), mapping)),
        "w_avg_beta": mapping.attribute("w_avg_beta"),
        "mapping_activation": mapping.part("fc0").attribute("activation"),
        **_mapping_options(mapping),
    }


def _mapping_options(mapping: Module) -> dict[str, Any]:
    return {
        "mapping_layers": mapping.attribute("num_layers"),
        # A dense layer's bias_gain is its learning rate multiplier.
        "mapping_lr_multiplier": mapping.part("fc0").attribute("bias_gain"),
    }


def _features(layer: Module | None, follower: Module | None) -> int | None:
    """Output features of a dense layer that something follows."""
    weight = None if layer is None or follower is None else layer.tensor("weight")
    return weight.shape[0] if weight is not None and weight.shape else None


def _unless(usual: Any, value: int | None) -> int | None:
    return None if value == usual else value


def _same(modules: Sequence[Module], key: str) -> Any:
    """The attribute that all of these parts must share."""
    values = [module.attribute(key) for module in modules]
    for module, value in zip(modules, values, strict=True):
        if type(value) is not type(values[0]) or (_is_plain(value) and value != values[0]):
            raise UnsupportedModelError(f"{module.name} has another {key} than {modules[0].name}")
    return values[0]


def _is_plain(value: Any) -> bool:
    return value is None or type(value) in (bool, int, float, str)


def _channels(network: Module, layers: Sequence[Module], resolutions: Sequence[int]) -> tuple[int, int]:
    """(channel_base, channel_max): as the constructor was told, if that explains the weights, else inferred."""
    weights = [layer.tensor("weight") for layer in layers]
    # Of a discriminator's block this is the width at its input, of a generator's at its output: both belong to
    # the block's resolution.
    widths = [weight.shape[0] for weight in weights if weight is not None and weight.shape]
    if len(widths) != len(layers):
        raise DamagedFileError(f"{network.name} has a convolution without weights")
    told = (
        network.argument("channel_base", DEFAULT_CHANNEL_BASE),
        network.argument("channel_max", DEFAULT_CHANNEL_MAX),
    )
    return channel_limits(network.name, widths, resolutions, told)


def _taps(blocks: Iterable[Module]) -> tuple[float, ...]:
    """The taps of the separable filter that every block resamples with."""
    return filter_taps(
        [tensor for tensor in (block.tensor("resample_filter") for block in blocks) if tensor is not None]
    )

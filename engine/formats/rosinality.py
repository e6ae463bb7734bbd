"""Checkpoints of rosinality's stylegan2-pytorch: `g_ema`, in training checkpoints also `g` and `d`.

All sizes come from the shapes of the tensors. The arithmetic is StyleGAN2's, so only names and shapes change; the
options that its program does not have keep NVIDIA's first values: no clamp, the 'skip' generator, the 'resnet'
discriminator. Knows nothing of files or of torch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from engine.formats.config_reading import read_config
from engine.formats.derived_tensors import MadeTensor, reshaped
from engine.formats.estimated_average import estimated_average
from engine.formats.inferred_options import block_resolutions, channel_limits, filter_taps
from engine.formats.pickle_values import StoredTensor
from engine.formats.refusals import DamagedFileError
from engine.formats.rosinality_discriminator import DISCRIMINATOR_MARKER, describe_discriminator
from engine.formats.state_dict import StateDict, find_state_dict
from engine.formats.stored_model import StoredModel, StoredNetwork, TensorSource
from engine.networks.config import GeneratorConfig

SOURCE_FORMAT: Final = "rosinality checkpoint"
GENERATOR_MARKER: Final = "conv1.conv.modulation.weight"
LR_MULTIPLIER: Final = 0.01
NOISE_SEED: Final = 0
OPTIONS_KEY: Final = "stylegan_explorer"
"""where this project's own files have every network's options, as JSON: the shapes alone do not tell them all"""
MAX_OPTIONS_CHARACTERS: Final = 2**16

Tensors = dict[str, TensorSource]


def detect(value: Any) -> bool:
    """Whether the value of a torch file holds such a generator."""
    return _generators(value) != {}


def describe(value: Any, size_bytes: int) -> StoredModel:
    """Describes the networks of such a value. Raises ModelFileError."""
    networks: dict[str, Callable[[], StoredNetwork]] = {}
    told = _told(value)
    averages = {"G_ema": value.get("latent_avg"), "G": value.get("g_latent_avg", value.get("latent_avg"))}
    for name, tensors in _generators(value).items():
        networks[name] = lambda name=name, tensors=tensors: _generator(  # type: ignore[misc]
            tensors, averages[name], told.get(name)
        )
    D = find_state_dict(value.get("d"), "the discriminator", DISCRIMINATOR_MARKER)
    if D is not None:
        networks["D"] = lambda: describe_discriminator(D, told.get("D"))
    return StoredModel(
        source_format=SOURCE_FORMAT,
        size_bytes=size_bytes,
        names=frozenset(networks),
        network=lambda name: networks[name](),
    )


def _generators(value: Any) -> dict[str, StateDict]:
    """'G_ema' and perhaps 'G'; a file with one generator, under whichever name, holds a G_ema."""
    if type(value) is not dict:
        return {}
    candidates = {"G_ema": value.get("g_ema"), "G": value.get("g")}
    found = {
        name: tensors
        for name, candidate in candidates.items()
        if (tensors := find_state_dict(candidate, "the generator", GENERATOR_MARKER)) is not None
    }
    if "G_ema" in found:
        return found
    for candidate in (value.get("g"), value.get("state_dict"), value.get("params_ema"), value):
        tensors = find_state_dict(candidate, "the generator", GENERATOR_MARKER)
        if tensors is not None:
            return {"G_ema": tensors}
    return {}


def _told(value: Mapping[Any, Any]) -> dict[str, Any]:
    """The options of each network that this project wrote itself."""
    text = value.get(OPTIONS_KEY)
    if type(text) is not str or len(text) > MAX_OPTIONS_CHARACTERS:
        return {}
    try:
        options = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DamagedFileError(f"its configuration is no JSON ({error!s:.100})") from error
    return {name: each for name, each in options.items() if type(each) is dict} if type(options) is dict else {}


def _generator(G: StateDict, average: Any, told: dict[str, Any] | None) -> StoredNetwork:
    resolutions = block_resolutions("the generator", 4 * 2 ** G.count("to_rgbs.{}.conv.weight"), 4)
    config = _config(G, resolutions) if told is None else read_config(GeneratorConfig, told)
    tensors = _mapping(G, config.mapping_layers)
    if config.w_avg_beta is not None:
        tensors["mapping.w_avg"] = _average(tensors, config, average)
    tensors["synthesis.b4.const"] = _without_first_axes(G.tensor("input.input", 4), 1)
    tensors |= _layer(G, "conv1", "synthesis.b4.conv1", 0, 4) | _to_rgb(G, "to_rgb1", "synthesis.b4.torgb")
    for index, resolution in enumerate(resolutions[1:]):
        block = f"synthesis.b{resolution}"
        tensors |= _layer(G, f"convs.{2 * index}", f"{block}.conv0", 2 * index + 1, resolution)
        tensors |= _layer(G, f"convs.{2 * index + 1}", f"{block}.conv1", 2 * index + 2, resolution)
        tensors |= _to_rgb(G, f"to_rgbs.{index}", f"{block}.torgb")
    return StoredNetwork(config=config, tensors=tensors)


def _config(G: StateDict, resolutions: list[int]) -> GeneratorConfig:
    layers = ["conv1", *(f"convs.{2 * index + 1}" for index in range(len(resolutions) - 1))]
    widths = [G.tensor(f"{layer}.conv.weight", 5).shape[1] for layer in layers]
    channel_base, channel_max = channel_limits("the generator", widths, resolutions, (None, None))
    kernels = [G.tensor(name, 2) for name in G if name.endswith((".blur.kernel", ".upsample.kernel"))]
    w_dim = G.tensor(GENERATOR_MARKER, 2).shape[1]
    first = G.tensor("style.1.weight", 2)
    return read_config(
        GeneratorConfig,
        {
            "z_dim": first.shape[1],
            "w_dim": w_dim,
            "img_resolution": resolutions[-1],
            "img_channels": G.tensor("to_rgb1.conv.weight", 5).shape[1],
            "mapping_layers": G.count("style.{}.weight", first=1),
            "mapping_layer_features": None if first.shape[0] == w_dim else first.shape[0],
            "mapping_lr_multiplier": LR_MULTIPLIER,
            "channel_base": channel_base,
            "channel_max": channel_max,
            "resample_filter": filter_taps(kernels),
        },
    )


def _mapping(G: StateDict, layers: int) -> Tensors:
    tensors: Tensors = {}
    for index in range(layers):
        tensors[f"mapping.fc{index}.weight"] = G.tensor(f"style.{index + 1}.weight", 2)
        tensors[f"mapping.fc{index}.bias"] = G.tensor(f"style.{index + 1}.bias", 1)
    return tensors


def _average(mapping: Tensors, config: GeneratorConfig, average: Any) -> TensorSource:
    """Converted checkpoints bring w_avg, those of a training do not."""
    if type(average) is StoredTensor and average.numel == config.w_dim:
        return reshaped(average, (config.w_dim,))
    layers = [(mapping[f"mapping.fc{i}.weight"], mapping[f"mapping.fc{i}.bias"]) for i in range(config.mapping_layers)]
    return estimated_average(layers, config.mapping_lr_multiplier)


def _layer(G: StateDict, theirs: str, ours: str, noise: int, resolution: int) -> Tensors:
    strength = G.tensor(f"{theirs}.noise.weight", 1)
    image: TensorSource
    if f"noises.noise_{noise}" in G:
        image = _without_first_axes(G.tensor(f"noises.noise_{noise}", 4), 2)
    else:  # checkpoints of 2019 keep no noise images: theirs were drawn anew for every picture
        image = _made_noise(noise, resolution)
    return _modulated(G, f"{theirs}.conv", ours) | {
        f"{ours}.bias": G.tensor(f"{theirs}.activate.bias", 1),
        f"{ours}.noise_strength": _without_first_axes(strength, 1),
        f"{ours}.noise_const": image,
    }


def _made_noise(number: int, resolution: int) -> MadeTensor:
    shape = (resolution, resolution)
    return MadeTensor(shape, lambda: np.random.RandomState(NOISE_SEED + number).randn(*shape))


def _to_rgb(G: StateDict, theirs: str, ours: str) -> Tensors:
    bias = G.tensor(f"{theirs}.bias", 4)
    return _modulated(G, f"{theirs}.conv", ours) | {f"{ours}.bias": reshaped(bias, (bias.numel,))}


def _modulated(G: StateDict, theirs: str, ours: str) -> Tensors:
    return {
        f"{ours}.weight": _without_first_axes(G.tensor(f"{theirs}.weight", 5), 1),
        f"{ours}.affine.weight": G.tensor(f"{theirs}.modulation.weight", 2),
        f"{ours}.affine.bias": G.tensor(f"{theirs}.modulation.bias", 1),
    }


def _without_first_axes(source: TensorSource, count: int) -> TensorSource:
    if any(size != 1 for size in source.shape[:count]):
        raise DamagedFileError(f"a tensor has the shape {source.shape}, where a single one is expected")
    return reshaped(source, source.shape[count:])

"""Checkpoints of lucidrains' stylegan2-pytorch: `{'GAN': tensors, 'version'}`, with `.config.json` in the same folder.

Sizes, attention and the kind of start come from the tensors. Only `lr_mlp` comes from the configuration file; where
there is none it is 0.1, what the program chooses. The file has no w_avg and no noise images: w_avg is the mean of
2,000 fixed z, as many as the program takes, and one noise image is drawn from a fixed seed. The averaged networks
(`SE`, `GE`) become G_ema; the discriminator is of another kind and is not read. Knows nothing of torch.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.errors import ModelFileError
from engine.formats.config_reading import read_config
from engine.formats.derived_tensors import MadeTensor, reshaped
from engine.formats.estimated_average import LRELU_SLOPE
from engine.formats.inferred_options import block_resolutions
from engine.formats.neighbour_options import read_json
from engine.formats.refusals import DamagedFileError, UnsupportedModelError
from engine.formats.state_dict import StateDict, find_state_dict
from engine.formats.stored_model import StoredModel, StoredNetwork, TensorSource
from engine.networks.lucidrains_config import HEAD_FEATURES, LucidrainsConfig

SOURCE_FORMAT: Final = "lucidrains checkpoint"
CONFIG_NAME: Final = ".config.json"
AVERAGED: Final = ("SE.", "GE.")
TRAINED: Final = ("S.", "G.")
MARKER: Final = "blocks.0.to_rgb.conv.weight"
DEFAULT_LR_MLP: Final = 0.1
SAMPLES: Final = 2000
SEED: Final = 0
DECIMALS: Final = 6
SMALLEST_LENGTH: Final = 1e-12

Tensors = dict[str, TensorSource]
_BLOCK_NAMES: Final = {
    "conv1.weight": "conv1.weight",
    "conv2.weight": "conv2.weight",
    "to_style1.weight": "conv1.affine.weight",
    "to_style1.bias": "conv1.affine.bias",
    "to_style2.weight": "conv2.affine.weight",
    "to_style2.bias": "conv2.affine.bias",
    "to_noise1.weight": "conv1.noise_strength",
    "to_noise1.bias": "conv1.bias",
    "to_noise2.weight": "conv2.noise_strength",
    "to_noise2.bias": "conv2.bias",
    "to_rgb.to_style.weight": "torgb.affine.weight",
    "to_rgb.to_style.bias": "torgb.affine.bias",
    "to_rgb.conv.weight": "torgb.weight",
}
_ATTENTION_NAMES: Final = {
    "0.fn.norm.g": "norm.scale",
    "0.fn.norm.b": "norm.shift",
    "0.fn.fn.to_q.weight": "query.weight",
    "0.fn.fn.to_kv.net.0.weight": "nearby.weight",
    "0.fn.fn.to_kv.net.1.weight": "key_value.weight",
    "0.fn.fn.to_out.weight": "out.weight",
    "0.fn.fn.to_out.bias": "out.bias",
    "1.fn.norm.g": "mixed_norm.scale",
    "1.fn.norm.b": "mixed_norm.shift",
    "1.fn.fn.0.weight": "wide.weight",
    "1.fn.fn.0.bias": "wide.bias",
    "1.fn.fn.2.weight": "narrow.weight",
    "1.fn.fn.2.bias": "narrow.bias",
}
_FLAT: Final = re.compile(r".*\.(noise_strength|scale|shift)")
_START: Final = {"initial_block": "const", "to_initial_block.weight": "start.weight"}
_FIRST: Final = {"initial_conv.weight": "first.weight", "initial_conv.bias": "first.bias"}


def detect(value: Any) -> bool:
    """Whether the value of a torch file holds such a generator."""
    return _networks(value) is not None


def describe(value: Any, size_bytes: int, path: Path) -> StoredModel:
    """Describes the generator of such a value; the file itself says where the configuration lies."""
    found = _networks(value)
    assert found is not None, "describe() is asked only after detect()"
    return StoredModel(
        source_format=SOURCE_FORMAT,
        size_bytes=size_bytes,
        names=frozenset({"G_ema"}),
        network=lambda name: _generator(*found, path.with_name(CONFIG_NAME)),
    )


def _networks(value: Any) -> tuple[StateDict, StateDict] | None:
    """The mapping and the synthesis network: the averaged ones, or the trained ones where only they are left."""
    if type(value) is not dict:
        return None
    for tensors in (value.get("GAN"), value):
        for mapping, synthesis in (AVERAGED, TRAINED):
            S = find_state_dict(tensors, "the mapping network", "net.0.weight", (mapping,))
            G = find_state_dict(tensors, "the generator", MARKER, (synthesis,))
            if S is not None and G is not None:
                return S, G
    return None


def _generator(S: StateDict, G: StateDict, config_path: Path) -> StoredNetwork:
    config = _config(S, G, _told(config_path))
    tensors = _mapping(S, config)
    for theirs in G:
        ours = _our_name(theirs)
        if ours is not None:
            tensors[ours] = _flat(G.tensor_of_any_shape(theirs), ours)
    resolution = config.img_resolution
    tensors["synthesis.noise_const"] = MadeTensor(
        (resolution, resolution), lambda: np.random.RandomState(SEED).random_sample((resolution, resolution))
    )
    return StoredNetwork(config=config, tensors=tensors)


def _config(S: StateDict, G: StateDict, told: Mapping[str, Any]) -> LucidrainsConfig:
    blocks = G.count("blocks.{}.conv1.weight")
    resolution = block_resolutions("the generator", 2 ** (blocks + 1), 4)[-1]
    if told.get("image_size", resolution) != resolution:
        raise ModelFileError(
            f"the configuration beside it ({CONFIG_NAME}) says image_size = {str(told['image_size'])[:20]}, but its "
            f"tensors are for {resolution} pixels: choose the file that belongs to this model, or move that one away"
        )
    if "initial_conv.weight" not in G:
        raise UnsupportedModelError("it is a lucidrains checkpoint without initial_conv, as early versions wrote them")
    attention = tuple(index for index in range(blocks) if any(name.startswith(f"attns.{index}.") for name in G))
    heads = {G.tensor(f"attns.{index}.0.fn.fn.to_q.weight", 4).shape[0] / HEAD_FEATURES for index in attention}
    if len(heads) > 1 or any(head != int(head) for head in heads):
        raise UnsupportedModelError(f"its attention has heads of another size than {HEAD_FEATURES}")
    features = S.tensor("net.0.weight", 2).shape[1]
    return read_config(
        LucidrainsConfig,
        {
            "z_dim": features,
            "w_dim": features,
            "img_resolution": resolution,
            "img_channels": G.tensor(MARKER, 4).shape[0],
            "mapping_layers": _layers(S),
            "mapping_lr_multiplier": told.get("lr_mlp", DEFAULT_LR_MLP),
            "channels": (
                G.tensor("initial_conv.weight", 4).shape[0],
                *(G.tensor(f"blocks.{index}.conv1.weight", 4).shape[0] for index in range(blocks)),
            ),
            "attention": attention,
            **({"attention_heads": int(heads.pop())} if heads else {}),
            "constant_input": "initial_block" in G,
            "blurred_colours": "blocks.0.to_rgb.upsample.1.f" in G,
        },
    )


def _told(path: Path) -> Mapping[str, Any]:
    """What the program noted when the training began; nothing where its file did not come along."""
    return read_json(path) if path.is_file() else {}


def _layers(S: StateDict) -> int:
    layers = 0
    while f"net.{2 * layers}.weight" in S:  # an activation follows each
        layers += 1
    return layers


def _our_name(theirs: str) -> str | None:
    """Under which name this project's network has a tensor; None for what is no weight."""
    if theirs.endswith(".upsample.1.f"):
        return None
    table, _, rest = theirs.partition(".")
    index, _, name = rest.partition(".")
    if index.isdecimal() and len(index) <= 2:
        if table == "blocks":
            return f"synthesis.b{4 * 2 ** int(index)}.{_BLOCK_NAMES.get(name, name)}"
        if table == "attns":
            return f"synthesis.b{4 * 2 ** int(index)}.attention.{_ATTENTION_NAMES.get(name, name)}"
    return f"synthesis.{(_START | _FIRST).get(theirs, theirs)}"


def _flat(source: TensorSource, ours: str) -> TensorSource:
    """Without the axes of length 1 that stand only there for broadcasting."""
    if _FLAT.fullmatch(ours):
        return reshaped(source, tuple(size for size in source.shape if size != 1) or (1,))
    if ours == "synthesis.const":
        if source.shape[:1] != (1,):
            raise DamagedFileError(f"its start has the shape {source.shape}, where a single one is expected")
        return reshaped(source, source.shape[1:])
    return source


def _mapping(S: StateDict, config: LucidrainsConfig) -> Tensors:
    tensors: Tensors = {}
    layers = []
    for index in range(config.mapping_layers):
        weight, bias = S.tensor(f"net.{2 * index}.weight", 2), S.tensor(f"net.{2 * index}.bias", 1)
        tensors[f"mapping.fc{index}.weight"], tensors[f"mapping.fc{index}.bias"] = weight, bias
        layers.append((weight, bias))
    tensors["mapping.w_avg"] = MadeTensor((config.w_dim,), lambda: _average(layers, config))
    return tensors


def _average(layers: list[tuple[Any, Any]], config: LucidrainsConfig) -> npt.NDArray[np.float64]:
    """[w_dim], in double precision and rounded: the same on every computer."""
    x = np.random.RandomState(SEED).randn(SAMPLES, config.z_dim)
    x = x / np.maximum(np.sqrt(np.square(x).sum(axis=1, keepdims=True)), SMALLEST_LENGTH)
    for weight, bias in layers:
        x = x @ weight.read().T.astype(np.float64) + bias.read()
        x = x * config.mapping_lr_multiplier
        x = np.where(x < 0, x * LRELU_SLOPE, x)
    return np.round(x.mean(axis=0), DECIMALS)

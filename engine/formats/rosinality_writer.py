"""Models as rosinality's stylegan2-pytorch names them: a .pt of `g_ema`, `latent_avg`, and `g` and `d` where there are.

The file holds tensors in plain dicts, so that `torch.load(weights_only=True)` reads it, and one text beside them:
the configuration, which rosinality's program does not look at. With it this project's reader finds exactly the model
that was written; the shapes alone do not tell, say, the clamp. Knows nothing of how the file is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from engine.atomic_files import replaced_file
from engine.errors import ConfigError
from engine.formats.rosinality import LR_MULTIPLIER, OPTIONS_KEY
from engine.networks.config import DiscriminatorConfig, GeneratorConfig
from engine.networks.discriminator import Discriminator
from engine.networks.generator import Generator
from engine.networks.ops.upfirdn2d import make_filter

Tensors = dict[str, Tensor]
_G_NEEDS: Final[Mapping[str, Any]] = {
    "c_dim": 0,
    "mapping_activation": "lrelu",
    "mapping_lr_multiplier": LR_MULTIPLIER,
    "architecture": "skip",
    "activation": "lrelu",
    "use_noise": True,
}
_D_NEEDS: Final[Mapping[str, Any]] = {
    "c_dim": 0,
    "architecture": "resnet",
    "activation": "lrelu",
    "mbstd_group_size": 4,
    "mbstd_num_channels": 1,
}


def write_rosinality_checkpoint(
    path: Path, *, G_ema: Generator, G: Generator | None = None, D: Discriminator | None = None
) -> None:
    """Writes the file complete or not at all. Raises OSError; ConfigError for an option that has no place there."""
    value: dict[str, Any] = {"g_ema": _generator(G_ema)}
    options: dict[str, Any] = {"G_ema": G_ema.config.to_dict()}
    if G_ema.config.w_avg_beta is not None:
        value["latent_avg"] = _plain(G_ema.mapping.w_avg)
    if G is not None:
        value["g"], options["G"] = _generator(G), G.config.to_dict()
        if G.config.w_avg_beta is not None:
            value["g_latent_avg"] = _plain(G.mapping.w_avg)
    if D is not None:
        value["d"], options["D"] = _discriminator(D), D.config.to_dict()
    value[OPTIONS_KEY] = json.dumps(options, sort_keys=True, allow_nan=False)
    with replaced_file(path) as temporary, open(temporary, "wb") as file:
        torch.save(value, file)


def _generator(G: Generator) -> Tensors:
    config: GeneratorConfig = G.config
    _check("generator", config, _G_NEEDS)
    ours, theirs = G.state_dict(), dict[str, Tensor]()
    for index in range(config.mapping_layers):
        theirs |= _dense(ours, f"mapping.fc{index}", f"style.{index + 1}")
    theirs["input.input"] = ours["synthesis.b4.const"][None]
    kernel = make_filter(config.resample_filter) * 4  # up-sampling spreads each value over four pixels
    for index, name in enumerate(_layer_names(config)):
        layer = "conv1" if index == 0 else f"convs.{index - 1}"
        theirs |= _modulated(ours, name, f"{layer}.conv")
        theirs[f"{layer}.noise.weight"] = ours[f"{name}.noise_strength"][None]
        theirs[f"{layer}.activate.bias"] = ours[f"{name}.bias"]
        theirs[f"noises.noise_{index}"] = ours[f"{name}.noise_const"][None, None]
        if index % 2:
            theirs[f"{layer}.conv.blur.kernel"] = kernel
    for index, resolution in enumerate(config.block_resolutions):
        name, layer = f"synthesis.b{resolution}.torgb", "to_rgb1" if index == 0 else f"to_rgbs.{index - 1}"
        theirs |= _modulated(ours, name, f"{layer}.conv")
        theirs[f"{layer}.bias"] = ours[f"{name}.bias"][None, :, None, None]
        if index:
            theirs[f"{layer}.upsample.kernel"] = kernel
    return {name: _plain(tensor) for name, tensor in theirs.items()}


def _layer_names(config: GeneratorConfig) -> Iterator[str]:
    for resolution in config.block_resolutions:
        if resolution > 4:
            yield f"synthesis.b{resolution}.conv0"
        yield f"synthesis.b{resolution}.conv1"


def _discriminator(D: Discriminator) -> Tensors:
    config: DiscriminatorConfig = D.config
    _check("discriminator", config, _D_NEEDS)
    ours = D.state_dict()
    kernel = make_filter(config.resample_filter)
    theirs = _conv(ours, f"b{config.img_resolution}.fromrgb", "convs.0.0", "convs.0.1")
    for index, resolution in enumerate(config.block_resolutions, start=1):
        block, layer = f"b{resolution}", f"convs.{index}"
        theirs |= _conv(ours, f"{block}.conv0", f"{layer}.conv1.0", f"{layer}.conv1.1")
        theirs |= _conv(ours, f"{block}.conv1", f"{layer}.conv2.1", f"{layer}.conv2.2")
        theirs[f"{layer}.skip.1.weight"] = ours[f"{block}.skip.weight"]
        theirs[f"{layer}.conv2.0.kernel"] = theirs[f"{layer}.skip.0.kernel"] = kernel
    theirs |= _conv(ours, "b4.conv", "final_conv.0", "final_conv.1")
    theirs |= _dense(ours, "b4.fc", "final_linear.0") | _dense(ours, "b4.out", "final_linear.1")
    return {name: _plain(tensor) for name, tensor in theirs.items()}


def _check(what: str, config: GeneratorConfig | DiscriminatorConfig, needs: Mapping[str, Any]) -> None:
    for name, value in needs.items():
        if getattr(config, name) != value:
            raise ConfigError(
                f"rosinality's program knows no {what} with {name} = {getattr(config, name)!r} (only {value!r}): write "
                "a .safetensors or .pkl instead" + (", or leave it out (--generator-only)" if what[0] == "d" else "")
            )


def _dense(tensors: Tensors, ours: str, theirs: str) -> Tensors:
    return {f"{theirs}.{part}": tensors[f"{ours}.{part}"] for part in ("weight", "bias")}


def _conv(tensors: Tensors, ours: str, weight: str, bias: str) -> Tensors:
    return {f"{weight}.weight": tensors[f"{ours}.weight"], f"{bias}.bias": tensors[f"{ours}.bias"]}


def _modulated(tensors: Tensors, ours: str, theirs: str) -> Tensors:
    return {
        f"{theirs}.weight": tensors[f"{ours}.weight"][None],
        f"{theirs}.modulation.weight": tensors[f"{ours}.affine.weight"],
        f"{theirs}.modulation.bias": tensors[f"{ours}.affine.bias"],
    }


def _plain(tensor: Tensor) -> Tensor:
    """Contiguous float32 on the CPU, with a storage of its own size."""
    return tensor.detach().to("cpu", torch.float32).contiguous().clone()

"""A TensorFlow StyleGAN2 discriminator -> our configuration and tensors. See `tensorflow_generator.py`."""

from __future__ import annotations

from typing import Any, Final

from engine.errors import ModelFileError
from engine.formats.config_reading import read_config
from engine.formats.inferred_options import block_resolutions, channel_limits
from engine.formats.stored_model import StoredNetwork
from engine.formats.tensorflow_generator import (
    DEFAULT_FMAP_BASE,
    DEFAULT_FMAP_MAX,
    Tensors,
    dense,
    kernel,
    refuse_unless,
    resample_kernel,
)
from engine.formats.tensorflow_network import TensorFlowNetwork
from engine.networks.config import MAX_RESOLUTION, DiscriminatorConfig

LAST_STYLEGAN2_VERSION: Final = 4
"""later ones are of stylegan2-ada, whose default is one group for the whole minibatch"""


def describe_discriminator(D: TensorFlowNetwork) -> StoredNetwork:
    """Raises ModelFileError for a discriminator whose variables or options do not exist here."""
    refuse_unless(D, {"fmap_decay": 1, "fmap_min": 1})
    resolutions = block_resolutions("the discriminator", _resolution(D), 8)
    config = _config(D, resolutions)
    tensors: Tensors = {}
    for resolution in resolutions:
        variable, name = f"{resolution}x{resolution}", f"b{resolution}"
        tensors |= _conv(D, f"{variable}/Conv0", f"{name}.conv0") | _conv(D, f"{variable}/Conv1_down", f"{name}.conv1")
        if f"{variable}/FromRGB/weight" in D.variables:
            tensors |= _conv(D, f"{variable}/FromRGB", f"{name}.fromrgb")
        if f"{variable}/Skip/weight" in D.variables:
            tensors[f"{name}.skip.weight"] = kernel(D, f"{variable}/Skip")
    if "4x4/FromRGB/weight" in D.variables:
        tensors |= _conv(D, "4x4/FromRGB", "b4.fromrgb")
    tensors |= _conv(D, "4x4/Conv", "b4.conv") | dense(D, "4x4/Dense0", "b4.fc") | dense(D, "Output", "b4.out")
    if config.c_dim > 0:
        tensors |= dense(D, "LabelEmbed", "mapping.embed")
    for index in range(D.count("Mapping{}/weight")):
        tensors |= dense(D, f"Mapping{index}", f"mapping.fc{index}")
    return StoredNetwork(config=config, tensors=tensors)


def _conv(D: TensorFlowNetwork, variable: str, name: str) -> Tensors:
    return {f"{name}.weight": kernel(D, variable), f"{name}.bias": D.variable(f"{variable}/bias", 1)}


def _resolution(D: TensorFlowNetwork) -> int:
    """The largest block there is."""
    resolution = 4
    while resolution <= MAX_RESOLUTION and f"{resolution * 2}x{resolution * 2}/Conv0/weight" in D.variables:
        resolution *= 2
    return resolution


def _config(D: TensorFlowNetwork, resolutions: list[int]) -> DiscriminatorConfig:
    last = f"{resolutions[-1]}x{resolutions[-1]}"
    widths = [D.variable(f"{resolution}x{resolution}/Conv0/weight", 4).shape[2] for resolution in resolutions]
    fmap_base = D.option("fmap_base", DEFAULT_FMAP_BASE)
    told = (fmap_base * 2 if type(fmap_base) is int else None, D.option("fmap_max", DEFAULT_FMAP_MAX))
    channel_base, channel_max = channel_limits("the discriminator", widths, resolutions, told)
    return read_config(
        DiscriminatorConfig,
        {
            **_label_options(D),
            **_minibatch_options(D),
            "img_resolution": resolutions[-1],
            "img_channels": D.variable(f"{last}/FromRGB/weight", 4).shape[2],
            "channel_base": channel_base,
            "channel_max": channel_max,
            "architecture": _architecture(D),
            "resample_filter": resample_kernel(D),
            "activation": D.option("nonlinearity", "lrelu"),
            "num_fp16_res": D.option("num_fp16_res", 0),
            "conv_clamp": D.option("conv_clamp", None),
            "freeze_layers": D.option("freeze_layers", 0),
        },
    )


def _architecture(D: TensorFlowNetwork) -> str:
    if "8x8/Skip/weight" in D.variables:
        return "resnet"
    return "skip" if "4x4/FromRGB/weight" in D.variables else "orig"


def _label_options(D: TensorFlowNetwork) -> dict[str, Any]:
    outputs = D.variable("Output/weight", 2).shape[1]
    if "LabelEmbed/weight" not in D.variables:
        if outputs != 1:
            raise ModelFileError(
                f"its discriminator has {outputs:,} outputs, one a class, as in the first stylegan2, which cannot be "
                "opened: choose to open the generator only"
            )
        return {}
    return {
        "c_dim": D.variable("LabelEmbed/weight", 2).shape[0],
        "cmap_dim": outputs,
        "mapping_layers": D.count("Mapping{}/weight"),
        "mapping_lr_multiplier": D.option("mapping_lrmul", 0.1),
    }


def _minibatch_options(D: TensorFlowNetwork) -> dict[str, Any]:
    """The channels that the minibatch standard deviation adds show in the shape of the convolution after it."""
    before = D.variable("8x8/Conv1_down/weight", 4).shape[3]
    default = 4 if D.version <= LAST_STYLEGAN2_VERSION else None
    group = D.option("mbstd_group_size", default)
    added = D.variable("4x4/Conv/weight", 4).shape[2] - before
    return {"mbstd_group_size": None if group == 0 else group, "mbstd_num_channels": max(added, 0)}

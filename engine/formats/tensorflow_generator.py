"""A TensorFlow StyleGAN2 generator -> our configuration and tensors.

Shapes come from the variables; what shapes cannot tell comes from the options that the network was built with, and
where those say nothing, from the defaults of the program that wrote it. Dense weights [in, out] are transposed, kernels
[h, w, in, out] become [out, in, h, w] (those that up-sample turned around as well), and 1 is added to the style biases.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.errors import ModelFileError
from engine.formats.config_reading import read_config
from engine.formats.derived_tensors import DerivedTensor, reshaped, transposed
from engine.formats.inferred_options import block_resolutions, channel_limits
from engine.formats.refusals import DamagedFileError, UnsupportedModelError
from engine.formats.stored_model import StoredNetwork, TensorSource
from engine.formats.tensorflow_network import TensorFlowNetwork
from engine.networks.config import MAX_RESOLUTION, GeneratorConfig

KERNEL_AXES: Final = (3, 2, 0, 1)
DEFAULT_FMAP_BASE: Final = 16384
DEFAULT_FMAP_MAX: Final = 512

Tensors = dict[str, TensorSource]


def describe_generator(G: TensorFlowNetwork) -> StoredNetwork:
    """Raises ModelFileError for a generator whose variables or options do not exist here."""
    mapping, synthesis = G.component("mapping"), G.component("synthesis")
    if mapping is None or synthesis is None:
        raise DamagedFileError("a TensorFlow generator has no mapping or no synthesis")
    _refuse_options(G)
    if "LabelConcat/weight" in mapping.variables:
        raise ModelFileError(
            "it is a conditional generator of the first stylegan2 (LabelConcat), which normalises labels together with "
            "z and cannot be opened: choose a conditional one of stylegan2-ada, or an unconditional one"
        )
    resolutions = block_resolutions("the generator", _resolution(synthesis), 4)
    tensors = _mapping(G, mapping)
    for resolution in resolutions:
        tensors |= _block(synthesis, resolution)
    return StoredNetwork(config=_config(G, mapping, synthesis, resolutions), tensors=tensors)


def dense(network: TensorFlowNetwork, variable: str, name: str) -> Tensors:
    """A dense layer's weight [in, out] and bias, under our name for the layer."""
    weight, bias = network.variable(f"{variable}/weight", 2), network.variable(f"{variable}/bias", 1)
    return {f"{name}.weight": transposed(weight, (1, 0)), f"{name}.bias": bias}


def kernel(network: TensorFlowNetwork, variable: str, *, turned: bool = False) -> TensorSource:
    """A convolution's weight; turned: by 180 degrees, as our up-sampling convolutions expect it."""
    stored = network.variable(f"{variable}/weight", 4)
    if not turned:
        return transposed(stored, KERNEL_AXES)
    shape = tuple(stored.shape[axis] for axis in KERNEL_AXES)
    return DerivedTensor(stored, shape, lambda values: values[::-1, ::-1].transpose(KERNEL_AXES))


def refuse_unless(network: TensorFlowNetwork, expected: Mapping[str, Any]) -> None:
    """Raises ModelFileError if an option is there and has another value."""
    for name, value in expected.items():
        told = network.option(name, value)
        if type(told) not in (bool, int, float) or told != value:
            raise UnsupportedModelError(f"a TensorFlow network was built with another {name} than {value}")


def _refuse_options(G: TensorFlowNetwork) -> None:
    refuse_unless(G, {"normalize_latents": True, "fmap_decay": 1, "fmap_min": 1})


def _resolution(synthesis: TensorFlowNetwork) -> int:
    """The largest block there is."""
    resolution = 4
    while resolution <= MAX_RESOLUTION and f"{resolution * 2}x{resolution * 2}/Conv1/weight" in synthesis.variables:
        resolution *= 2
    return resolution


def _config(
    G: TensorFlowNetwork, mapping: TensorFlowNetwork, synthesis: TensorFlowNetwork, resolutions: list[int]
) -> GeneratorConfig:
    last = f"{resolutions[-1]}x{resolutions[-1]}"
    widths = [synthesis.variable(f"{_last_layer(resolution)}/weight", 4).shape[3] for resolution in resolutions]
    fmap_base = G.option("fmap_base", DEFAULT_FMAP_BASE)
    told = (fmap_base * 2 if type(fmap_base) is int else None, G.option("fmap_max", DEFAULT_FMAP_MAX))
    channel_base, channel_max = channel_limits("the generator", widths, resolutions, told)
    w_dim = synthesis.variable(f"{last}/ToRGB/mod_weight", 2).shape[0]
    return read_config(
        GeneratorConfig,
        {
            **_mapping_options(G, mapping, w_dim),
            "w_dim": w_dim,
            "img_resolution": resolutions[-1],
            "img_channels": synthesis.variable(f"{last}/ToRGB/weight", 4).shape[3],
            "channel_base": channel_base,
            "channel_max": channel_max,
            "architecture": _architecture(synthesis),
            "resample_filter": resample_kernel(G),
            "activation": G.option("nonlinearity", "lrelu"),
            "use_noise": "4x4/Conv/noise_strength" in synthesis.variables,
            "num_fp16_res": G.option("num_fp16_res", 0),
            "conv_clamp": G.option("conv_clamp", None),
        },
    )


def resample_kernel(network: TensorFlowNetwork) -> Any:
    """Taps of the resampling filter; None stands for the nearest neighbour."""
    taps = network.option("resample_kernel", (1, 3, 3, 1))
    return (1, 1) if taps is None else taps


def _mapping_options(G: TensorFlowNetwork, mapping: TensorFlowNetwork, w_dim: int) -> dict[str, Any]:
    layers = mapping.count("Dense{}/weight")
    inputs, hidden = mapping.variable("Dense0/weight", 2).shape
    c_dim, embedded = 0, 0
    if "LabelEmbed/weight" in mapping.variables:
        c_dim, embedded = mapping.variable("LabelEmbed/weight", 2).shape
    return {
        "z_dim": inputs - embedded,
        "c_dim": c_dim,
        "mapping_layers": layers,
        "mapping_layer_features": None if layers == 1 or hidden == w_dim else hidden,
        "mapping_embed_features": None if c_dim == 0 or embedded == w_dim else embedded,
        "mapping_activation": G.option("mapping_nonlinearity", "lrelu"),
        "mapping_lr_multiplier": G.option("mapping_lrmul", 0.01),
        "w_avg_beta": _w_avg_beta(G),
    }


def _w_avg_beta(G: TensorFlowNetwork) -> Any:
    """None only where no average was kept; an average that was kept but not moved has a decay of 1."""
    if "dlatent_avg" not in G.variables:
        return None
    beta = G.option("w_avg_beta", G.option("dlatent_avg_beta", 0.995))
    return 1.0 if beta is None else beta


def _architecture(synthesis: TensorFlowNetwork) -> str:
    if "8x8/Skip/weight" in synthesis.variables:
        return "resnet"
    return "skip" if "4x4/ToRGB/weight" in synthesis.variables else "orig"


def _mapping(G: TensorFlowNetwork, mapping: TensorFlowNetwork) -> Tensors:
    tensors: Tensors = {}
    if "LabelEmbed/weight" in mapping.variables:
        tensors |= dense(mapping, "LabelEmbed", "mapping.embed")
    for index in range(mapping.count("Dense{}/weight")):
        tensors |= dense(mapping, f"Dense{index}", f"mapping.fc{index}")
    if "dlatent_avg" in G.variables:
        tensors["mapping.w_avg"] = G.variable("dlatent_avg", 1)
    return tensors


def _last_layer(resolution: int) -> str:
    return f"{resolution}x{resolution}/{'Conv' if resolution == 4 else 'Conv1'}"


def _block(synthesis: TensorFlowNetwork, resolution: int) -> Tensors:
    variable, name = f"{resolution}x{resolution}", f"synthesis.b{resolution}"
    noise = 2 * resolution.bit_length() - 6  # of the block's last layer: 0 at 4x4, 2 at 8x8
    tensors = _layer(synthesis, _last_layer(resolution), f"{name}.conv1", noise)
    if resolution == 4:
        const = synthesis.variable("4x4/Const/const", 4)
        tensors[f"{name}.const"] = _without_first_axes(const, 1)
    else:
        tensors |= _layer(synthesis, f"{variable}/Conv0_up", f"{name}.conv0", noise - 1, turned=True)
    if f"{variable}/Skip/weight" in synthesis.variables:
        tensors[f"{name}.skip.weight"] = kernel(synthesis, f"{variable}/Skip", turned=True)
    if f"{variable}/ToRGB/weight" in synthesis.variables:
        tensors |= _modulated(synthesis, f"{variable}/ToRGB", f"{name}.torgb", turned=False)
    return tensors


def _layer(synthesis: TensorFlowNetwork, variable: str, name: str, noise: int, *, turned: bool = False) -> Tensors:
    tensors = _modulated(synthesis, variable, name, turned=turned)
    if f"{variable}/noise_strength" in synthesis.variables:
        tensors[f"{name}.noise_strength"] = synthesis.variable(f"{variable}/noise_strength", 0)
        tensors[f"{name}.noise_const"] = _without_first_axes(synthesis.variable(f"noise{noise}", 4), 2)
    return tensors


def _modulated(synthesis: TensorFlowNetwork, variable: str, name: str, *, turned: bool) -> Tensors:
    bias = synthesis.variable(f"{variable}/mod_bias", 1)
    return {
        f"{name}.weight": kernel(synthesis, variable, turned=turned),
        f"{name}.bias": synthesis.variable(f"{variable}/bias", 1),
        f"{name}.affine.weight": transposed(synthesis.variable(f"{variable}/mod_weight", 2), (1, 0)),
        f"{name}.affine.bias": DerivedTensor(bias, bias.shape, lambda values: values + 1),
    }


def _without_first_axes(source: TensorSource, count: int) -> TensorSource:
    if any(size != 1 for size in source.shape[:count]):
        raise DamagedFileError(f"a TensorFlow variable has the shape {source.shape}, where a single one is expected")
    return reshaped(source, source.shape[count:])

"""The attributes of an NVlabs StyleGAN3 generator -> our configuration and tensors.

Sizes, rates and cutoffs of the layers follow from a few options; each layer also says its own, and they must agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.formats.config_reading import read_config
from engine.formats.nvlabs_config import generator_mapping_options
from engine.formats.nvlabs_module import Module
from engine.formats.refusals import DamagedFileError, UnsupportedModelError
from engine.formats.stored_model import StoredNetwork
from engine.formats.stylegan3_options import check_filters, with_widths, without_filters
from engine.networks.stylegan3_config import LayerPlan, StyleGAN3Config

TOLD_WITH_DEFAULTS: Final[Mapping[str, Any]] = {
    "channel_base": 32768,
    "channel_max": 512,
    "first_stopband": 2**2.1,
    "last_stopband_rel": 2**0.3,
}
"""what the synthesis keeps no attribute of"""
MAX_RELATIVE_ERROR: Final = 1e-6


def describe_stylegan3(G: Module) -> StoredNetwork:
    """Raises ModelFileError for a generator whose parts disagree or whose options do not exist here."""
    synthesis = G.part("synthesis")
    names = synthesis.attribute("layer_names")
    if not isinstance(names, list) or len(names) < 2 or not all(type(name) is str for name in names):
        raise DamagedFileError(f"{synthesis.name[:80]} does not name its layers")
    layers = [synthesis.part(name) for name in names]
    config = with_widths(read_config(StyleGAN3Config, _options(G, synthesis, layers)), names)
    for layer, plan in zip(layers, config.layers(), strict=True):
        _check_layer(layer, plan)
    tensors = G.tensors()
    check_filters(config, tensors)
    return StoredNetwork(config=config, tensors=without_filters(tensors))


def _options(G: Module, synthesis: Module, layers: Sequence[Module]) -> dict[str, Any]:
    mapping, first, inner = G.part("mapping"), layers[0], layers[:-1]
    return {
        **{name: G.attribute(name) for name in ("z_dim", "c_dim", "w_dim", "img_resolution", "img_channels")},
        **generator_mapping_options(mapping, G.attribute("w_dim")),
        **{
            name: synthesis.attribute(name)
            for name in ("num_layers", "num_critical", "margin_size", "output_scale", "num_fp16_res")
        },
        **{name: synthesis.argument(name, default) for name, default in TOLD_WITH_DEFAULTS.items()},
        "first_cutoff": first.attribute("in_cutoff"),
        "conv_kernel": first.attribute("conv_kernel"),
        "filter_size": _share(first, "up_taps", "up_factor"),
        "lrelu_upsampling": _share(first, "tmp_sampling_rate", "out_sampling_rate"),
        "use_radial_filters": any(layer.attribute("down_radial", False) is True for layer in inner),
        "conv_clamp": first.attribute("conv_clamp"),
        "magnitude_ema_beta": first.attribute("magnitude_ema_beta"),
    }


def _share(layer: Module, key: str, divisor: str) -> Any:
    """One number over the other, as the whole number that it must be; else what is there, for the refusal."""
    values = [layer.attribute(name) for name in (key, divisor)]
    if not all(_is_number(value) for value in values) or values[1] <= 0:
        raise DamagedFileError(f"{layer.name[:80]} has a {key} or {divisor} that is no number")
    share = values[0] / values[1]
    return int(share) if share == int(share) else share


def _check_layer(layer: Module, plan: LayerPlan) -> None:
    """Every number that the layer says of itself is what the plan makes of the options."""
    before, after = plan.before, plan.after
    expected = {
        "in_channels": before.channels,
        "out_channels": after.channels,
        "in_sampling_rate": before.sampling_rate,
        "out_sampling_rate": after.sampling_rate,
        "tmp_sampling_rate": plan.temporary_rate,
        "in_cutoff": before.cutoff,
        "out_cutoff": after.cutoff,
        "in_half_width": before.half_width,
        "out_half_width": after.half_width,
        "conv_kernel": plan.kernel,
        "up_factor": plan.up,
        "down_factor": plan.down,
        "up_taps": max(plan.up_taps, 1),
        "down_taps": max(plan.down_taps, 1),
    }
    for key, value in expected.items():
        told = layer.attribute(key, value)
        if not _is_number(told) or abs(told - value) > MAX_RELATIVE_ERROR * max(value, 1):
            shown = f"{told:g}" if _is_number(told) else "no number"
            raise UnsupportedModelError(f"{layer.name[:80]} has a {key} of {shown}, where its options make {value:g}")
    padding = list(plan.padding) * 2
    told = layer.attribute("padding", padding)
    if not isinstance(told, list) or told != padding:
        raise UnsupportedModelError(f"{layer.name[:80]} pads in another way than its options make")


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < 1e12

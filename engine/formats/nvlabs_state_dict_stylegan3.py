"""State dicts of NVlabs' StyleGAN3 generators: the layers' names tell numbers, sizes and widths.

What neither names nor shapes tell comes from a configuration file beside the model, if there is one, else it is what
NVlabs' training chooses.
"""

from __future__ import annotations

from typing import Any, Final

from engine.formats.config_reading import read_config
from engine.formats.neighbour_options import Options, check_agreement
from engine.formats.nvlabs_state_dict_mapping import mapping_sizes
from engine.formats.refusals import UnsupportedModelError
from engine.formats.state_dict import StateDict
from engine.formats.stored_model import StoredNetwork
from engine.formats.stylegan3_options import LAYER_NAME, check_filters, with_widths, without_filters
from engine.networks.stylegan3_config import StyleGAN3Config

MARKER: Final = "synthesis.input.freqs"
CLASS_EMBEDDING: Final = "mapping.embed.embed.weight"
"""only StyleGAN-XL has it"""
TRAINED: Final = {"num_fp16_res": 4, "conv_clamp": 256.0}
TOLD: Final = (
    "num_critical",
    "first_cutoff",
    "first_stopband",
    "last_stopband_rel",
    "margin_size",
    "output_scale",
    "filter_size",
    "lrelu_upsampling",
    "magnitude_ema_beta",
    "channel_base",
    "channel_max",
)


def describe_generator(G: StateDict, told: Options) -> StoredNetwork:
    """Raises ModelFileError for names and shapes that no StyleGAN3 generator has."""
    if CLASS_EMBEDDING in G:
        raise UnsupportedModelError("it is the state dict of a StyleGAN-XL generator, with its own class embedding")
    names = _layer_names(G)
    w_dim = G.tensor(f"synthesis.{names[0]}.affine.weight", 2).shape[1]
    parts = [name.split("_") for name in (names[0], names[-1])]
    known = {
        **mapping_sizes(G, w_dim),
        "w_dim": w_dim,
        "img_resolution": int(parts[1][1]),
        "img_channels": int(parts[1][2]),
        "num_layers": len(names) - 1,
        "conv_kernel": G.tensor(f"synthesis.{names[0]}.weight", 4).shape[3],
    }
    check_agreement(told, told.generator, known)
    first_down = f"synthesis.{names[0]}.down_filter"
    radial = len(G.tensor_of_any_shape(first_down).shape) == 2 if first_down in G else known["conv_kernel"] == 1
    options: dict[str, Any] = {
        **known,
        **TRAINED,
        **{name: told.generator[name] for name in (*TOLD, *TRAINED) if name in told.generator},
        "mapping_activation": told.mapping.get("activation", "lrelu"),
        "mapping_lr_multiplier": told.mapping.get("lr_multiplier", 0.01),
        "w_avg_beta": told.mapping.get("w_avg_beta", 0.998) if "mapping.w_avg" in G else None,
        "use_radial_filters": radial,
    }
    config = with_widths(read_config(StyleGAN3Config, options), names)
    tensors = {name: G.tensor_of_any_shape(name) for name in G}
    check_filters(config, tensors)
    return StoredNetwork(config=config, tensors=without_filters(tensors))


def _layer_names(G: StateDict) -> list[str]:
    """'L0_36_512', ... in the order of their numbers, which must be 0, 1, ..."""
    found = {parts[1] for parts in (name.split(".") for name in G) if len(parts) > 2 and parts[0] == "synthesis"}
    numbered = {int(match[1]): match[0] for match in (LAYER_NAME.fullmatch(name) for name in found) if match}
    if sorted(numbered) != list(range(len(numbered))) or len(numbered) < 3:
        raise UnsupportedModelError("it is the state dict of a generator like StyleGAN3's, with layers of other names")
    return [numbered[index] for index in range(len(numbered))]

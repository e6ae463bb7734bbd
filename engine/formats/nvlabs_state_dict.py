"""State dicts of NVlabs' PyTorch networks: tensors by name, and nothing that says how the networks were built.

Sizes come from the shapes. What shapes cannot tell comes from a configuration file beside the model, if there is one
(`neighbour_options.py`), else it is what NVlabs' training scripts choose. Knows nothing of files or of torch.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from engine.formats import nvlabs_state_dict_stylegan3 as stylegan3
from engine.formats.config_reading import read_config
from engine.formats.inferred_options import block_resolutions, channel_limits, filter_taps
from engine.formats.neighbour_options import Options, check_agreement
from engine.formats.nvlabs_state_dict_discriminator import D_MARKER, describe_discriminator
from engine.formats.nvlabs_state_dict_mapping import mapping_sizes
from engine.formats.state_dict import StateDict, find_state_dict
from engine.formats.stored_model import StoredModel, StoredNetwork
from engine.networks.config import MAX_RESOLUTION, GeneratorConfig

SOURCE_FORMAT: Final = "nvlabs state dict"
G_MARKER: Final = "synthesis.b4.const"
DEFAULT_FILTER: Final = (1, 3, 3, 1)
TRAINED_CLAMP: Final = 256
TRAINED_FP16_RES: Final = 4


def detect(value: Any) -> bool:
    """Whether the value of a torch file holds such a generator."""
    return _generators(value) != {}


def describe(value: Any, size_bytes: int, told: Options) -> StoredModel:
    """Describes the networks of such a value. Raises ModelFileError."""
    networks: dict[str, Callable[[], StoredNetwork]] = {}
    for name, tensors in _generators(value).items():
        describe_one = stylegan3.describe_generator if stylegan3.MARKER in tensors else _generator
        networks[name] = partial(describe_one, tensors, told)
    D = find_state_dict(value.get("D"), "the discriminator", D_MARKER)
    if D is not None:
        networks["D"] = lambda: describe_discriminator(D, told)
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
    G_ema, G = _found(value.get("G_ema")), _found(value.get("G"))
    if G_ema is not None:
        return {"G_ema": G_ema} if G is None else {"G_ema": G_ema, "G": G}
    for candidate in (value.get("g_ema"), value.get("G"), value.get("state_dict"), value.get("model"), value):
        alone = _found(candidate)
        if alone is not None:
            return {"G_ema": alone}
    return {}


def _found(value: Any) -> StateDict | None:
    """The state dict of a generator of either kind, under whichever prefix."""
    found = (find_state_dict(value, "the generator", marker) for marker in (G_MARKER, stylegan3.MARKER))
    return next((state for state in found if state is not None), None)


def _generator(G: StateDict, told: Options) -> StoredNetwork:
    resolutions = block_resolutions("the generator", _resolution(G), 4)
    config = _config(G, resolutions, told)
    return StoredNetwork(
        config=config,
        tensors={name: G.tensor_of_any_shape(name) for name in G if not name.endswith("resample_filter")},
    )


def _resolution(G: StateDict) -> int:
    """The largest block there is."""
    resolution = 4
    while resolution <= MAX_RESOLUTION and f"synthesis.b{resolution * 2}.conv1.weight" in G:
        resolution *= 2
    return resolution


def _config(G: StateDict, resolutions: list[int], told: Options) -> GeneratorConfig:
    widths = [G.tensor(f"synthesis.b{resolution}.conv1.weight", 4).shape[0] for resolution in resolutions]
    limits = (told.generator.get("channel_base"), told.generator.get("channel_max"))
    channel_base, channel_max = channel_limits("the generator", widths, resolutions, limits)
    last = f"synthesis.b{resolutions[-1]}"
    w_dim = G.tensor(f"{last}.torgb.affine.weight", 2).shape[1]
    known = {
        **mapping_sizes(G, w_dim),
        "w_dim": w_dim,
        "img_resolution": resolutions[-1],
        "img_channels": G.tensor(f"{last}.torgb.weight", 4).shape[0],
    }
    check_agreement(told, told.generator, known)
    filters = [G.tensor_of_any_shape(name) for name in G if name.endswith("resample_filter")]
    return read_config(
        GeneratorConfig,
        {
            **known,
            "mapping_activation": told.mapping.get("activation", "lrelu"),
            "mapping_lr_multiplier": told.mapping.get("lr_multiplier", 0.01),
            "w_avg_beta": told.mapping.get("w_avg_beta", 0.998) if "mapping.w_avg" in G else None,
            "channel_base": channel_base,
            "channel_max": channel_max,
            "architecture": _architecture(G),
            "resample_filter": filter_taps(filters) if filters else DEFAULT_FILTER,
            "activation": told.generator.get("activation", "lrelu"),
            "use_noise": "synthesis.b4.conv1.noise_strength" in G,
            "num_fp16_res": told.generator.get("num_fp16_res", min(TRAINED_FP16_RES, len(resolutions) - 1)),
            "conv_clamp": told.generator.get("conv_clamp", TRAINED_CLAMP),
        },
    )


def _architecture(G: StateDict) -> str:
    if "synthesis.b8.skip.weight" in G:
        return "resnet"
    return "skip" if "synthesis.b4.torgb.weight" in G else "orig"

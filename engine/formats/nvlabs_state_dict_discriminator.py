"""The state dict of NVlabs' discriminator -> our configuration and tensors. See `nvlabs_state_dict.py`."""

from __future__ import annotations

from typing import Any, Final

from engine.formats.config_reading import read_config
from engine.formats.inferred_options import block_resolutions, channel_limits, filter_taps
from engine.formats.neighbour_options import Options, check_agreement
from engine.formats.state_dict import StateDict
from engine.formats.stored_model import StoredNetwork
from engine.networks.config import MAX_RESOLUTION, DiscriminatorConfig

D_MARKER: Final = "b4.out.weight"
DEFAULT_FILTER: Final = (1, 3, 3, 1)
MINIBATCH_GROUP: Final = 4
TRAINED_CLAMP: Final = 256
TRAINED_FP16_RES: Final = 4


def describe_discriminator(D: StateDict, told: Options) -> StoredNetwork:
    """Raises ModelFileError for a discriminator of another shape."""
    resolutions = block_resolutions("the discriminator", _resolution(D), 8)
    return StoredNetwork(
        config=_config(D, resolutions, told),
        tensors={name: D.tensor_of_any_shape(name) for name in D if not name.endswith("resample_filter")},
    )


def _resolution(D: StateDict) -> int:
    """The largest block there is."""
    resolution = 4
    while resolution <= MAX_RESOLUTION and f"b{resolution * 2}.conv0.weight" in D:
        resolution *= 2
    return resolution


def _config(D: StateDict, resolutions: list[int], told: Options) -> DiscriminatorConfig:
    widths = [D.tensor(f"b{resolution}.conv0.weight", 4).shape[0] for resolution in resolutions]
    limits = (told.discriminator.get("channel_base"), told.discriminator.get("channel_max"))
    channel_base, channel_max = channel_limits("the discriminator", widths, resolutions, limits)
    known = {
        "img_resolution": resolutions[-1],
        "img_channels": D.tensor(f"b{resolutions[-1]}.fromrgb.weight", 4).shape[1],
    }
    check_agreement(told, told.discriminator, known)
    before, after = D.tensor("b8.conv1.weight", 4).shape[0], D.tensor("b4.conv.weight", 4).shape[1]
    filters = [D.tensor_of_any_shape(name) for name in D if name.endswith("resample_filter")]
    return read_config(
        DiscriminatorConfig,
        {
            **known,
            **_label_options(D),
            "channel_base": channel_base,
            "channel_max": channel_max,
            "architecture": _architecture(D),
            "resample_filter": filter_taps(filters) if filters else DEFAULT_FILTER,
            "activation": told.discriminator.get("activation", "lrelu"),
            "num_fp16_res": told.discriminator.get("num_fp16_res", min(TRAINED_FP16_RES, len(resolutions))),
            "conv_clamp": told.discriminator.get("conv_clamp", TRAINED_CLAMP),
            "freeze_layers": told.discriminator.get("freeze_layers", 0),
            "mbstd_group_size": told.discriminator.get("mbstd_group_size", MINIBATCH_GROUP),
            "mbstd_num_channels": max(after - before, 0),
        },
    )


def _label_options(D: StateDict) -> dict[str, Any]:
    if "mapping.embed.weight" not in D:
        return {}
    return {
        "c_dim": D.tensor("mapping.embed.weight", 2).shape[1],
        "cmap_dim": D.tensor(D_MARKER, 2).shape[0],
        "mapping_layers": D.count("mapping.fc{}.weight"),
    }


def _architecture(D: StateDict) -> str:
    if "b8.skip.weight" in D:
        return "resnet"
    return "skip" if "b4.fromrgb.weight" in D else "orig"

"""The discriminator of a rosinality checkpoint -> our configuration and tensors. See `rosinality.py`.

Sequential layers are numbered there: a blur comes first where a convolution shrinks the picture, and a bias last where
an activation follows.
"""

from __future__ import annotations

from typing import Any, Final

from engine.formats.config_reading import read_config
from engine.formats.inferred_options import block_resolutions, channel_limits, filter_taps
from engine.formats.state_dict import StateDict
from engine.formats.stored_model import StoredNetwork, TensorSource
from engine.networks.config import DiscriminatorConfig

DISCRIMINATOR_MARKER: Final = "final_linear.1.weight"
MINIBATCH_GROUP: Final = 4


def describe_discriminator(D: StateDict, told: dict[str, Any] | None = None) -> StoredNetwork:
    """told: its options, where the file has them. Raises ModelFileError for a discriminator of another shape."""
    count = D.count("convs.{}.conv1.0.weight", first=1)
    resolutions = block_resolutions("the discriminator", 4 * 2**count, 8)
    tensors: dict[str, TensorSource] = _conv(D, "convs.0.0", "convs.0.1", f"b{resolutions[-1]}.fromrgb")
    for index, resolution in enumerate(reversed(resolutions), start=1):
        theirs, ours = f"convs.{index}", f"b{resolution}"
        tensors |= _conv(D, f"{theirs}.conv1.0", f"{theirs}.conv1.1", f"{ours}.conv0")
        tensors |= _conv(D, f"{theirs}.conv2.1", f"{theirs}.conv2.2", f"{ours}.conv1")
        tensors[f"{ours}.skip.weight"] = D.tensor(f"{theirs}.skip.1.weight", 4)
    tensors |= _conv(D, "final_conv.0", "final_conv.1", "b4.conv")
    for theirs, ours in (("final_linear.0", "b4.fc"), ("final_linear.1", "b4.out")):
        tensors |= {f"{ours}.weight": D.tensor(f"{theirs}.weight", 2), f"{ours}.bias": D.tensor(f"{theirs}.bias", 1)}
    config = _config(D, resolutions) if told is None else read_config(DiscriminatorConfig, told)
    return StoredNetwork(config=config, tensors=tensors)


def _conv(D: StateDict, weight: str, bias: str, ours: str) -> dict[str, TensorSource]:
    return {f"{ours}.weight": D.tensor(f"{weight}.weight", 4), f"{ours}.bias": D.tensor(f"{bias}.bias", 1)}


def _config(D: StateDict, resolutions: list[int]) -> DiscriminatorConfig:
    blocks = range(len(resolutions), 0, -1)  # in the order of the resolutions: theirs count from the picture
    widths = [D.tensor(f"convs.{index}.conv1.0.weight", 4).shape[1] for index in blocks]
    channel_base, channel_max = channel_limits("the discriminator", widths, resolutions, (None, None))
    last, after = D.tensor(f"convs.{len(resolutions)}.skip.1.weight", 4), D.tensor("final_conv.0.weight", 4)
    return read_config(
        DiscriminatorConfig,
        {
            "img_resolution": resolutions[-1],
            "img_channels": D.tensor("convs.0.0.weight", 4).shape[1],
            "channel_base": channel_base,
            "channel_max": channel_max,
            "resample_filter": filter_taps([D.tensor(name, 2) for name in D if name.endswith(".kernel")]),
            "mbstd_group_size": MINIBATCH_GROUP,
            "mbstd_num_channels": max(after.shape[1] - last.shape[0], 0),
        },
    )

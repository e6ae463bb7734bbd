"""Writes our networks as rosinality's stylegan2-pytorch names them, for tests of the reader."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor

from engine.networks.discriminator import Discriminator
from engine.networks.generator import Generator
from engine.networks.ops.upfirdn2d import make_filter

StateDict = OrderedDict[str, Tensor]


def generator(G: Generator, *, noises: bool = True) -> StateDict:
    ours, theirs = G.state_dict(), OrderedDict()
    for index in range(G.config.mapping_layers):
        theirs[f"style.{index + 1}.weight"] = ours[f"mapping.fc{index}.weight"]
        theirs[f"style.{index + 1}.bias"] = ours[f"mapping.fc{index}.bias"]
    theirs["input.input"] = ours["synthesis.b4.const"][None]
    layers, colours = ["b4.conv1"], ["b4.torgb"]
    for resolution in G.config.block_resolutions[1:]:
        layers += [f"b{resolution}.conv0", f"b{resolution}.conv1"]
        colours.append(f"b{resolution}.torgb")
    kernel = make_filter(G.config.resample_filter) * 4
    for index, name in enumerate(layers):
        layer = "conv1" if index == 0 else f"convs.{index - 1}"
        theirs |= _modulated(ours, f"synthesis.{name}", f"{layer}.conv")
        theirs[f"{layer}.noise.weight"] = ours[f"synthesis.{name}.noise_strength"][None]
        theirs[f"{layer}.activate.bias"] = ours[f"synthesis.{name}.bias"]
        if index % 2:
            theirs[f"{layer}.conv.blur.kernel"] = kernel
        if noises:
            theirs[f"noises.noise_{index}"] = ours[f"synthesis.{name}.noise_const"][None, None]
    for index, name in enumerate(colours):
        layer = "to_rgb1" if index == 0 else f"to_rgbs.{index - 1}"
        theirs |= _modulated(ours, f"synthesis.{name}", f"{layer}.conv")
        theirs[f"{layer}.bias"] = ours[f"synthesis.{name}.bias"][None, :, None, None]
        if index:
            theirs[f"{layer}.upsample.kernel"] = kernel
    return theirs


def discriminator(D: Discriminator) -> StateDict:
    ours, theirs = D.state_dict(), OrderedDict()
    kernel = make_filter(D.config.resample_filter)
    largest = D.config.img_resolution
    theirs["convs.0.0.weight"], theirs["convs.0.1.bias"] = (
        ours[f"b{largest}.fromrgb.weight"],
        ours[f"b{largest}.fromrgb.bias"],
    )
    for index, resolution in enumerate(D.config.block_resolutions, start=1):
        block = f"b{resolution}"
        theirs[f"convs.{index}.conv1.0.weight"] = ours[f"{block}.conv0.weight"]
        theirs[f"convs.{index}.conv1.1.bias"] = ours[f"{block}.conv0.bias"]
        theirs[f"convs.{index}.conv2.0.kernel"] = kernel
        theirs[f"convs.{index}.conv2.1.weight"] = ours[f"{block}.conv1.weight"]
        theirs[f"convs.{index}.conv2.2.bias"] = ours[f"{block}.conv1.bias"]
        theirs[f"convs.{index}.skip.0.kernel"] = kernel
        theirs[f"convs.{index}.skip.1.weight"] = ours[f"{block}.skip.weight"]
    theirs["final_conv.0.weight"], theirs["final_conv.1.bias"] = ours["b4.conv.weight"], ours["b4.conv.bias"]
    for index, name in enumerate(("b4.fc", "b4.out")):
        theirs[f"final_linear.{index}.weight"] = ours[f"{name}.weight"]
        theirs[f"final_linear.{index}.bias"] = ours[f"{name}.bias"]
    return theirs


def _modulated(tensors: dict[str, Tensor], ours: str, theirs: str) -> dict[str, Tensor]:
    return {
        f"{theirs}.weight": tensors[f"{ours}.weight"][None],
        f"{theirs}.modulation.weight": tensors[f"{ours}.affine.weight"],
        f"{theirs}.modulation.bias": tensors[f"{ours}.affine.bias"],
    }


def with_prefix(prefix: str, tensors: StateDict) -> StateDict:
    return OrderedDict((f"{prefix}{name}", tensor) for name, tensor in tensors.items())


def unlike(tensors: StateDict) -> StateDict:
    """The same shapes with other values."""
    return OrderedDict((name, torch.full_like(tensor, 0.5)) for name, tensor in tensors.items())

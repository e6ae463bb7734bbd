"""Writes our networks as pickles in the layout of NVIDIA's TensorFlow programs, for tests of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.networks.discriminator import Discriminator
from engine.networks.generator import Generator
from tests.engine.formats.nvlabs_writer import EasyDict

Arrays = dict[str, npt.NDArray[np.float32]]


class Network:
    """Pickles as a network of `dnnlib.tflib` does."""

    __module__, __qualname__ = "dnnlib.tflib.network", "Network"

    def __init__(self, name: str, variables: Arrays, options: Mapping[str, Any], version: int = 4) -> None:
        self.state: dict[str, Any] = {
            "version": version,
            "name": name,
            "static_kwargs": EasyDict(options),
            "components": EasyDict(),
            "build_module_src": "",
            "build_func_name": name,
            "variables": [(name, values if values.ndim else values[()]) for name, values in variables.items()],
        }

    def __getstate__(self) -> dict[str, Any]:
        return self.state


def generator(G: Generator, *, version: int = 4, **options: Any) -> Network:
    """options: what the file tells of how it was built; all else is to be inferred or has a default."""
    tensors = {name: tensor.numpy() for name, tensor in G.state_dict().items()}
    mapping: Arrays = {}
    for index in range(G.config.mapping_layers):
        mapping |= _dense(tensors, f"mapping.fc{index}", f"Dense{index}")
    if G.c_dim:
        mapping |= _dense(tensors, "mapping.embed", "LabelEmbed")
    synthesis: Arrays = {"4x4/Const/const": tensors["synthesis.b4.const"][None]}
    for block in G.synthesis.blocks:
        r, name = f"{block.resolution}x{block.resolution}", f"synthesis.b{block.resolution}"
        number = 2 * (int(np.log2(block.resolution)) - 2)
        synthesis |= _layer(tensors, f"{name}.conv1", f"{r}/{'Conv' if block.is_first else 'Conv1'}", number)
        if not block.is_first:
            synthesis |= _layer(tensors, f"{name}.conv0", f"{r}/Conv0_up", number - 1, turned=True)
        if block.has_skip:
            synthesis[f"{r}/Skip/weight"] = _kernel(tensors[f"{name}.skip.weight"], turned=True)
        if block.has_torgb:
            synthesis |= _layer(tensors, f"{name}.torgb", f"{r}/ToRGB", number)
    top: Arrays = {"lod": np.float32(0)}  # type: ignore[dict-item]
    if "mapping.w_avg" in tensors:
        top["dlatent_avg"] = tensors["mapping.w_avg"]
    network = Network("G_main", top, options, version)
    network.state["components"]["synthesis"] = Network("G_synthesis_stylegan2", synthesis, options, version)
    network.state["components"]["mapping"] = Network("G_mapping", mapping, options, version)
    return network


def discriminator(D: Discriminator, *, version: int = 4, **options: Any) -> Network:
    tensors = {name: tensor.numpy() for name, tensor in D.state_dict().items()}
    names = {"fromrgb": "FromRGB", "conv0": "Conv0", "conv1": "Conv1_down", "skip": "Skip", "conv": "Conv"}
    variables: Arrays = {}
    for resolution in (*D.config.block_resolutions, 4):
        for ours, theirs in names.items():
            name, variable = f"b{resolution}.{ours}", f"{resolution}x{resolution}/{theirs}"
            if f"{name}.weight" in tensors:
                variables[f"{variable}/weight"] = _kernel(tensors[f"{name}.weight"])
            if f"{name}.bias" in tensors:
                variables[f"{variable}/bias"] = tensors[f"{name}.bias"]
    variables |= _dense(tensors, "b4.fc", "4x4/Dense0") | _dense(tensors, "b4.out", "Output")
    if D.config.c_dim:
        variables |= _dense(tensors, "mapping.embed", "LabelEmbed")
        for index in range(D.config.mapping_layers):
            variables |= _dense(tensors, f"mapping.fc{index}", f"Mapping{index}")
    return Network("D_stylegan2", variables, options, version)


def _dense(tensors: Arrays, ours: str, theirs: str) -> Arrays:
    return {f"{theirs}/weight": tensors[f"{ours}.weight"].T, f"{theirs}/bias": tensors[f"{ours}.bias"]}


def _kernel(weight: npt.NDArray[np.float32], *, turned: bool = False) -> npt.NDArray[np.float32]:
    weight = weight.transpose(2, 3, 1, 0)
    return np.ascontiguousarray(np.rot90(weight, 2)) if turned else weight


def _layer(tensors: Arrays, ours: str, theirs: str, number: int, *, turned: bool = False) -> Arrays:
    variables = {
        f"{theirs}/weight": _kernel(tensors[f"{ours}.weight"], turned=turned),
        f"{theirs}/bias": tensors[f"{ours}.bias"],
        f"{theirs}/mod_weight": tensors[f"{ours}.affine.weight"].T,
        f"{theirs}/mod_bias": tensors[f"{ours}.affine.bias"] - 1,
    }
    if f"{ours}.noise_strength" in tensors:
        variables[f"{theirs}/noise_strength"] = tensors[f"{ours}.noise_strength"]
        variables[f"noise{number}"] = tensors[f"{ours}.noise_const"][None, None]
    return variables

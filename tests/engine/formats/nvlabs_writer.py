"""Writes our networks as pickles in the NVlabs layout, for tests of the reader."""

from __future__ import annotations

import pickle
import sys
import types
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from engine.networks.config import DiscriminatorConfig, GeneratorConfig
from engine.networks.discriminator import Discriminator
from engine.networks.generator import Generator
from engine.networks.layers import FullyConnectedLayer
from engine.networks.ops.upfirdn2d import make_filter


def _stand_in(module: str, name: str) -> Callable[..., Any]:
    def function(*args: Any) -> Any:
        raise AssertionError("a file's function was called")

    function.__module__, function.__qualname__, function.__name__ = module, name, name
    return function


RECONSTRUCT = _stand_in("torch_utils.persistence", "_reconstruct_persistent_obj")


class EasyDict(dict):
    __module__, __qualname__ = "dnnlib.util", "EasyDict"


class Persistent:
    """Pickles as a persistent object does."""

    def __init__(self, class_name: str, state: dict[str, Any]) -> None:
        self.class_name = class_name
        self.state = state

    def __reduce__(self) -> tuple[Any, ...]:
        meta = {"type": "class", "version": 6, "module_src": "", "class_name": self.class_name, "state": self.state}
        return RECONSTRUCT, (meta,)


@contextmanager
def importable(*classes: type) -> Iterator[None]:
    """Makes the stand-ins, and these classes under the modules they name, importable while pickle looks them up."""
    persistence, util = types.ModuleType("torch_utils.persistence"), types.ModuleType("dnnlib.util")
    persistence._reconstruct_persistent_obj = RECONSTRUCT  # type: ignore[attr-defined]
    util.EasyDict = EasyDict  # type: ignore[attr-defined]
    modules = {
        "torch_utils": types.ModuleType("torch_utils"),
        "torch_utils.persistence": persistence,
        "dnnlib": types.ModuleType("dnnlib"),
        "dnnlib.util": util,
    }
    for cls in classes:
        modules[cls.__module__] = types.ModuleType(cls.__module__)
        setattr(modules[cls.__module__], cls.__qualname__, cls)
    assert not set(modules) & set(sys.modules)
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name in modules:
            del sys.modules[name]


def dumps(value: Any, protocol: int = 4, *classes: type) -> bytes:
    with importable(*classes):
        return pickle.dumps(value, protocol=protocol)


def persistent_module(
    class_name: str, *, parts: dict[str, Any] | None = None, frozen: bool = False, **attributes: Any
) -> Any:
    """attributes: tensors become parameters (Parameter) or buffers (Tensor), all else plain attributes."""
    parameters = {k: v for k, v in attributes.items() if isinstance(v, torch.nn.Parameter) and not frozen}
    buffers = {k: v for k, v in attributes.items() if isinstance(v, torch.Tensor) and k not in parameters}
    plain = {k: v for k, v in attributes.items() if not isinstance(v, torch.Tensor)}
    state = {
        "training": False,
        "_parameters": parameters,
        "_buffers": {k: v.data if frozen else v for k, v in buffers.items()},
        "_non_persistent_buffers_set": set(),
        "_backward_hooks": OrderedDict(),
        "_modules": parts or {},
        "_init_args": (),
        "_init_kwargs": EasyDict(),
        **plain,
    }
    return Persistent(class_name, state)


def _dense(layer: FullyConnectedLayer, lr_multiplier: float = 1.0) -> Any:
    return persistent_module(
        "FullyConnectedLayer",
        weight=layer.weight,
        bias=layer.bias,
        activation=layer.activation,
        bias_gain=lr_multiplier,
        weight_gain=np.float64(lr_multiplier / layer.weight.shape[1] ** 0.5),
    )


def _mapping(mapping: Any, lr_multiplier: float) -> Any:
    parts = {name: _dense(getattr(mapping, name), lr_multiplier) for name in mapping.layers}
    if mapping.c_dim:
        parts["embed"] = _dense(mapping.embed)
    buffers = {"w_avg": mapping.w_avg} if hasattr(mapping, "w_avg") else {}
    return persistent_module(
        "MappingNetwork",
        parts=parts,
        w_dim=mapping.w_dim,
        num_layers=len(mapping.layers),
        w_avg_beta=mapping.w_avg_beta,
        **buffers,
    )


def _synthesis_layer(layer: Any, kernel: torch.Tensor) -> Any:
    noise = {"noise_const": layer.noise_const, "noise_strength": layer.noise_strength} if layer.use_noise else {}
    return persistent_module(
        "SynthesisLayer",
        parts={"affine": _dense(layer.affine)},
        weight=layer.weight,
        bias=layer.bias,
        resample_filter=kernel,
        activation=layer.activation,
        conv_clamp=layer.conv_clamp,
        use_noise=layer.use_noise,
        act_gain=np.float64(1.41421356),
        **noise,
    )


def generator(G: Generator, *, wide: bool = False) -> Any:
    """wide: 'channels_last' weights."""
    config: GeneratorConfig = G.config
    kernel = make_filter(config.resample_filter)
    blocks = {}
    for block in G.synthesis.blocks:
        parts = {"conv1": _synthesis_layer(block.conv1, kernel)}
        if not block.is_first:
            parts["conv0"] = _synthesis_layer(block.conv0, kernel)
        if block.has_torgb:
            affine = {"affine": _dense(block.torgb.affine)}
            parts["torgb"] = persistent_module(
                "ToRGBLayer", parts=affine, weight=block.torgb.weight, bias=block.torgb.bias
            )
        if block.has_skip:
            parts["skip"] = persistent_module(
                "Conv2dLayer", weight=block.skip.weight, bias=None, resample_filter=kernel
            )
        const = {"const": block.const} if block.is_first else {}
        blocks[f"b{block.resolution}"] = persistent_module(
            "SynthesisBlock",
            parts=parts,
            resample_filter=kernel,
            architecture=config.architecture,
            use_fp16=block.resolution > 4 and block.resolution * 2**config.num_fp16_res > config.img_resolution,
            **const,
        )
    synthesis = persistent_module("SynthesisNetwork", parts=blocks)
    synthesis.state["_init_kwargs"] = EasyDict(channel_base=config.channel_base, channel_max=config.channel_max)
    if wide:
        _make_channels_last(synthesis)
    return persistent_module(
        "Generator",
        parts={"synthesis": synthesis, "mapping": _mapping(G.mapping, config.mapping_lr_multiplier)},
        z_dim=config.z_dim,
        c_dim=config.c_dim,
        w_dim=config.w_dim,
        img_resolution=config.img_resolution,
        img_channels=config.img_channels,
    )


def discriminator(D: Discriminator, *, frozen: bool = False) -> Any:
    """frozen: the first block's weights are buffers, as freeze_layers leaves them."""
    config: DiscriminatorConfig = D.config
    kernel = make_filter(config.resample_filter)

    def conv(layer: Any, is_frozen: bool) -> Any:
        return persistent_module(
            "Conv2dLayer",
            frozen=is_frozen,
            weight=layer.weight,
            bias=layer.bias,
            resample_filter=kernel,
            activation=layer.activation,
            conv_clamp=layer.conv_clamp,
        )

    parts = {}
    for resolution in config.block_resolutions:
        block, is_frozen = getattr(D, f"b{resolution}"), frozen and resolution == config.img_resolution
        names = [name for name in ("fromrgb", "conv0", "conv1", "skip") if hasattr(block, name)]
        parts[f"b{resolution}"] = persistent_module(
            "DiscriminatorBlock",
            parts={name: conv(getattr(block, name), is_frozen) for name in names},
            resample_filter=kernel,
            architecture=config.architecture,
            use_fp16=False,
        )
    last = {name: conv(getattr(D.b4, name), False) for name in ("conv", "fromrgb") if hasattr(D.b4, name)}
    last |= {"fc": _dense(D.b4.fc), "out": _dense(D.b4.out), "mbstd": None}
    if D.b4.mbstd is not None:
        group, count = config.mbstd_group_size, config.mbstd_num_channels
        last["mbstd"] = persistent_module("MinibatchStdLayer", group_size=group, num_channels=count)
    parts["b4"] = persistent_module("DiscriminatorEpilogue", parts=last, architecture=config.architecture)
    if config.c_dim:
        parts["mapping"] = _mapping(D.mapping, config.mapping_lr_multiplier)
    network = persistent_module(
        "Discriminator",
        parts=parts,
        c_dim=config.c_dim,
        img_resolution=config.img_resolution,
        img_channels=config.img_channels,
    )
    network.state["_init_kwargs"] = EasyDict(channel_base=config.channel_base, channel_max=config.channel_max)
    return network


def _make_channels_last(module: Any) -> None:
    for key, value in module.state["_parameters"].items():
        if value.ndim == 4:
            module.state["_parameters"][key] = torch.nn.Parameter(value.to(memory_format=torch.channels_last))
    for part in module.state["_modules"].values():
        _make_channels_last(part)

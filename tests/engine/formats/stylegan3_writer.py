"""Writes our StyleGAN3 networks as pickles in the NVlabs layout, for tests of the reader."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.networks.stylegan3_config import StyleGAN3Config
from engine.networks.stylegan3_generator import StyleGAN3Generator
from engine.networks.stylegan3_synthesis import StyleGAN3Layer
from tests.engine.formats.nvlabs_writer import EasyDict, _dense, _mapping, persistent_module


def _input(G: StyleGAN3Generator) -> Any:
    source = G.synthesis.input
    return persistent_module(
        "SynthesisInput",
        parts={"affine": _dense(source.affine)},
        weight=source.weight,
        transform=source.transform,
        freqs=source.freqs,
        phases=source.phases,
        size=np.broadcast_to(np.asarray(source.band.size), [2]).copy(),
        sampling_rate=np.float64(source.band.sampling_rate),
        bandwidth=np.float64(source.band.cutoff),
    )


def _layer(config: StyleGAN3Config, layer: StyleGAN3Layer, is_critical: bool) -> Any:
    plan = layer.plan
    filters = {"up_filter": layer.up_filter, "down_filter": layer.down_filter}
    return persistent_module(
        "SynthesisLayer",
        parts={"affine": _dense(layer.affine)},
        weight=layer.weight,
        bias=layer.bias,
        magnitude_ema=layer.magnitude_ema,
        **filters,
        w_dim=config.w_dim,
        is_torgb=plan.to_rgb,
        is_critically_sampled=is_critical,
        in_channels=np.int64(plan.before.channels),
        out_channels=np.int64(plan.after.channels),
        in_size=np.asarray([plan.before.size] * 2),
        out_size=np.asarray([plan.after.size] * 2),
        in_sampling_rate=np.float64(plan.before.sampling_rate),
        out_sampling_rate=np.float64(plan.after.sampling_rate),
        tmp_sampling_rate=np.float64(plan.temporary_rate),
        in_cutoff=np.float64(plan.before.cutoff),
        out_cutoff=np.float64(plan.after.cutoff),
        in_half_width=np.float64(plan.before.half_width),
        out_half_width=np.float64(plan.after.half_width),
        conv_kernel=plan.kernel,
        conv_clamp=config.conv_clamp,
        magnitude_ema_beta=config.magnitude_ema_beta,
        up_factor=plan.up,
        up_taps=max(plan.up_taps, 1),
        down_factor=plan.down,
        down_taps=max(plan.down_taps, 1),
        down_radial=plan.radial,
        padding=list(plan.padding) * 2,
    )


def stylegan3_generator(G: StyleGAN3Generator) -> Any:
    """The constructor's arguments are told flat, and only where they are no defaults, as in the files of that time."""
    config = G.config
    critical = config.num_layers - config.num_critical
    layers = {
        layer.plan.name: _layer(config, layer, index >= critical) for index, layer in enumerate(G.synthesis.layers)
    }
    synthesis = persistent_module(
        "SynthesisNetwork",
        parts={"input": _input(G), **layers},
        w_dim=config.w_dim,
        num_ws=config.num_ws,
        img_resolution=config.img_resolution,
        img_channels=config.img_channels,
        num_layers=config.num_layers,
        num_critical=config.num_critical,
        margin_size=config.margin_size,
        output_scale=config.output_scale,
        num_fp16_res=config.num_fp16_res,
        layer_names=list(G.synthesis.layer_names),
    )
    synthesis.state["_init_kwargs"] = EasyDict(
        channel_base=config.channel_base,
        channel_max=config.channel_max,
        first_stopband=config.first_stopband,
        last_stopband_rel=config.last_stopband_rel,
    )
    return persistent_module(
        "Generator",
        parts={"synthesis": synthesis, "mapping": _mapping(G.mapping, config.mapping_lr_multiplier)},
        z_dim=config.z_dim,
        c_dim=config.c_dim,
        w_dim=config.w_dim,
        num_ws=config.num_ws,
        img_resolution=config.img_resolution,
        img_channels=config.img_channels,
    )


def stylegan3_state_dict(G: StyleGAN3Generator) -> dict[str, Any]:
    """With the filters, which NVlabs' networks keep as buffers."""
    state = dict(G.state_dict())
    for layer in G.synthesis.layers:
        for key in ("up_filter", "down_filter"):
            if getattr(layer, key) is not None:
                state[f"synthesis.{layer.plan.name}.{key}"] = getattr(layer, key)
    return state

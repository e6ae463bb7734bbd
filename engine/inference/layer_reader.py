"""Reads the maps of one layer while a picture is made. Knows nothing of threads or windows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engine.inference.layer_maps import MOST_SIDE, SMALL_SIDE, ChannelNumbers, LayerMaps, LayerQuestion
from engine.inference.renderer import Renderer


@torch.inference_mode()
def read_layer(renderer: Renderer, question: LayerQuestion) -> LayerMaps:
    """The maps after a layer's activation. Raises ConfigError if the look does not fit or there is no such layer."""
    features = renderer.layer_features(question.look, question.layer).float().cpu()  # [C, h, w]
    channel = min(max(question.channel, 0), len(features) - 1)
    one = features[channel]
    strengths = features.flatten(1).std(dim=1, unbiased=False)
    return LayerMaps(
        question=replace(question, channel=channel),
        layers=renderer.layer_count,
        channels=len(features),
        size=(int(one.shape[0]), int(one.shape[1])),
        map=_stretched(_at_most(one[None], MOST_SIDE))[0],
        small=_stretched(_at_most(features, SMALL_SIDE)),
        by_strength=tuple(int(index) for index in strengths.argsort(descending=True)),
        numbers=ChannelNumbers(
            mean=float(one.mean()),
            std=float(strengths[channel]),
            low=float(one.min()),
            high=float(one.max()),
            positive=float((one > 0).float().mean()),
        ),
    )


def _at_most(maps: Tensor, side: int) -> Tensor:
    """[C, h, w], averaged down to at most `side` pixels."""
    height, width = maps.shape[-2:]
    if max(height, width) <= side:
        return maps
    return functional.adaptive_avg_pool2d(maps[None], (min(height, side), min(width, side)))[0]


def _stretched(maps: Tensor) -> np.ndarray:
    """uint8 [C, h, w]: each map from its lowest to its highest value; one without any difference is black."""
    flat = maps.flatten(1)
    low, high = flat.min(dim=1).values, flat.max(dim=1).values
    span = (high - low).clamp_min(1e-12)
    return ((maps - low[:, None, None]) / span[:, None, None] * 255).round().to(torch.uint8).numpy()

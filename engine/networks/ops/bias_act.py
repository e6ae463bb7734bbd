"""Bias, activation and clamp: what follows every layer of StyleGAN2."""

from __future__ import annotations

import math

import torch.nn.functional as F
from torch import Tensor

from engine.errors import ConfigError

ACTIVATION_GAIN = {"linear": 1.0, "lrelu": math.sqrt(2.0), "relu": math.sqrt(2.0)}
"""The gain that keeps the variance of a layer's output at that of its input."""
LRELU_SLOPE = 0.2


def check_activation(name: str) -> None:
    """Raises ConfigError for an activation that does not exist here."""
    if name not in ACTIVATION_GAIN:
        raise ConfigError(f"no activation {name!r}: use {', '.join(ACTIVATION_GAIN)}")


def activate(x: Tensor, activation: str, *, bias: Tensor | None = None, clamp: float | None = None) -> Tensor:
    """activation(x + bias), bounded to +-clamp.

    x: [N, C] or [N, C, H, W]; bias: [C] or None. There is no gain here: every activation f has f(g x) = g f(x) for
    g > 0, so callers fold `ACTIVATION_GAIN` into the weights and the bias, where it costs nothing.
    """
    if bias is not None:
        x = x + bias.to(x.dtype).reshape(1, -1, *([1] * (x.ndim - 2)))
    if activation == "lrelu":
        x = F.leaky_relu(x, LRELU_SLOPE)
    elif activation == "relu":
        x = F.relu(x)
    return x if clamp is None else x.clamp(-clamp, clamp)

"""w_avg for a model that was saved without: the mean of what the mapping network makes of many z.

The same z are drawn every time, and the sums are made in double precision and rounded, so that a model has the same
w_avg, and so the same content id, on every computer. Knows nothing of torch or of files.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.formats.derived_tensors import MadeTensor
from engine.formats.stored_model import TensorSource

SAMPLES: Final = 4096
SEED: Final = 0
EPSILON: Final = 1e-8
LRELU_SLOPE: Final = 0.2
DECIMALS: Final = 6

Dense = tuple[TensorSource, TensorSource]
"""weight [out, in], bias [out]"""


def estimated_average(layers: Sequence[Dense], lr_multiplier: float) -> MadeTensor:
    """[w_dim]: of an unconditional mapping network of leaky ReLU layers, whose tensors are read only when it is."""
    w_dim = layers[-1][0].shape[0]
    return MadeTensor((w_dim,), lambda: _mean(layers, lr_multiplier))


def _mean(layers: Sequence[Dense], lr_multiplier: float) -> npt.NDArray[np.float64]:
    z_dim = layers[0][0].shape[1]
    x = np.random.RandomState(SEED).randn(SAMPLES, z_dim)
    x = x / np.sqrt(np.mean(np.square(x), axis=1, keepdims=True) + EPSILON)
    for weight, bias in layers:
        gain = lr_multiplier / math.sqrt(weight.shape[1])
        x = x @ (weight.read().T.astype(np.float64) * gain) + bias.read() * lr_multiplier
        x = np.where(x < 0, x * LRELU_SLOPE, x) * math.sqrt(2)
    return np.round(x.mean(axis=0), DECIMALS)

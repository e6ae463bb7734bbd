"""The styles of a layer. Knows nothing of convolutions."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.networks.layers import FullyConnectedLayer


class Affine:
    """w to styles, float32."""

    def __init__(self, layer: FullyConnectedLayer, gain: float = 1.0) -> None:
        self._weight = layer.weight * (layer.weight_gain * gain)
        self._bias = layer.bias * (layer.bias_gain * gain)

    def __call__(self, w: Tensor) -> Tensor:
        """[w_dim] -> [I]"""
        return torch.addmv(self._bias, self._weight, w)

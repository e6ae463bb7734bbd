"""What follows every modulated convolution: noise, bias, activation, clamp. Knows nothing of convolutions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.networks.ops.bias_act import LRELU_SLOPE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Finish:
    """The end of one layer, all gains included."""

    bias: Tensor
    """[O]"""
    activation: str
    clamp: float | None

    def of_groups(self, count: int) -> tuple[tuple[slice, Finish], ...]:
        """So many groups of channels, of the same size if they can: which they are, and their part of this."""
        size = -(-len(self.bias) // count)
        slices = [slice(first, first + size) for first in range(0, len(self.bias), size)]
        return tuple((channels, replace(self, bias=self.bias[channels])) for channels in slices)

    def in_place(self, y: Tensor, noise: Tensor | None) -> Tensor:
        """y: [1, O, r, r], noise: [1, 1, r, r]; the bias is added here."""
        if noise is not None:
            y.add_(noise)
        return self._bounded(self._activated(y.add_(self.bias[:, None, None])))

    def into(self, out: Tensor, y: Tensor, noise: Tensor | None) -> None:
        """Some rows: y [1, O, h, r] becomes out [1, O, h, r], which has a place in memory already. y is used up.

        Both lie channels last; y has its bias, which convolutions add for nothing. In bf16 a matrix product of rank
        one adds the noise in half the time that broadcasting takes.
        """
        channels = y.shape[1]
        if noise is not None:
            ones = noise.new_ones((1, channels))
            y.permute(0, 2, 3, 1).view(-1, channels).addmm_(noise.reshape(-1, 1), ones)
        if self.activation == "lrelu":
            torch.ops.aten.leaky_relu.out(y, LRELU_SLOPE, out=out)
        else:
            out.copy_(self._activated(y))
        self._bounded(out)

    def _activated(self, y: Tensor) -> Tensor:
        if self.activation == "lrelu":
            return F.leaky_relu_(y, LRELU_SLOPE)
        return F.relu_(y) if self.activation == "relu" else y

    def _bounded(self, y: Tensor) -> Tensor:
        return y if self.clamp is None else y.clamp_(-self.clamp, self.clamp)

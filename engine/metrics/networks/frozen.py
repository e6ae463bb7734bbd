"""Convolutions that never train, for networks whose weights come from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class FrozenConv2d(nn.Module):
    """A convolution whose weights are constants.

    weight: [O, I / groups, k, l], bias: [O]; padding None: as TensorFlow does, to ceil(size / stride). The weights are
    buffers outside of the state dict, so no optimizer, checkpoint or `requires_grad_` reaches them.
    """

    weight: Tensor
    bias: Tensor

    def __init__(
        self, weight: Tensor, bias: Tensor, *, stride: int = 1, groups: int = 1, padding: int | None = None
    ) -> None:
        super().__init__()
        self.register_buffer("weight", weight, persistent=False)
        self.register_buffer("bias", bias, persistent=False)
        self.stride = stride
        self.groups = groups
        self.padding = None if padding is None else (padding, padding)
        if stride == 1 and padding is None:
            self.padding = (weight.shape[2] // 2, weight.shape[3] // 2)

    def forward(self, x: Tensor) -> Tensor:
        """x: [N, I, H, W] -> [N, O, H', W']."""
        if self.padding is not None:
            return F.conv2d(x, self.weight, self.bias, self.stride, self.padding, groups=self.groups)
        top, bottom = _same_padding(x.shape[2], self.weight.shape[2], self.stride)
        left, right = _same_padding(x.shape[3], self.weight.shape[3], self.stride)
        x = F.pad(x, (left, right, top, bottom))
        return F.conv2d(x, self.weight, self.bias, self.stride, groups=self.groups)


def folded(weights: Mapping[str, Tensor], conv: str, batch_norm: str, epsilon: float) -> tuple[Tensor, Tensor]:
    """Weight [O, I, k, l] and bias [O] of a convolution without bias and the batch normalization after it, as one."""
    weight = weights[f"{conv}.weight"].double()
    gain, shift, mean, variance = (
        weights[f"{batch_norm}.{name}"].double() for name in ("weight", "bias", "running_mean", "running_var")
    )
    scale = gain / torch.sqrt(variance + epsilon)
    return (weight * scale[:, None, None, None]).float(), (shift - mean * scale).float()


def _same_padding(size: int, kernel_size: int, stride: int) -> tuple[int, int]:
    """TensorFlow's: the end gets the odd one."""
    total = max((-(-size // stride) - 1) * stride + kernel_size - size, 0)
    return total // 2, total - total // 2

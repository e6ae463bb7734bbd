"""A convolution that never trains, for networks whose weights come from elsewhere."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class FrozenConv2d(nn.Module):
    """A convolution whose weights are constants.

    weight: [O, I / groups, k, k], bias: [O]; padding None: as TensorFlow does, to ceil(size / stride). The weights are
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
        self.padding = weight.shape[-1] // 2 if stride == 1 and padding is None else padding

    def forward(self, x: Tensor) -> Tensor:
        """x: [N, I, H, W] -> [N, O, H', W']."""
        kernel_size = self.weight.shape[-1]
        if self.padding is not None:
            return F.conv2d(x, self.weight, self.bias, self.stride, self.padding, groups=self.groups)
        left, right = _same_padding(x.shape[3], kernel_size, self.stride)
        top, bottom = _same_padding(x.shape[2], kernel_size, self.stride)
        x = F.pad(x, (left, right, top, bottom))
        return F.conv2d(x, self.weight, self.bias, self.stride, groups=self.groups)


def _same_padding(size: int, kernel_size: int, stride: int) -> tuple[int, int]:
    total = max((-(-size // stride) - 1) * stride + kernel_size - size, 0)
    return total // 2, total - total // 2

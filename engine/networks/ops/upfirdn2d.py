"""Up-sample, pad, filter and down-sample pictures: the resampling of StyleGAN2 (paper, appendix B), in plain torch.

`upfirdn2d_reference` is the obvious form that the tests compare with; `upfirdn2d` gives the same numbers and has a
backward pass that is as fast as the forward one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

Padding = tuple[int, int]
"""Samples added before and after, the same on both axes; negative ones crop."""


def make_filter(taps: Sequence[float] | Tensor) -> Tensor:
    """The 2-D low-pass filter [h, w] that sums to 1, from the taps of a separable one or from a 2-D one."""
    kernel = torch.as_tensor(taps, dtype=torch.float32)
    if kernel.ndim == 1:
        kernel = kernel.outer(kernel)
    return kernel / kernel.sum()


def upfirdn2d(
    x: Tensor, kernel: Tensor, *, up: int = 1, down: int = 1, padding: Padding = (0, 0), gain: float = 1.0
) -> Tensor:
    """Insert up-1 zeros after each sample, pad, convolve with `kernel` (flipped, a true convolution), keep every
    down-th sample.

    x: [N, C, H, W]; kernel: [h, w], not trained; returns [N, C, (H up + padding - h) // down + 1, ...]. Only one of
    up and down may exceed 1.
    """
    before, after = padding
    height, width = kernel.shape
    h, w = x.shape[2] * up + before + after, x.shape[3] * up + before + after
    geometry = _Geometry(
        up=up,
        down=down,
        top=before,
        left=before,
        out_height=(h - height) // down + 1,
        out_width=(w - width) // down + 1,
    )
    result: Tensor = _Upfirdn2d.apply(x, kernel * gain, geometry)
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class _Geometry:
    up: int
    down: int
    top: int
    left: int
    out_height: int
    out_width: int


class _Upfirdn2d(torch.autograd.Function):
    """The adjoint of up-fir-down is down-fir-up with the kernel turned around: a forward pass, several times faster
    than the backward pass that a depthwise convolution has on a CPU, and differentiable again."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: Tensor, geometry: _Geometry) -> Tensor:
        ctx.save_for_backward(kernel)
        ctx.geometry, ctx.in_height, ctx.in_width = geometry, x.shape[2], x.shape[3]
        return _fir(x, kernel, geometry)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        (kernel,) = ctx.saved_tensors
        forward: _Geometry = ctx.geometry
        geometry = _Geometry(
            up=forward.down,
            down=forward.up,
            top=kernel.shape[0] - 1 - forward.top,
            left=kernel.shape[1] - 1 - forward.left,
            out_height=ctx.in_height,
            out_width=ctx.in_width,
        )
        return _Upfirdn2d.apply(grad, kernel.flip((0, 1)), geometry), None, None


def _fir(x: Tensor, kernel: Tensor, geometry: _Geometry) -> Tensor:
    channels, (height, width) = x.shape[1], kernel.shape
    weight = kernel.to(x.dtype).expand(channels, 1, height, width)
    top, left = geometry.top, geometry.left
    if geometry.up == 1:
        # As much padding below as the last output needs; negative padding crops.
        bottom = (geometry.out_height - 1) * geometry.down + height - x.shape[2] - top
        right = (geometry.out_width - 1) * geometry.down + width - x.shape[3] - left
        padded = F.pad(x, (left, right, top, bottom))
        return F.conv2d(padded, weight.flip((2, 3)), stride=geometry.down, groups=channels)
    # Writing the samples into a buffer of zeros is faster than a depthwise transposed convolution on a CPU.
    skip_y, skip_x = max(0, -(top // geometry.up)), max(0, -(left // geometry.up))  # samples that padding crops
    x = x[:, :, skip_y:, skip_x:]
    shape = (x.shape[0], channels, geometry.out_height + height - 1, geometry.out_width + width - 1)
    spread = torch.empty(shape, dtype=x.dtype, device=x.device, memory_format=_memory_format(x)).zero_()
    places = spread[:, :, top + skip_y * geometry.up :: geometry.up, left + skip_x * geometry.up :: geometry.up]
    rows, columns = min(places.shape[2], x.shape[2]), min(places.shape[3], x.shape[3])
    places[:, :, :rows, :columns] = x[:, :, :rows, :columns]
    return F.conv2d(spread, weight.flip((2, 3)), groups=channels)


def _memory_format(x: Tensor) -> torch.memory_format:
    channels_last = x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous()
    return torch.channels_last if channels_last else torch.contiguous_format


def upfirdn2d_reference(
    x: Tensor, kernel: Tensor, *, up: int = 1, down: int = 1, padding: Padding = (0, 0), gain: float = 1.0
) -> Tensor:
    """`upfirdn2d`, one step after the other."""
    n, c, h, w = x.shape
    with_zeros = x.new_zeros(n, c, h * up, w * up)
    with_zeros[:, :, ::up, ::up] = x
    padded = F.pad(with_zeros, (padding[0], padding[1], padding[0], padding[1]))
    weight = (kernel * gain).to(x.dtype).flip((0, 1)).expand(c, 1, *kernel.shape)
    return F.conv2d(padded, weight, groups=c)[:, :, ::down, ::down]


def upsample2d(img: Tensor, kernel: Tensor) -> Tensor:
    """Twice the height and width, [N, C, H, W] -> [N, C, 2H, 2W]; brightness stays."""
    taps = kernel.shape[-1]
    return upfirdn2d(img, kernel, up=2, padding=((taps + 1) // 2, (taps - 2) // 2), gain=4.0)


def downsample2d(img: Tensor, kernel: Tensor) -> Tensor:
    """Half the height and width, [N, C, H, W] -> [N, C, H/2, W/2]; brightness stays."""
    taps = kernel.shape[-1]
    return upfirdn2d(img, kernel, down=2, padding=((taps - 1) // 2, (taps - 2) // 2))


def conv2d_up2(x: Tensor, weight: Tensor, kernel: Tensor, bias: Tensor | None = None) -> Tensor:
    """Up-sample twice, then a 'same' convolution: [N, I, H, W] -> [N, O, 2H, 2W].

    weight: [O, I, k, k], applied as a true convolution; bias: [O]. The strided transposed convolution comes first
    and the low-pass filter after it, which is the same linear map and touches no zeros.
    """
    size, taps = weight.shape[-1], kernel.shape[-1]
    if size == 1:
        x = upsample2d(F.conv2d(x, weight), kernel)
    else:
        spread = F.conv_transpose2d(x, weight.transpose(0, 1), stride=2)
        # `same` convolution of the up-sampled picture, less the k-1 samples that the transposed one adds in front.
        before = size // 2 + (taps + 1) // 2 - (size - 1)
        after = size // 2 + (taps - 2) // 2 - (size - 1) + 1
        x = upfirdn2d(spread, kernel, padding=(before, after), gain=4.0)
    return x if bias is None else x + bias[None, :, None, None]


def conv2d_down2(x: Tensor, weight: Tensor, kernel: Tensor, bias: Tensor | None = None) -> Tensor:
    """A 'same' convolution, then down-sample twice: [N, I, H, W] -> [N, O, H/2, W/2].

    weight: [O, I, k, k]; bias: [O].
    """
    size, taps = weight.shape[-1], kernel.shape[-1]
    if size == 1:
        return F.conv2d(downsample2d(x, kernel), weight, bias)
    padding = (size // 2 + (taps - 1) // 2, size // 2 + (taps - 2) // 2)
    return F.conv2d(upfirdn2d(x, kernel, padding=padding), weight, bias, stride=2)

"""Up-sample, pad, filter and down-sample pictures: the resampling of StyleGAN2 (paper, appendix B), in plain torch.

`upfirdn2d_reference` is the obvious form that the tests compare with; `upfirdn2d` gives the same numbers without
ever computing on the zeros that up-sampling would insert.
"""

from __future__ import annotations

from collections.abc import Sequence

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


def _depthwise(x: Tensor, kernel: Tensor, stride: int = 1) -> Tensor:
    channels = x.shape[1]
    kernel = kernel.to(x.dtype).flip((0, 1)).expand(channels, 1, *kernel.shape)
    return F.conv2d(x, kernel, stride=stride, groups=channels)


def upfirdn2d(
    x: Tensor, kernel: Tensor, *, up: int = 1, down: int = 1, padding: Padding = (0, 0), gain: float = 1.0
) -> Tensor:
    """Insert up-1 zeros after each sample, pad, convolve with `kernel` (flipped, a true convolution), keep every
    down-th sample.

    x: [N, C, H, W]; kernel: [h, w]; returns [N, C, (H up + padding - h) // down + 1, ...]. Only one of up and down
    may exceed 1.
    """
    kernel = kernel * gain
    before, after = padding
    if up == 1:
        return _depthwise(F.pad(x, (before, after, before, after)), kernel, stride=down)
    # A transposed convolution spreads each sample over the kernel and never touches the inserted zeros. Its full
    # output begins kernel-1 samples before the input's first one, and ends without the zeros after the last.
    channels, (height, width) = x.shape[1], kernel.shape
    spread = F.conv_transpose2d(x, kernel.to(x.dtype).expand(channels, 1, height, width), stride=up, groups=channels)
    top, left = before - (height - 1), before - (width - 1)
    bottom = after - (height - 1) + up - 1
    right = after - (width - 1) + up - 1
    return F.pad(spread, (left, right, top, bottom))


def upfirdn2d_reference(
    x: Tensor, kernel: Tensor, *, up: int = 1, down: int = 1, padding: Padding = (0, 0), gain: float = 1.0
) -> Tensor:
    """`upfirdn2d`, one step after the other."""
    n, c, h, w = x.shape
    with_zeros = x.new_zeros(n, c, h * up, w * up)
    with_zeros[:, :, ::up, ::up] = x
    padded = F.pad(with_zeros, (padding[0], padding[1], padding[0], padding[1]))
    return _depthwise(padded, kernel * gain)[:, :, ::down, ::down]


def upsample2d(img: Tensor, kernel: Tensor) -> Tensor:
    """Twice the height and width, [N, C, H, W] -> [N, C, 2H, 2W]; brightness stays."""
    taps = kernel.shape[-1]
    return upfirdn2d(img, kernel, up=2, padding=((taps + 1) // 2, (taps - 2) // 2), gain=4.0)


def downsample2d(img: Tensor, kernel: Tensor) -> Tensor:
    """Half the height and width, [N, C, H, W] -> [N, C, H/2, W/2]; brightness stays."""
    taps = kernel.shape[-1]
    return upfirdn2d(img, kernel, down=2, padding=((taps - 1) // 2, (taps - 2) // 2))


def conv2d_up2(x: Tensor, weight: Tensor, kernel: Tensor) -> Tensor:
    """Up-sample twice, then a 'same' convolution: [N, I, H, W] -> [N, O, 2H, 2W].

    weight: [O, I, k, k], applied as a true convolution. The strided transposed convolution comes first and the
    low-pass filter after it, which is the same linear map and touches no zeros.
    """
    size, taps = weight.shape[-1], kernel.shape[-1]
    if size == 1:
        return upsample2d(F.conv2d(x, weight), kernel)
    spread = F.conv_transpose2d(x, weight.transpose(0, 1), stride=2)
    # `same` convolution of the up-sampled picture, less the k-1 samples that the transposed one adds in front.
    before = size // 2 + (taps + 1) // 2 - (size - 1)
    after = size // 2 + (taps - 2) // 2 - (size - 1) + 1
    return upfirdn2d(spread, kernel, padding=(before, after), gain=4.0)


def conv2d_down2(x: Tensor, weight: Tensor, kernel: Tensor) -> Tensor:
    """A 'same' convolution, then down-sample twice: [N, I, H, W] -> [N, O, H/2, W/2]; weight: [O, I, k, k]."""
    size, taps = weight.shape[-1], kernel.shape[-1]
    if size == 1:
        return F.conv2d(downsample2d(x, kernel), weight)
    padding = (size // 2 + (taps - 1) // 2, size // 2 + (taps - 2) // 2)
    return F.conv2d(upfirdn2d(x, kernel, padding=padding), weight, stride=2)

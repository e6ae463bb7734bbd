"""A layer's convolution in strips of rows, for bf16 on a CPU: what follows it finds each strip in the core's cache.

oneDNN's bf16 convolutions are so fast that at high resolutions the passes over memory that follow them (filter, noise,
activation) take two thirds of the time; in strips they take a third. Its transposed convolution has no such speed:
here it is two ordinary convolutions, one for the even rows and one for the odd ones. Knows nothing of styles.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.inference.fast.finish import Finish
from engine.inference.fast.rows import channels_last, convolved_rows, row_strips, side_by_side, with_halo

FIR_TAPS = 4
"""the low-pass filter that this module knows: any of so many rows and columns"""


class StripConvolution:
    """A 'same' 3x3 convolution and what follows it."""

    def __init__(self, finish: Finish) -> None:
        self._finish = finish

    def prepare(self, weight: Tensor) -> tuple[Tensor, ...]:
        """[O, I, 3, 3] as this convolution wants it."""
        return (weight.contiguous(memory_format=torch.channels_last),)

    def __call__(self, x: Tensor, weights: tuple[Tensor, ...], scale: Tensor | None, noise: Tensor | None) -> Tensor:
        """x: [1, I, r, r], weights: as prepared, scale: [O] or None, noise: [1, 1, r, r] -> [1, O, r, r], new."""
        (weight,) = weights
        finish, size = self._finish, x.shape[2]
        out = channels_last(x, weight.shape[0], size, size)
        for top, bottom in row_strips(out, weight.nbytes):
            y = convolved_rows(x, weight, finish.bias if scale is None else None, (top, bottom))
            if scale is not None:
                y = torch.addcmul(finish.bias[:, None, None], y, scale[:, None, None])
            finish.into(out[:, :, top:bottom], y, None if noise is None else noise[:, :, top:bottom])
        return out


class StripUpConvolution:
    """Twice the height and width: a transposed 3x3 convolution, the low-pass filter, and what follows.

    Row n of the transposed convolution is w[0] x[n/2] + w[2] x[n/2 - 1] for even n, and w[1] x[(n-1)/2] for odd n;
    likewise the columns. So even and odd rows are convolutions of their own, and if each makes the even and the odd
    columns as two groups of channels, those lie in memory as neighbours: the columns of twice the width.
    """

    def __init__(self, finish: Finish, kernel: Tensor) -> None:
        """kernel: [4, 4]"""
        assert kernel.shape == (FIR_TAPS, FIR_TAPS)
        self._finish = finish
        channels = len(finish.bias)
        self._fir = (4.0 * kernel).flip((0, 1)).expand(channels, 1, FIR_TAPS, FIR_TAPS).to(finish.bias.dtype)

    def prepare(self, weight: Tensor) -> tuple[Tensor, ...]:
        """[O, I, 3, 3] -> for even rows [2 O, I, 2, 2], for odd rows [2 O, I, 1, 2]."""
        return _columns(weight[:, :, [2, 0]]), _columns(weight[:, :, 1:2])

    def __call__(self, x: Tensor, weights: tuple[Tensor, ...], scale: Tensor | None, noise: Tensor | None) -> Tensor:
        """x: [1, I, r/2, r/2], scale: [O] or None, noise: [1, 1, r, r] -> [1, O, r, r], new."""
        finish, size = self._finish, 2 * x.shape[2]
        fir = self._fir if scale is None else self._fir * scale[:, None, None, None]
        out = channels_last(x, len(fir), size, size)
        strips = row_strips(out, sum(weight.nbytes for weight in weights))
        # One row and one column more than the output in front, two behind: the filter's reach.
        spread = channels_last(x, len(fir), strips[0][1] + FIR_TAPS - 1, size + FIR_TAPS - 1)
        spread[..., 0] = 0
        for top, bottom in strips:
            rows = with_halo(x, top // 2 - 1, bottom // 2 + 1)
            part = spread[:, :, : bottom - top + FIR_TAPS - 1]
            part[:, :, 1::2, 1:] = side_by_side(F.conv2d(rows, weights[0], padding=(0, 1)))
            part[:, :, 0::2, 1:] = side_by_side(F.conv2d(rows, weights[1], padding=(0, 1)))
            y = F.conv2d(part, fir, finish.bias, groups=len(fir))
            finish.into(out[:, :, top:bottom], y, None if noise is None else noise[:, :, top:bottom])
        return out


def _columns(weight: Tensor) -> Tensor:
    """[O, I, k, 3] -> [2 O, I, k, 2]: even columns see two samples, odd ones only the second."""
    even, odd = weight[..., [2, 0]], F.pad(weight[..., 1:2], (1, 0))
    return torch.cat([even, odd]).contiguous(memory_format=torch.channels_last)

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

STRIP_BYTES = 2 * 2**20
"""of output; about what the second-level caches of two cores hold"""
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
        out = _channels_last(x, weight.shape[0], size, size)
        for top, bottom in _strips(out):
            rows = _rows(x, top - 1, bottom + 1)
            if scale is None:
                y = F.conv2d(rows, weight, finish.bias, padding=(0, 1))
            else:
                y = F.conv2d(rows, weight, padding=(0, 1))
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
        out = _channels_last(x, len(fir), size, size)
        strips = _strips(out)
        # One row and one column more than the output in front, two behind: the filter's reach.
        spread = _channels_last(x, len(fir), strips[0][1] + FIR_TAPS - 1, size + FIR_TAPS - 1)
        spread[..., 0] = 0
        for top, bottom in strips:
            rows = _rows(x, top // 2 - 1, bottom // 2 + 1)
            part = spread[:, :, : bottom - top + FIR_TAPS - 1]
            part[:, :, 1::2, 1:] = _side_by_side(F.conv2d(rows, weights[0], padding=(0, 1)))
            part[:, :, 0::2, 1:] = _side_by_side(F.conv2d(rows, weights[1], padding=(0, 1)))
            y = F.conv2d(part, fir, finish.bias, groups=len(fir))
            finish.into(out[:, :, top:bottom], y, None if noise is None else noise[:, :, top:bottom])
        return out


def _columns(weight: Tensor) -> Tensor:
    """[O, I, k, 3] -> [2 O, I, k, 2]: even columns see two samples, odd ones only the second."""
    even, odd = weight[..., [2, 0]], F.pad(weight[..., 1:2], (1, 0))
    return torch.cat([even, odd]).contiguous(memory_format=torch.channels_last)


def _side_by_side(y: Tensor) -> Tensor:
    """[1, 2 O, h, w], channels last -> [1, O, h, 2 w], the same memory."""
    rows = y.permute(0, 2, 3, 1)
    return rows.view(1, rows.shape[1], 2 * rows.shape[2], rows.shape[3] // 2).permute(0, 3, 1, 2)


def _strips(out: Tensor) -> list[tuple[int, int]]:
    """(first row, row behind the last) of each strip; an even number of rows, the first strip has the most."""
    size = out.shape[2]
    rows = max(2, STRIP_BYTES // (out.nbytes // size) // 2 * 2)
    return [(top, min(top + rows, size)) for top in range(0, size, rows)]


def _rows(x: Tensor, first: int, end: int) -> Tensor:
    """Rows first to end - 1 of x, and zeros where it has none."""
    inside = x[:, :, max(first, 0) : min(end, x.shape[2])]
    above, below = max(-first, 0), max(end - x.shape[2], 0)
    return inside if above == below == 0 else F.pad(inside, (0, 0, above, below))


def _channels_last(like: Tensor, channels: int, height: int, width: int) -> Tensor:
    return like.new_empty((1, height, width, channels)).permute(0, 3, 1, 2)

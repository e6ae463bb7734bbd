"""A layer's convolution in pieces, for bf16 on a CPU: what follows it finds each piece in the core's cache.

oneDNN's bf16 convolutions are so fast that at high resolutions the passes over memory that follow them (filter, noise,
activation) take two thirds of the time; in strips of rows they take a third. Where weights outweigh the output, groups
of channels are the pieces, so that no weight is laid out twice. oneDNN's transposed convolution has no such speed:
here it is two ordinary convolutions, one for the even rows and one for the odd ones. Knows nothing of styles.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.inference.fast.finish import Finish
from engine.inference.fast.modulation import Modulation
from engine.inference.fast.rows import (
    LEAST_STRIP_BYTES,
    channels_last,
    convolved_rows,
    row_strips,
    scaled,
    side_by_side,
    strip_count,
    with_halo,
)
from engine.inference.fast.team import share

FIR_TAPS = 4
"""the low-pass filter of `StripUpConvolution`: any of so many rows and columns"""
GROUPS = 2
"""of channels; more of them cost one thread what a second one gains"""


def pieces_of(out_bytes: int, weight_bytes: int) -> tuple[int, int]:
    """(strips, groups of output channels) of a layer; one of them is 1, and both are where the layer is small."""
    strips = strip_count(out_bytes, weight_bytes)
    return strips, GROUPS if strips == 1 and weight_bytes >= LEAST_STRIP_BYTES else 1


class StripConvolution:
    """A 'same' 3x3 convolution and what follows it."""

    def __init__(self, finish: Finish, groups: int = 1) -> None:
        """groups: of output channels, each made by itself."""
        self._channels = len(finish.bias)
        self._groups = finish.of_groups(groups)

    def prepare(self, weight: Tensor) -> tuple[Tensor, ...]:
        """[O, I, 3, 3] -> the same of each group."""
        return tuple(_laid_out(weight[channels]) for channels, _ in self._groups)

    def __call__(self, x: Tensor, modulation: Modulation, noise: Tensor | None) -> Tensor:
        """x: [1, I, r, r], noise: [1, 1, r, r] -> [1, O, r, r], new."""
        x = modulation.styled(x, scaled)
        out = channels_last(x, self._channels, *x.shape[2:])

        def make(group: int, top: int, bottom: int) -> None:
            channels, finish = self._groups[group]
            scale, rows = modulation.scale, slice(top, bottom)
            bias = finish.bias if scale is None else None
            y = convolved_rows(x, modulation.weights[group], bias, (top, bottom))
            if scale is not None:
                y = torch.addcmul(finish.bias[:, None, None], y, scale[channels, None, None])
            finish.into(out[:, channels, rows], y, None if noise is None else noise[:, :, rows])

        return _in_pieces(out, make, len(self._groups), modulation.weight_bytes)


class StripUpConvolution:
    """Twice the height and width: a transposed 3x3 convolution, the low-pass filter, and what follows.

    Row n of the transposed convolution is w[0] x[n/2] + w[2] x[n/2 - 1] for even n, and w[1] x[(n-1)/2] for odd n;
    likewise the columns. So even and odd rows are convolutions of their own, and if each makes the even and the odd
    columns as two groups of channels, those lie in memory as neighbours: the columns of twice the width.
    """

    def __init__(self, finish: Finish, kernel: Tensor, groups: int = 1) -> None:
        """kernel: [4, 4], groups: of output channels, each made by itself."""
        assert kernel.shape == (FIR_TAPS, FIR_TAPS)
        self._channels = len(finish.bias)
        self._groups = finish.of_groups(groups)
        fir = (4.0 * kernel).flip((0, 1)).expand(self._channels, 1, FIR_TAPS, FIR_TAPS)
        self._fir = fir.to(finish.bias.dtype)

    def prepare(self, weight: Tensor) -> tuple[Tensor, ...]:
        """[O, I, 3, 3] -> of each group, for even rows [2 O, I, 2, 2] and for odd rows [2 O, I, 1, 2]."""
        parts = (weight[channels] for channels, _ in self._groups)
        return tuple(rows for part in parts for rows in (_columns(part[:, :, [2, 0]]), _columns(part[:, :, 1:2])))

    def __call__(self, x: Tensor, modulation: Modulation, noise: Tensor | None) -> Tensor:
        """x: [1, I, r/2, r/2], noise: [1, 1, r, r] -> [1, O, r, r], new."""
        x, scale = modulation.styled(x, scaled), modulation.scale
        size = 2 * x.shape[2]
        every_fir = self._fir if scale is None else self._fir * scale[:, None, None, None]
        out = channels_last(x, self._channels, size, size)

        def make(group: int, top: int, bottom: int) -> None:
            channels, finish = self._groups[group]
            fir, rows = every_fir[channels], with_halo(x, top // 2 - 1, bottom // 2 + 1)
            even_odd = modulation.weights[2 * group : 2 * group + 2]
            # One row and one column more than the output in front, two behind: the filter's reach.
            spread = channels_last(x, len(fir), bottom - top + FIR_TAPS - 1, size + FIR_TAPS - 1)
            spread[..., 0] = 0
            for phase, weight in enumerate(even_odd):
                spread[:, :, 1 - phase :: 2, 1:] = side_by_side(F.conv2d(rows, weight, padding=(0, 1)))
            y = F.conv2d(spread, fir, finish.bias, groups=len(fir))
            finish.into(out[:, channels, top:bottom], y, None if noise is None else noise[:, :, top:bottom])

        return _in_pieces(out, make, len(self._groups), modulation.weight_bytes)


class StripTransposedConvolution:
    """Like `StripUpConvolution`, for any filter, by torch's transposed convolution: for float32, where that is fast."""

    def __init__(self, finish: Finish, kernel: Tensor, groups: int = 1) -> None:
        """kernel: [h, h], groups: of output channels, each made by itself."""
        self._channels = len(finish.bias)
        self._groups = finish.of_groups(groups)
        self._taps = len(kernel)
        self._before, after = (self._taps + 1) // 2 - 1, (self._taps - 2) // 2  # less what the convolution adds
        self._more = None if after == self._before else (0, after - self._before)
        self._fir = (4.0 * kernel).flip((0, 1)).expand(self._channels, 1, *kernel.shape).to(finish.bias.dtype)

    def prepare(self, weight: Tensor) -> tuple[Tensor, ...]:
        """[O, I, 3, 3] -> the same of each group, channels last the other way round.

        Any other order is brought into this one for every picture, which takes longer than the multiplications.
        """
        return tuple(_laid_out(weight[channels].transpose(0, 1)).transpose(0, 1) for channels, _ in self._groups)

    def __call__(self, x: Tensor, modulation: Modulation, noise: Tensor | None) -> Tensor:
        """x: [1, I, r/2, r/2], noise: [1, 1, r, r] -> [1, O, r, r], new."""
        x, scale = modulation.styled(x, scaled), modulation.scale
        size = 2 * x.shape[2]
        every_fir = self._fir if scale is None else self._fir * scale[:, None, None, None]
        out = channels_last(x, self._channels, size, size)

        def make(group: int, top: int, bottom: int) -> None:
            channels, finish = self._groups[group]
            fir = every_fir[channels]
            spread = self._spread(x, modulation.weights[group], top - self._before, bottom - self._before)
            y = F.conv2d(spread, fir, finish.bias, padding=(0, self._before), groups=len(fir))
            finish.into(out[:, channels, top:bottom], y, None if noise is None else noise[:, :, top:bottom])

        return _in_pieces(out, make, len(self._groups), modulation.weight_bytes)

    def _spread(self, x: Tensor, weight: Tensor, first: int, end: int) -> Tensor:
        """Rows first to end - 1 of the transposed convolution, and those behind that the filter reaches.

        Row s of it sees rows (s - 1) // 2 to s // 2 of x.
        """
        end += self._taps - 1
        above = (first - 1) // 2
        rows = with_halo(x, above, (end - 1) // 2 + 1)
        spread = F.conv_transpose2d(rows, weight.transpose(0, 1), stride=2)[:, :, first - 2 * above : end - 2 * above]
        return spread if self._more is None else F.pad(spread, self._more)


def _in_pieces(out: Tensor, make: Callable[[int, int, int], None], groups: int, weight_bytes: int) -> Tensor:
    """out, once `make(group, top, bottom)` has filled the rows from top to bottom of every group of its channels."""
    strips = row_strips(out, weight_bytes)
    share([partial(make, group, *strip) for group in range(groups) for strip in strips])
    return out


def _columns(weight: Tensor) -> Tensor:
    """[O, I, k, 3] -> [2 O, I, k, 2]: even columns see two samples, odd ones only the second."""
    even, odd = weight[..., [2, 0]], F.pad(weight[..., 1:2], (1, 0))
    return _laid_out(torch.cat([even, odd]))


def _laid_out(weight: Tensor) -> Tensor:
    return weight.contiguous(memory_format=torch.channels_last)

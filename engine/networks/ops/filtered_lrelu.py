"""A non-linearity that makes no aliases (Karras et al. 2021, "Alias-Free Generative Adversarial Networks", figure 3).

The signal is brought to a higher sampling rate, where leaky ReLU's new frequencies have room, then low-pass filtered
and brought to the rate of the output. `filtered_lrelu_reference` is the obvious form that the tests compare with.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.networks.ops.upfirdn2d import Padding, upfirdn2d_reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampling:
    """Into the non-linearity and out of it."""

    up: int
    up_filter: Tensor | None
    """[taps], for both axes"""
    down: int
    down_filter: Tensor | None
    """[taps], for both axes, or [taps, taps]"""
    padding: Padding
    """samples at the higher rate; negative ones crop"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """clamp(gain lrelu(x))"""

    gain: float
    slope: float
    """1 for none"""
    clamp: float | None


def filtered_lrelu(x: Tensor, bias: Tensor, resampling: Resampling, activation: Activation) -> Tensor:
    """x: [N, C, H, W], bias: [C] -> [N, C, H', W'] with H' = ((H up + padding - taps + 1) - taps) // down + 1."""
    x = x + bias.to(x.dtype)[None, :, None, None]
    x = _up(x, resampling)
    x = _activated(x, activation)
    return _down(x, resampling)


def _activated(x: Tensor, activation: Activation) -> Tensor:
    """In place, for this is the largest map there is: a gigabyte at 1024 pixels."""
    if activation.slope != 1:
        x = F.leaky_relu(x, activation.slope, inplace=True)
    if activation.gain != 1:
        x = x.mul_(activation.gain)
    return x if activation.clamp is None else x.clamp_(-activation.clamp, activation.clamp)


def _up(x: Tensor, resampling: Resampling) -> Tensor:
    """Insert up - 1 zeros after each sample, pad, convolve, with brightness kept.

    Along each axis output m = up q + r meets only every up-th tap, from tap (first - r) mod up on, and of the input the
    samples from q + ceil((r - first) / up) on. So each pair of remainders is a short convolution of its own, and no
    zero is multiplied.
    """
    (first, last), up, taps = resampling.padding, resampling.up, resampling.up_filter
    if taps is None:
        assert up == 1, "samples can only be put in with a filter"
        return F.pad(x, (first, last, first, last))
    turned = taps.to(x.dtype).flip(0) * up
    phases = [(turned[(first - r) % up :: up], -((first - r) // up)) for r in range(up)]
    height, width = (size * up + first + last - len(taps) + 1 for size in x.shape[2:])
    rows, columns = -(-height // up), -(-width // up)  # of each phase
    lowest = min(start for _, start in phases)
    reach = max(start + len(own) for own, start in phases) - 1
    x = F.pad(x, (-lowest, columns + reach - x.shape[3], -lowest, rows + reach - x.shape[2]))
    y = torch.empty_like(x[:, :, :1, :1].expand(-1, -1, rows * up, columns * up), memory_format=_memory_format(x))
    for r, (vertical, top) in enumerate(phases):
        own_rows = x.narrow(2, top - lowest, rows + len(vertical) - 1)
        for s, (horizontal, left) in enumerate(phases):
            part = own_rows.narrow(3, left - lowest, columns + len(horizontal) - 1)
            y[:, :, r::up, s::up] = _depthwise(part, vertical.outer(horizontal))
    return y[:, :, :height, :width]


def _down(x: Tensor, resampling: Resampling) -> Tensor:
    """Convolve, keep every down-th sample. One filter of two axes is faster here than one for each axis."""
    taps, step = resampling.down_filter, resampling.down
    if taps is None:
        return x[:, :, ::step, ::step]
    return _depthwise(x, _square(taps, x).flip((0, 1)), step)


def _depthwise(x: Tensor, kernel: Tensor, step: int = 1) -> Tensor:
    channels = x.shape[1]
    return F.conv2d(x, kernel.to(x.dtype).expand(channels, 1, *kernel.shape), stride=step, groups=channels)


def _memory_format(x: Tensor) -> torch.memory_format:
    channels_last = x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous()
    return torch.channels_last if channels_last else torch.contiguous_format


def filtered_lrelu_reference(x: Tensor, bias: Tensor, resampling: Resampling, activation: Activation) -> Tensor:
    """`filtered_lrelu`, one step after the other, with filters of two axes."""
    x = x + bias[None, :, None, None]
    x = upfirdn2d_reference(
        x, _square(resampling.up_filter, x), up=resampling.up, padding=resampling.padding, gain=resampling.up**2
    )
    x = F.leaky_relu(x, activation.slope) * activation.gain
    if activation.clamp is not None:
        x = x.clamp(-activation.clamp, activation.clamp)
    return upfirdn2d_reference(x, _square(resampling.down_filter, x), down=resampling.down)


def _square(taps: Tensor | None, x: Tensor) -> Tensor:
    if taps is None:
        return x.new_ones(1, 1)
    return taps.outer(taps) if taps.ndim == 1 else taps

"""A layer's convolution as plain torch does it, all rows at once: for float32, and for every device but a CPU."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.inference.fast.finish import Finish
from engine.inference.fast.modulation import Modulation


class WholeConvolution:
    """A 'same' 3x3 convolution and what follows it."""

    def __init__(self, finish: Finish) -> None:
        self._finish = finish

    def prepare(self, weight: Tensor) -> tuple[Tensor, ...]:
        """[O, I, 3, 3] as this convolution wants it."""
        return (weight.contiguous(memory_format=torch.channels_last),)

    def __call__(self, x: Tensor, modulation: Modulation, noise: Tensor | None) -> Tensor:
        """x: [1, I, r, r], noise: [1, 1, r, r] -> [1, O, r, r], new."""
        y = F.conv2d(modulation.styled(x, _times), modulation.weights[0], padding=1)
        if modulation.scale is not None:
            y.mul_(modulation.scale[:, None, None])
        return self._finish.in_place(y, noise)


class WholeUpConvolution:
    """A transposed convolution, then the low-pass filter for each channel, and what follows."""

    def __init__(self, finish: Finish, kernel: Tensor) -> None:
        """kernel: [h, w], as `make_filter` gives it."""
        self._finish = finish
        taps, channels = kernel.shape[0], len(finish.bias)
        before, after = (taps + 1) // 2 - 1, (taps - 2) // 2  # less what the transposed convolution adds
        self._padding = (before, after, before, after)
        self._fir = (4.0 * kernel).flip((0, 1)).expand(channels, 1, *kernel.shape).to(finish.bias.dtype)

    def prepare(self, weight: Tensor) -> tuple[Tensor, ...]:
        """[O, I, 3, 3] as this convolution wants it: channels last the other way round, see `__call__`.

        Any other order is brought into this one for every picture, which takes longer than the multiplications.
        """
        return (weight.transpose(0, 1).contiguous(memory_format=torch.channels_last).transpose(0, 1),)

    def __call__(self, x: Tensor, modulation: Modulation, noise: Tensor | None) -> Tensor:
        """x: [1, I, r/2, r/2], noise: [1, 1, r, r] -> [1, O, r, r], new."""
        x, scale = modulation.styled(x, _times), modulation.scale
        spread = F.conv_transpose2d(x, modulation.weights[0].transpose(0, 1), stride=2)
        fir = self._fir if scale is None else self._fir * scale[:, None, None, None]
        before, after = self._padding[:2]
        if before == after >= 0:
            y = F.conv2d(spread, fir, padding=before, groups=len(fir))
        else:
            y = F.conv2d(F.pad(spread, self._padding), fir, groups=len(fir))
        return self._finish.in_place(y, noise)


def _times(x: Tensor, styles: Tensor) -> Tensor:
    return x * styles[:, None, None]

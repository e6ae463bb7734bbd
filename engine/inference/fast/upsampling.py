"""Up-sampling by two of the picture that the blocks add up to. Knows nothing of layers."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


class PictureUpsampler:
    """`upsample2d` for pictures of few channels, as one dense convolution with a small kernel for each phase.

    Output sample 2i + a only sees every second tap of the filter, which one depends on a: four small kernels at the
    low resolution instead of one big one among inserted zeros (StyleGAN2 paper, appendix B).
    """

    def __init__(self, kernel: Tensor, channels: int) -> None:
        """kernel: [h, w], as `make_filter` gives it."""
        rows, self._top, self._bottom = _phases(kernel.shape[0])
        columns, self._left, self._right = _phases(kernel.shape[1])
        phases = 4.0 * torch.einsum("aih,bjw,hw->abij", rows.to(kernel), columns.to(kernel), kernel)
        weight = phases.new_zeros(channels, 2, 2, channels, *phases.shape[2:])
        for channel in range(channels):
            weight[channel, :, :, channel] = phases
        self._weight = weight.flatten(0, 2)  # [4 C, C, k, k]; pixel_shuffle takes channel, row phase, column phase

    def __call__(self, img: Tensor) -> Tensor:
        """[1, C, H, W] -> [1, C, 2H, 2W]."""
        padded = F.pad(img, (self._left, self._right, self._top, self._bottom))
        return F.pixel_shuffle(F.conv2d(padded, self._weight), 2)


def _phases(taps: int) -> tuple[Tensor, int, int]:
    """Which tap each of the two phases applies to which neighbour: 0/1 of [phase, neighbour, tap]; the padding.

    Zeros are inserted after each sample, (taps + 1) // 2 are put in front, and the filter is turned around: output
    2i + a sees sample i + (a + t - before) / 2 through tap taps - 1 - t, where that is a whole number.
    """
    before = (taps + 1) // 2
    seen = [(a, (a + t - before) // 2, taps - 1 - t) for a in (0, 1) for t in range(taps) if (a + t - before) % 2 == 0]
    first, last = min(offset for _, offset, _ in seen), max(offset for _, offset, _ in seen)
    places = torch.zeros(2, last - first + 1, taps)
    for phase, offset, tap in seen:
        places[phase, offset - first, tap] = 1.0
    return places, -first, last


class UpConvolution:
    """`conv2d_up2` for 3x3 weights: a transposed convolution, then the low-pass filter for each channel."""

    def __init__(self, kernel: Tensor, channels: int, dtype: torch.dtype) -> None:
        """kernel: [h, w], as `make_filter` gives it; channels: of the output."""
        taps = kernel.shape[0]
        before, after = (taps + 1) // 2 - 1, (taps - 2) // 2
        self._same = before == after
        self._padding = (before, after, before, after)
        flipped = (4.0 * kernel).flip((0, 1)).to(dtype)
        self._fir = flipped.expand(channels, 1, *kernel.shape).contiguous()

    def __call__(self, x: Tensor, weight: Tensor) -> Tensor:
        """x: [1, I, r, r], weight: [O, I, 3, 3] -> [1, O, 2r, 2r], a new tensor."""
        spread = F.conv_transpose2d(x, weight.transpose(0, 1), stride=2)
        if self._same and self._padding[0] >= 0:
            return F.conv2d(spread, self._fir, padding=self._padding[0], groups=len(self._fir))
        return F.conv2d(F.pad(spread, self._padding), self._fir, groups=len(self._fir))

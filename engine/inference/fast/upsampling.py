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

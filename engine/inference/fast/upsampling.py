"""Up-sampling by two of the picture that the blocks add up to. Knows nothing of layers."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.inference.fast.rows import as_rows, with_halo


class PictureUpsampler:
    """`upsample2d` for pictures of few channels, as a dense convolution with a small kernel for each phase.

    Output sample 2i + a only sees every second tap of the filter, which one depends on a: small kernels at the low
    resolution instead of a big one among inserted zeros (StyleGAN2 paper, appendix B).
    """

    def __init__(self, kernel: Tensor, channels: int) -> None:
        """kernel: [h, w], as `make_filter` gives it."""
        rows, top, bottom = _phases(kernel.shape[0])
        columns, left, right = _phases(kernel.shape[1])
        phases = 4.0 * torch.einsum("aih,bjw,hw->abij", rows.to(kernel), columns.to(kernel), kernel)
        weights = phases.new_zeros(2, 2, channels, channels, *phases.shape[2:])
        for channel in range(channels):
            weights[:, :, channel, channel] = phases
        self._weights = weights.flatten(1, 2).unbind()  # for even rows and odd ones [2 C, C, k, k], even columns first
        self._reach = (top, bottom)
        self._padding = (0, min(left, right))
        more = left - self._padding[1], right - self._padding[1]
        self._more = more if any(more) else None

    def __call__(self, img: Tensor, first: int, end: int) -> tuple[Tensor, Tensor]:
        """Rows first to end - 1 of [1, C, H, W], up-sampled: the even rows and the odd ones.

        [end - first, 2 W C] each: all channels of column after column.
        """
        rows = with_halo(img, first - self._reach[0], end + self._reach[1])
        padded = rows if self._more is None else F.pad(rows, self._more)
        even, odd = (as_rows(F.conv2d(padded, weight, padding=self._padding)) for weight in self._weights)
        return even, odd


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

"""Up-sampling with the low-pass filter inside the weights, for bf16 on a CPU, where there are few channels.

Four times the multiplications of the transposed convolution, which few channels can afford, and no pass over memory
for interleaving and for the filter. Knows nothing of styles.
"""

from __future__ import annotations

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.inference.fast.finish import Finish
from engine.inference.fast.modulation import Modulation
from engine.inference.fast.rows import channels_last, convolved_rows, row_strips, side_by_side
from engine.inference.fast.strips import FIR_TAPS
from engine.inference.fast.team import share


class FoldedUpConvolution:
    """Twice the height and width: each of the four output phases is a 3x3 convolution of its own.

    A transposed convolution of three taps and a filter of four are one transposed convolution of six, of which an
    output sees every second tap: the even ones or the odd ones, in rows and in columns.
    """

    def __init__(self, finish: Finish, kernel: Tensor) -> None:
        """kernel: [4, 4]"""
        assert kernel.shape == (FIR_TAPS, FIR_TAPS)
        self._finish = finish
        self._kernel = kernel

    def prepare(self, weight: Tensor) -> tuple[Tensor, ...]:
        """[O, I, 3, 3] -> for even rows and for odd rows [2 O, I, 3, 3], even columns first."""
        outputs, inputs = weight.shape[:2]
        fir = (4.0 * self._kernel).flip((0, 1))[None, None].to(weight)
        six = F.conv2d(F.pad(weight.reshape(-1, 1, 3, 3), (3, 3, 3, 3)), fir).view(outputs, inputs, 6, 6)
        phases = [torch.cat([six[:, :, _taps(row)][..., _taps(column)] for column in (0, 1)]) for row in (0, 1)]
        return tuple(phase.contiguous(memory_format=torch.channels_last) for phase in phases)

    def __call__(self, x: Tensor, modulation: Modulation, noise: Tensor | None) -> Tensor:
        """x: [1, I, r/2, r/2], noise: [1, 1, r, r] -> [1, O, r, r], new."""
        assert modulation.scale is None  # where weights are so much smaller than activations, all is in the weights
        assert modulation.styles is None
        finish, size = self._finish, 2 * x.shape[2]
        bias = finish.bias.repeat(2)
        out = channels_last(x, len(finish.bias), size, size)

        def make(top: int, bottom: int) -> None:
            for phase, weight in enumerate(modulation.weights):
                y = side_by_side(convolved_rows(x, weight, bias, (top // 2, bottom // 2)))
                every_second = slice(top + phase, bottom, 2)
                finish.into(out[:, :, every_second], y, None if noise is None else noise[:, :, every_second])

        share([partial(make, *strip) for strip in row_strips(out)])
        return out


def _taps(phase: int) -> list[int]:
    """Which of the six taps an output of this phase applies to the sample before, at and behind its own."""
    return [phase + 4, phase + 2, phase]

"""Linear maps of pictures that the augmentations are made of: sampling at points, resampling along the axes.

All of them are differentiable twice with respect to the picture, because R1 differentiates a gradient that passed
through them. Along the axes a map is a small matrix, which keeps reflection, filtering and resampling in one place
and runs as a matrix product.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.training.augment.wavelets import SYM6, octave_bands, reflected

FINE_CENTRE = float(np.arange(len(SYM6)) @ SYM6 / np.sum(SYM6))
"""Where sample 0 of a picture comes to lie in `upsampling_matrix`: the centre of mass of the filter."""
BILINEAR, BORDER = 0, 1  # numbers of torch's modes


def sample_bilinear(images: Tensor, points: Tensor) -> Tensor:
    """images [N, C, H, W] at points [N, h, w, 2], which are (x, y) with -1 and 1 at the outermost samples.

    Returns [N, C, h, w]; differentiable any number of times with respect to images, not to points.
    """
    result: Tensor = _Sample.apply(images, points)
    return result


class _Sample(torch.autograd.Function):
    """Sampling is linear in the picture: its gradient is the adjoint map, and the adjoint's is sampling again. Not
    every version of torch, and not on every device, differentiates its own gradient of grid_sample."""

    @staticmethod
    def forward(ctx: Any, images: Tensor, points: Tensor) -> Tensor:
        ctx.save_for_backward(points)
        ctx.shape = images.shape
        return F.grid_sample(images, points, mode="bilinear", padding_mode="border", align_corners=True)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        (points,) = ctx.saved_tensors
        return _Spread.apply(grad, points, ctx.shape), None


class _Spread(torch.autograd.Function):
    """The adjoint of `_Sample`: each value is added to the samples around its point."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, points: Tensor, shape: torch.Size) -> Tensor:
        ctx.save_for_backward(points)
        only_the_shape = values.new_empty(shape)
        spread, _ = torch.ops.aten.grid_sampler_2d_backward(
            values.contiguous(), only_the_shape, points, BILINEAR, BORDER, True, [True, False]
        )
        result: Tensor = spread
        return result

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        (points,) = ctx.saved_tensors
        return _Sample.apply(grad, points), None, None


def along_both_axes(matrix: Tensor, images: Tensor) -> Tensor:
    """M X M^T for each channel: [N, C, W, W] -> [N, C, h, h]; matrix: [h, W], or one for each picture [N, 1, h, W]."""
    return (matrix @ images) @ matrix.transpose(-1, -2)


@lru_cache(maxsize=8)
def upsampling_matrix(size: int, device: torch.device, dtype: torch.dtype) -> Tensor:
    """From `size` samples to twice as many in each unit, over one period of the signal: [4 size - 3, size].

    A signal that is mirrored at both ends without end repeats after 2 (size - 1) samples, so one period holds
    reflection padding of any width. The last row repeats the first. Fine sample j lies at (j - FINE_CENTRE) / 2.
    """
    rows = 4 * (size - 1)
    matrix = np.zeros((rows + 1, size))
    for tap, value in enumerate(SYM6):
        fine = np.arange(tap % 2, rows, 2)
        np.add.at(matrix, (fine, reflected((fine - tap) // 2, size)), np.sqrt(2) * value)
    matrix[rows] = matrix[0]
    return torch.from_numpy(matrix).to(device=device, dtype=dtype)


@lru_cache(maxsize=8)
def downsampling_matrix(size: int, device: torch.device, dtype: torch.dtype) -> Tensor:
    """From the fine samples 0 to 2 size + 9 back to `size` samples: [size, 2 size + 10].

    It is the adjoint of up-sampling, by half; because the wavelet is orthogonal, down after up changes nothing.
    """
    matrix = np.zeros((size, 2 * size + len(SYM6) - 2))
    for tap, value in enumerate(SYM6):
        coarse = np.arange(size)
        matrix[coarse, 2 * coarse + tap] = value / np.sqrt(2)
    return torch.from_numpy(matrix).to(device=device, dtype=dtype)


@lru_cache(maxsize=8)
def band_matrices(size: int, device: torch.device, dtype: torch.dtype) -> Tensor:
    """The four filters of `octave_bands` on `size` samples that are mirrored at both ends: [4, size, size]."""
    bands = octave_bands()
    matrices = np.zeros((len(bands), size, size))
    centre = bands.shape[1] // 2
    rows = np.arange(size)
    for tap in range(bands.shape[1]):
        columns = reflected(rows + tap - centre, size)
        for band, filters in enumerate(bands):
            matrices[band, rows, columns] += filters[tap]
    return torch.from_numpy(matrices).to(device=device, dtype=dtype)

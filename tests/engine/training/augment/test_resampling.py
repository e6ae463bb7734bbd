"""The linear maps against padding and filtering step by step, and their derivatives."""

import numpy as np
import pytest
import torch

from engine.training.augment.resampling import (
    along_both_axes,
    band_matrices,
    downsampling_matrix,
    sample_bilinear,
    upsampling_matrix,
)
from engine.training.augment.wavelets import SYM6, octave_bands

CPU = torch.device("cpu")


def points_beyond_the_edge(*shape):
    return torch.rand(*shape, 2, dtype=torch.float64) * 2.4 - 1.2


def test_sampling_has_first_and_second_derivatives():
    torch.manual_seed(0)
    images = torch.randn(2, 2, 5, 4, dtype=torch.float64, requires_grad=True)
    points = points_beyond_the_edge(2, 3, 6)
    assert torch.autograd.gradcheck(lambda x: sample_bilinear(x, points), (images,))
    assert torch.autograd.gradgradcheck(lambda x: sample_bilinear(x, points).square(), (images,))


def test_sampling_gives_the_values_at_samples_and_their_means_between():
    images = torch.arange(12.0).reshape(1, 1, 3, 4)
    corners = torch.tensor([[[[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [0.0, 0.0]]]])
    assert sample_bilinear(images, corners).flatten().tolist() == [0.0, 3.0, 8.0, 11.0, 5.5]


@pytest.mark.parametrize("size", [4, 8, 32])
def test_down_after_up_changes_nothing(size):
    up = upsampling_matrix(size, CPU, torch.float64)
    around = torch.cat([up[:-1]] * 2)  # the down-sampling reads a little beyond one period
    down = downsampling_matrix(size, CPU, torch.float64)
    there_and_back = down @ around[: down.shape[1]]
    torch.testing.assert_close(there_and_back, torch.eye(size, dtype=torch.float64), atol=1e-12, rtol=0)


@pytest.mark.parametrize("size", [4, 16])
def test_upsampling_is_padding_then_zeros_then_the_filter(size):
    signal = np.random.RandomState(0).randn(size)
    pad = 5 * size
    padded = np.pad(signal, pad, mode="reflect")
    with_zeros = np.zeros(2 * len(padded))
    with_zeros[::2] = padded
    expected = np.sqrt(2) * np.convolve(with_zeros, SYM6)[2 * pad : 2 * pad + 4 * size - 3]
    got = upsampling_matrix(size, CPU, torch.float64).numpy() @ signal
    np.testing.assert_allclose(got, expected, atol=1e-12)


@pytest.mark.parametrize("size", [4, 8, 64])
def test_band_matrices_are_padding_then_the_filter(size):
    signal = np.random.RandomState(0).randn(size)
    bands = octave_bands()
    padded = np.pad(signal, bands.shape[1] // 2, mode="reflect")
    expected = [np.convolve(padded, band, mode="valid") for band in bands]
    np.testing.assert_allclose(band_matrices(size, CPU, torch.float64).numpy() @ signal, expected, atol=1e-12)


def test_along_both_axes_is_rows_and_columns():
    torch.manual_seed(0)
    matrix, images = torch.randn(5, 3, dtype=torch.float64), torch.randn(2, 2, 3, 3, dtype=torch.float64)
    expected = torch.einsum("iy,jx,ncyx->ncij", matrix, matrix, images)
    torch.testing.assert_close(along_both_axes(matrix, images), expected)

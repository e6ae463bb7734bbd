"""Noise and cutout by their statistics."""

import math

import numpy as np
import pytest
import torch

from engine.training.augment.config import AugmentConfig
from engine.training.augment.corruption import add_noise, cut_out, square_hole
from tests.engine.training.augment.recorded import RecordedDraws, binomial_bound

CONFIG = AugmentConfig.named("bgcfnc")


@pytest.mark.parametrize("p", [0.2, 1.0])
def test_noise_is_normal_with_a_half_normal_deviation(p):
    count = 4000
    images = torch.zeros(count, 3, 8, 8)
    noisy = add_noise(images, CONFIG, RecordedDraws(count, p)).double().numpy()
    changed = (noisy != 0).any(axis=(1, 2, 3))
    assert abs(changed.mean() - p) < binomial_bound(p, count)
    noise = noisy[changed]
    deviation = noise.std(axis=(1, 2, 3))
    several = 5 / math.sqrt(len(noise))
    assert deviation.mean() == pytest.approx(0.1 * math.sqrt(2 / math.pi), rel=several)
    assert (deviation**2).mean() == pytest.approx(0.01, rel=several * math.sqrt(2))
    standard = noise / deviation[:, None, None, None]
    assert abs(standard.mean()) < 5 / math.sqrt(standard.size)
    assert (standard**4).mean() == pytest.approx(3, abs=0.1)
    assert abs((standard[:, 0] * standard[:, 1]).mean()) < 0.01  # channels apart
    assert abs((standard[:, :, 1:] * standard[:, :, :-1]).mean()) < 0.01  # neighbours apart


@pytest.mark.parametrize("p", [0.2, 1.0])
def test_cutout_is_a_square_around_a_uniform_centre(p):
    count, size = 20000, 16
    cut = cut_out(torch.ones(count, 1, size, size), CONFIG, RecordedDraws(count, p))[:, 0].numpy()
    assert set(np.unique(cut)) == {0.0, 1.0}
    hole = cut == 0
    assert abs(hole.any(axis=(1, 2)).mean() - p) < binomial_bound(p, count)
    # How often a pixel is cut: its middle is within a quarter of a centre that is uniform in [0, 1].
    middle = (np.arange(size) + 0.5) / size
    along = np.minimum(middle + 0.25, 1) - np.maximum(middle - 0.25, 0)
    expected = p * np.outer(along, along)
    assert np.abs(hole.mean(axis=0) - expected).max() < binomial_bound(0.25, count)
    rows, columns = hole.any(axis=2), hole.any(axis=1)
    np.testing.assert_array_equal(hole, rows[:, :, None] & columns[:, None, :])  # a rectangle
    assert rows.sum(axis=1).max() == columns.sum(axis=1).max() == size // 2


def test_a_hole_is_where_its_numbers_say():
    hole = square_hole(torch.tensor([[0.25, 0.5]], dtype=torch.float64), 0.5, 8)[0, 0]
    expected = torch.zeros(8, 8, dtype=torch.bool)
    expected[2:6, 0:4] = True
    assert torch.equal(hole, expected)


def test_cutout_keeps_the_bits_of_the_rest():
    images = torch.randn(64, 3, 8, 8)
    cut = cut_out(images, CONFIG, RecordedDraws(64))
    kept = cut != 0
    assert torch.equal(cut[kept], images[kept])
    assert kept.any()
    assert (~kept).any()

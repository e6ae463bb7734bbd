"""DiffAugment against the paper's description, by statistics and on single pictures."""

import numpy as np
import pytest
import torch

from engine.training.augment.config import DiffAugmentConfig
from engine.training.diffaugment import DiffAugment
from tests.engine.training.augment.recorded import binomial_bound


def augmented(images, *operations, p=1.0, seed=0):
    return DiffAugment(DiffAugmentConfig(operations=operations))(images, p, torch.Generator().manual_seed(seed))


def test_colour_is_brightness_then_saturation_then_contrast():
    """Solves for the three numbers from the result: the picture is linear in what they do."""
    count = 5000
    torch.manual_seed(0)
    images = torch.randn(1, 3, 4, 4, dtype=torch.float64).repeat(count, 1, 1, 1)
    got = augmented(images, "color").numpy()
    old = images.numpy()
    grey, new_grey = old.mean(axis=1), got.mean(axis=1)  # [N, 4, 4]
    mean, new_mean = grey.mean(axis=(1, 2)), new_grey.mean(axis=(1, 2))
    offset = new_mean - mean  # contrast keeps the mean, saturation the grey
    contrast = (new_grey[:, 0, 0] - new_mean) / (grey[:, 0, 0] - mean)
    both = (got[:, 0, 0, 0] - new_grey[:, 0, 0]) / (old[:, 0, 0, 0] - grey[:, 0, 0])
    saturation = both / contrast
    for numbers, low, high in ((offset, -0.5, 0.5), (saturation, 0, 2), (contrast, 0.5, 1.5)):
        assert numbers.min() >= low - 1e-9
        assert numbers.max() <= high + 1e-9
        quarters = np.histogram(numbers, bins=4, range=(low - 1e-9, high + 1e-9))[0] / count
        np.testing.assert_allclose(quarters, 0.25, atol=binomial_bound(0.25, count))
    rebuilt = old + offset[:, None, None, None]
    luma = rebuilt.mean(axis=1, keepdims=True)
    rebuilt = (rebuilt - luma) * saturation[:, None, None, None] + luma
    centre = rebuilt.mean(axis=(1, 2, 3), keepdims=True)
    np.testing.assert_allclose(got, (rebuilt - centre) * contrast[:, None, None, None] + centre, atol=1e-9)


def test_translation_is_whole_pixels_with_zeros_behind():
    count, size = 4000, 16
    image = torch.randn(1, 3, size, size)
    got = augmented(image.repeat(count, 1, 1, 1), "translation")
    padded = torch.nn.functional.pad(image, (2, 2, 2, 2))
    seen = np.zeros((5, 5))
    for y in range(5):
        for x in range(5):
            shifted = padded[:, :, y : y + size, x : x + size]
            seen[y, x] = (got == shifted).all(dim=3).all(dim=2).all(dim=1).sum()
    assert seen.sum() == count
    np.testing.assert_allclose(seen / count, 1 / 25, atol=binomial_bound(1 / 25, count))


@pytest.mark.parametrize("p", [0.3, 1.0])
def test_cutout_and_p(p):
    count = 10000
    got = augmented(torch.ones(count, 1, 8, 8), "cutout", p=p)
    hit = (got == 0).any(dim=3).any(dim=2).any(dim=1).double().mean()
    assert abs(hit - p) < binomial_bound(p, count)
    middle = (got[:, 0, 3, 3] == 0).double().mean()  # a pixel in the middle is cut by a quarter of the centres
    assert abs(middle - p / 4) < binomial_bound(p / 4, count)


def test_colour_leaves_alpha():
    images = torch.randn(4, 4, 8, 8)
    got = augmented(images, "color")
    assert torch.equal(got[:, 3], images[:, 3])
    assert torch.equal(got[:, :3], augmented(images[:, :3], "color"))


def test_an_image_that_nothing_happens_to_keeps_its_bits():
    count, p = 4000, 0.4
    images = torch.randn(count, 3, 8, 8)
    same = (augmented(images, "color", "cutout", p=p) == images).all(dim=3).all(dim=2).all(dim=1).double().mean()
    assert abs(same - 0.36) < binomial_bound(0.36, count)

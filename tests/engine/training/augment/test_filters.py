"""Band gains, measured with a Fourier transform on waves."""

import math

import numpy as np
import pytest
import torch

from engine.training.augment.config import AugmentConfig
from engine.training.augment.filters import draw_gains, filter_bands
from tests.engine.training.augment.recorded import RecordedDraws, binomial_bound

EVERY = torch.tensor([True])
GAINS = torch.tensor([[1.5, 0.4, 2.0, 0.7]], dtype=torch.float64)


def closed_form(w):
    """The gain at frequency w: the half band filter of two vanishing moments is cos^4(w/2) (1 + 2 sin^2(w/2))."""

    def low(w):
        return math.cos(w / 2) ** 4 * (1 + 2 * math.sin(w / 2) ** 2)

    responses = (
        low(w) * low(2 * w) * low(4 * w),
        low(w) * low(2 * w) * (1 - low(4 * w)),
        low(w) * (1 - low(2 * w)),
        1 - low(w),
    )
    return sum(gain * response for gain, response in zip(GAINS[0].tolist(), responses, strict=True))


@pytest.mark.parametrize("cycles", [(0, 0), (2, 0), (0, 6), (12, 0), (24, 24), (32, 0), (3, 17)])
def test_a_wave_is_multiplied_by_the_gains_of_its_two_frequencies(cycles):
    """Looks at 64 pixels in the middle, where no edge is felt, of which a wave takes whole cycles."""
    x = np.arange(128)
    wave = [np.cos(2 * math.pi * count * x / 64) for count in cycles]
    image = torch.from_numpy(np.outer(wave[1], wave[0]))[None, None]
    middle = filter_bands(image, GAINS, EVERY)[0, 0, 32:96, 32:96].numpy()
    before = np.fft.rfft2(image[0, 0, 32:96, 32:96].numpy())
    after = np.fft.rfft2(middle)
    at = (cycles[1], cycles[0])
    expected = math.prod(closed_form(2 * math.pi * count / 64) for count in cycles)
    assert (after[at] / before[at]).real == pytest.approx(expected, abs=1e-9)
    np.testing.assert_allclose(after, before * expected, atol=1e-8)  # and no other frequency appears


def test_edges_are_mirrored():
    """cos(pi k x / (W - 1)) goes on smoothly in the mirror, so the gain holds up to the edge."""
    wave = np.cos(math.pi * 5 * np.arange(16) / 15)
    image = torch.from_numpy(np.tile(wave, (16, 1)))[None, None]
    expected = closed_form(math.pi * 5 / 15) * closed_form(0) * wave
    np.testing.assert_allclose(filter_bands(image, GAINS, EVERY)[0, 0], np.tile(expected, (16, 1)), atol=1e-9)


def test_gains_of_one_leave_the_picture():
    image = torch.randn(1, 3, 32, 32, dtype=torch.float64)
    torch.testing.assert_close(filter_bands(image, torch.ones(1, 4, dtype=torch.float64), EVERY), image)


@pytest.mark.parametrize("p", [0.3, 1.0])
def test_gains_follow_the_paper(p):
    count = 5000
    draws = RecordedDraws(count, p)
    gains, changed = draw_gains(AugmentConfig.named("filter"), draws)
    (_, coins), (octaves,) = draws.coins[0], draws.log
    assert abs(coins.double().mean() - p) < binomial_bound(p, coins.numel())
    assert abs(octaves.std() - 1) < 5 / math.sqrt(2 * octaves.size)
    np.testing.assert_array_equal(changed, coins.any(dim=1))
    power = np.array([10, 1, 1, 1]) / 13
    for index in range(100):
        expected = np.ones(4)
        for band in range(4):
            if coins[index, band]:
                step = np.ones(4)
                step[band] = 2 ** octaves[index, band]
                expected = expected * step / math.sqrt(power @ step**2)
        np.testing.assert_allclose(gains[index], expected, rtol=1e-12)
    single = coins.sum(dim=1) == 1
    if single.any():
        np.testing.assert_allclose((gains[single].numpy() ** 2) @ power, 1, rtol=1e-12)

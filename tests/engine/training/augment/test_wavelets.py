"""The wavelets against their derivation, the octave bands against the closed form of their response."""

import itertools
import math

import numpy as np
import pytest

from engine.training.augment.wavelets import SYM2, SYM6, octave_bands, reflected


def daubechies_filters(moments):
    """Every orthogonal low-pass filter of 2 * moments taps with that many zeros at pi, by spectral factorization.

    |H|^2 = 2 cos^2N(w/2) P(sin^2(w/2)) with P(y) = sum of binomial(N-1+k, k) y^k. Each root y gives a pair of roots
    z, 1/z with y = (2 - z - 1/z) / 4, of which the filter gets one; conjugates go together.
    """
    roots = np.roots([math.comb(moments - 1 + k, k) for k in reversed(range(moments))])
    pairs = [np.roots([1, 4 * y - 2, 1]) for y in roots if y.imag > -1e-9]
    for pick in itertools.product((0, 1), repeat=len(pairs)):
        taps = np.poly([-1.0] * moments)
        for which, pair in zip(pick, pairs, strict=True):
            z = pair[which]
            factor = [1, -z.real] if abs(z.imag) < 1e-9 else [1, -2 * z.real, abs(z) ** 2]
            taps = np.convolve(taps, factor)
        yield taps * math.sqrt(2) / taps.sum()


def asymmetry(taps):
    """How far the phase is from the best straight line."""
    frequencies = np.linspace(0.01, 3.1, 400)
    phase = np.unwrap(np.angle(np.exp(-1j * np.outer(frequencies, np.arange(len(taps)))) @ taps))
    slope = frequencies @ phase / (frequencies @ frequencies)
    return np.abs(phase - slope * frequencies).max()


@pytest.mark.parametrize(("taps", "moments"), [(SYM2, 2), (SYM6, 6)])
def test_taps_are_the_least_asymmetric_factorization(taps, moments):
    least = min(daubechies_filters(moments), key=asymmetry)
    difference = min(np.abs(least - taps).max(), np.abs(least[::-1] - taps).max())  # turned around is as symmetric
    assert difference < 1e-10


@pytest.mark.parametrize("taps", [SYM2, SYM6])
def test_taps_are_orthogonal_to_their_even_shifts(taps):
    correlation = np.correlate(taps, taps, "full")[len(taps) - 1 :: 2]
    np.testing.assert_allclose(correlation, np.eye(len(correlation))[0], atol=1e-12)


def test_octave_bands_have_the_response_of_products_of_half_bands():
    """|H|^2 / 2 of two vanishing moments is cos^4(w/2) (1 + 2 sin^2(w/2))."""

    def low(w):
        return np.cos(w / 2) ** 4 * (1 + 2 * np.sin(w / 2) ** 2)

    w = np.linspace(0, np.pi, 101)
    expected = [
        low(w) * low(2 * w) * low(4 * w),
        low(w) * low(2 * w) * (1 - low(4 * w)),
        low(w) * (1 - low(2 * w)),
        1 - low(w),
    ]
    bands = octave_bands()
    offsets = np.arange(bands.shape[1]) - bands.shape[1] // 2
    response = bands @ np.exp(-1j * np.outer(offsets, w))
    np.testing.assert_allclose(response.imag, 0, atol=1e-12)
    np.testing.assert_allclose(response.real, expected, atol=1e-10)
    for band, centre in enumerate(np.pi * np.array([1 / 16, 3 / 16, 3 / 8, 3 / 4])):
        assert response.real[:, np.abs(w - centre).argmin()].argmax() == band
    np.testing.assert_allclose(bands.sum(axis=0), offsets == 0, atol=1e-15)


def test_reflection_is_that_of_numpy():
    np.testing.assert_array_equal(reflected(np.arange(-20, 25), 5), np.pad(np.arange(5), (20, 20), mode="reflect"))

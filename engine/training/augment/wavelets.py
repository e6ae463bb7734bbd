"""The orthogonal wavelet filters that the augmentations resample and filter with. Knows nothing of torch.

The taps are the least asymmetric wavelets of Daubechies (Ten Lectures on Wavelets, sections 6.4 and 8.1) with 2 and
6 vanishing moments: low-pass, summing to sqrt 2, orthogonal to themselves shifted by 2. They follow from a
spectral factorization, which the tests repeat.
"""

from __future__ import annotations

import numpy as np

SYM2 = (0.48296291314453, 0.83651630373781, 0.22414386804201, -0.12940952255126)
SYM6 = (
    -0.00780070832503,
    0.00176771186425,
    0.04472490177078,
    -0.02106029251237,
    -0.07263752278638,
    0.33792942172817,
    0.78764114102865,
    0.49105594192797,
    -0.04831174258570,
    -0.11799011114852,
    0.00349071208422,
    0.01540410932704,
)


def octave_bands() -> np.ndarray:
    """Four symmetric filters that sum to the identity and pass one octave each: float64 [4, 43].

    Band 0 is [0, pi/8], then [pi/8, pi/4], [pi/4, pi/2] and [pi/2, pi] (StyleGAN2-ADA paper, appendix B). With
    P(z) = H(z) H(1/z) / 2 for the low-pass filter H and Q = 1 - P for the high-pass one, the highest band is Q(z),
    the next one P(z) Q(z^2), then P(z) P(z^2) Q(z^4), and P(z) P(z^2) P(z^4) remains.
    """
    low = np.convolve(SYM2, SYM2[::-1]) / 2
    high = -low
    high[len(high) // 2] += 1
    bands, passed = [], np.ones(1)
    for octave in range(3):
        bands.append(np.convolve(passed, _with_zeros(high, 2**octave)))
        passed = np.convolve(passed, _with_zeros(low, 2**octave))
    bands.append(passed)
    width = len(passed)
    return np.stack([np.pad(band, (width - len(band)) // 2) for band in reversed(bands)])


def _with_zeros(taps: np.ndarray, step: int) -> np.ndarray:
    """F(z) -> F(z^step)."""
    spread = np.zeros((len(taps) - 1) * step + 1)
    spread[::step] = taps
    return spread


def reflected(index: np.ndarray, size: int) -> np.ndarray:
    """The sample 0 to size - 1 that any index shows, mirrored at the first and the last sample without end."""
    period = 2 * (size - 1)
    folded = index % period
    return np.minimum(folded, period - folded)

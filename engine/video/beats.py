"""The beats of a sound: what a foot would tap, found in its spectral flux.

The tempo is the strongest period near 120 beats a minute; the beats are the row of times that meets the strongest
changes while keeping that period (dynamic programming, Ellis 2007, "Beat tracking by dynamic programming"). NumPy
only; knows nothing of files or of films.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

USUAL_SECONDS = 0.5
"""between two beats, at 120 a minute"""
_SHORTEST, _LONGEST = 0.25, 1.5
_OCTAVES = 0.9
"""how far from the usual tempo others are still likely"""
_TIGHTNESS = 100.0
"""how much a changing tempo costs against strong changes of the sound"""
_NEAR_SECONDS = 0.06
"""A beat is where something begins to sound, if that is as near as this."""
_FEWEST = 4
_AHEAD = 8
"""parts of a sound, some 46 ms, that tell how loud it is right after"""


def strengths(flux: np.ndarray, samples: np.ndarray, hop: int) -> np.ndarray:
    """[N]: the flux, [N] with `hop` samples each, times how loud it is right after: a foot prefers loud beginnings."""
    whole = samples[: len(samples) // hop * hop].reshape(-1, hop)
    power = np.einsum("ij,ij->i", whole, whole) / hop
    ahead = np.convolve(power, np.full(_AHEAD, 1 / _AHEAD), mode="full")[_AHEAD - 1 :]
    level = np.zeros(len(flux))
    count = min(len(flux), len(ahead))
    level[:count] = np.sqrt(ahead[:count])
    return np.asarray(flux * level)


def beats(strength: np.ndarray, rate: float, onsets: Sequence[float]) -> tuple[float, ...]:
    """Seconds of the beats. strength: [N], `rate` values a second, 0 or more; onsets: seconds of beginnings.

    Of fewer than four onsets no tempo can be told: these are the beats then.
    """
    if len(onsets) < _FEWEST or strength.size < 2 * _LONGEST * rate:
        return tuple(onsets)
    strength = _softened(strength / max(float(strength.std()), 1e-9), rate)
    period = _period(strength, rate)
    found = _row(strength, period) / rate
    first, last = onsets[0] - _NEAR_SECONDS, onsets[-1] + _NEAR_SECONDS
    return tuple(_at_onset(float(time), onsets) for time in found if first <= time <= last)


def every_nth(times: Sequence[float], n: int, count: int) -> tuple[float, ...]:
    """The nth of the times after 0, the 2nth and so on, `count` of them; after the last, at their usual distance."""
    ahead = [time for time in times if time > _NEAR_SECONDS]
    gaps = [after - before for before, after in pairwise(ahead)]
    usual = float(np.median(gaps)) if gaps else USUAL_SECONDS
    while len(ahead) < n * count:
        ahead.append((ahead[-1] if ahead else 0.0) + usual)
    return tuple(ahead[n - 1 : n * count : n])


def _softened(strength: np.ndarray, rate: float) -> np.ndarray:
    """A beat that is a hundredth of a second early is one, too."""
    width = max(1, round(0.02 * rate))
    window = np.hanning(2 * width + 3)[1:-1]
    return np.convolve(strength, window / window.sum(), mode="same")


def _period(strength: np.ndarray, rate: float) -> float:
    """Values from beat to beat, a fraction of one more exactly than the lag of the correlation."""
    centred = strength - strength.mean()
    size = 2 * len(centred)
    spectrum = np.fft.rfft(centred, size)
    correlation = np.fft.irfft(spectrum * spectrum.conj(), size)[: len(centred)]
    lags = np.arange(int(_SHORTEST * rate), min(int(_LONGEST * rate), len(correlation) - 1))
    likely = np.exp(-0.5 * (np.log2(lags / (USUAL_SECONDS * rate)) / _OCTAVES) ** 2)
    best = int(lags[int(np.argmax(correlation[lags] * likely))])
    before, here, after = correlation[best - 1 : best + 2]
    bend = before - 2 * here + after
    return best + (0.5 * (before - after) / bend if bend < 0 else 0.0)


def _row(strength: np.ndarray, period: float) -> np.ndarray:
    """Numbers of the values that the beats fall on."""
    back = np.arange(-round(2 * period), -round(period / 2) + 1)
    cost = -_TIGHTNESS * np.log(-back / period) ** 2
    score, before = strength.astype(float).copy(), np.full(len(strength), -1)
    for index in range(-int(back[-1]), len(strength)):
        candidates = index + back
        reachable = candidates >= 0
        scores = score[candidates[reachable]] + cost[reachable]
        best = int(scores.argmax())
        if scores[best] > 0:
            score[index] += scores[best]
            before[index] = candidates[reachable][best]
    tail = max(0, len(score) - round(2 * period))
    index = tail + int(score[tail:].argmax())
    row = []
    while index >= 0:
        row.append(index)
        index = int(before[index])
    return np.array(row[::-1])


def _at_onset(time: float, onsets: Sequence[float]) -> float:
    nearest = onsets[int(np.abs(np.asarray(onsets) - time).argmin())]
    return nearest if abs(nearest - time) <= _NEAR_SECONDS else time

"""What a sound file holds that a film can follow: its shape, its beats, and how loud a band of it is.

FFmpeg decodes, NumPy does the rest; torch-free. Knows nothing of looks or of frames.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from engine.errors import ConfigError, DataError
from engine.video.ffmpeg import find_ffmpeg
from engine.video.moving import Modulation

RATE = 22_050
"""samples a second after decoding; beats and loudness need no more"""
BANDS = {"bass": (20.0, 150.0), "mid": (150.0, 2000.0), "treble": (2000.0, 10_000.0), "all": (20.0, 10_000.0)}
"""hertz"""
LOUDNESS_RATE = 60
"""values of a loudness a second"""
_DECODE_SECONDS = 600
_ONSET_WINDOW, _ONSET_HOP = 512, 128
_BAND_WINDOW = 2048
_BLOCK = 4096
"""windows that are transformed at once, so that an hour needs little memory"""
_SURROUNDINGS_SECONDS = 0.15
_APART_SECONDS = 0.05
_SENSITIVITY = 0.12
"""how far above its surroundings a change must rise to be a beat, as a share of the largest change"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sound:
    """A decoded sound, both ears together."""

    samples: np.ndarray
    """float32 [N], about -1 to 1, RATE a second"""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / RATE


def read_sound(path: Path) -> Sound:
    """Any file that FFmpeg takes, such as wav, mp3 or flac. Raises DataError if it holds no sound."""
    if not path.is_file():
        raise DataError(f"the sound {path} does not exist: choose another file")
    raw = ("-map", "0:a:0", "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-")
    command = [find_ffmpeg(), "-nostdin", "-hide_banner", "-loglevel", "error", "-i", str(path), *raw]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_DECODE_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DataError(f"the sound {path} could not be read ({error})") from error
    samples = np.frombuffer(done.stdout[: len(done.stdout) // 4 * 4], "<f4")
    if done.returncode != 0 or samples.size == 0:
        said = " / ".join(done.stderr.decode(errors="replace").strip().splitlines()[-2:])
        raise DataError(f"{path} holds no sound that can be read ({said or 'nothing in it'}): choose another file")
    return Sound(samples=np.nan_to_num(samples, posinf=1.0, neginf=-1.0))


def waveform(sound: Sound, columns: int, start: float = 0.0, end: float | None = None) -> np.ndarray:
    """float32 [columns, 2]: the lowest and the highest sample in each of so many equal parts of the time.

    start, end: seconds; what lies outside the sound is silence.
    """
    end = sound.seconds if end is None else end
    edges = np.round(np.linspace(start, max(start, end), columns + 1) * RATE).astype(int)
    shape = np.zeros((columns, 2), np.float32)
    for column, (first, behind) in enumerate(pairwise(edges.tolist())):
        part = sound.samples[max(0, first) : max(0, max(behind, first + 1))]
        if part.size:
            shape[column] = part.min(), part.max()
    return shape


def onsets(sound: Sound) -> tuple[float, ...]:
    """Seconds at which something begins to sound: peaks of the spectral flux (Bello et al. 2005) over surroundings."""
    flux = _spectral_flux(sound.samples)
    if flux.size == 0 or flux.max() <= 0:
        return ()
    flux = flux / flux.max()
    per_second = RATE / _ONSET_HOP
    around = max(1, round(_SURROUNDINGS_SECONDS * per_second))
    apart = max(1, round(_APART_SECONDS * per_second))
    level = np.convolve(np.pad(flux, around, mode="edge"), np.full(2 * around + 1, 1 / (2 * around + 1)), mode="valid")
    found: list[float] = []
    whole = (len(sound.samples) - _ONSET_WINDOW // 2) // _ONSET_HOP  # a sound that is cut off at its end clicks there
    for index in np.flatnonzero(flux[:whole] > level[:whole] + _SENSITIVITY).tolist():
        first = max(0, index - apart)
        near = flux[first : index + apart + 1]
        if index == first + int(near.argmax()):
            found.append(index * _ONSET_HOP / RATE)
    return tuple(found)


def loudness(sound: Sound, low: float, high: float, *, smoothing: float = 0.1) -> tuple[float, ...]:
    """LOUDNESS_RATE values a second, 0 to 1: the level of the band from low to high hertz, 1 at its loud places.

    smoothing: seconds over which it is averaged.
    """
    if not 0 <= low < high:
        raise ConfigError(f"a band goes from a low to a higher frequency, not from {low:g} to {high:g} hertz")
    hop = RATE / LOUDNESS_RATE
    frequencies = np.fft.rfftfreq(_BAND_WINDOW, 1 / RATE)
    inside = (frequencies >= low) & (frequencies < high)
    blocks = [np.sqrt((magnitudes[:, inside] ** 2).sum(axis=1)) for magnitudes in _spectra(sound.samples, hop)]
    level = np.concatenate(blocks) if blocks else np.zeros(0)
    width = max(1, round(smoothing * LOUDNESS_RATE))
    window = np.hanning(width + 2)[1:-1]
    level = np.convolve(level, window / window.sum(), mode="same")[: len(level)]
    loud = np.percentile(level, 98) if level.size else 0.0
    if loud <= 0:
        return (0.0,) * len(level)
    return tuple(np.round(np.clip(level / loud, 0, 1), 4).tolist())


def driven_by(sound: Sound, target: str, band: str, amount: float, start: float = 0.0) -> Modulation:
    """The loudness of a band (a name of BANDS, or hertz like 40-120) drives a control. Raises ConfigError.

    start: seconds into the sound at which the film begins.
    """
    low, high = _band(band)
    values = loudness(sound, low, high)
    return Modulation(target=target, amount=amount, rate=LOUDNESS_RATE, values=values[round(start * LOUDNESS_RATE) :])


def _band(text: str) -> tuple[float, float]:
    if text in BANDS:
        return BANDS[text]
    low, dash, high = text.partition("-")
    try:
        if dash:
            return float(low), float(high)
    except ValueError:
        pass  # the sentence below says what is wanted
    raise ConfigError(f"no band {text!r}: use {', '.join(BANDS)}, or hertz like 40-120")


def _spectral_flux(samples: np.ndarray) -> np.ndarray:
    """[windows]: how much louder the spectrum has become since the window before, on a logarithmic scale."""
    window = np.hanning(_ONSET_WINDOW).astype(np.float32)
    before: np.ndarray | None = None
    flux = []
    for block in _windows(samples, _ONSET_WINDOW, _ONSET_HOP):
        magnitudes = np.log1p(100 * np.abs(np.fft.rfft(block * window, axis=1)))
        first = np.zeros_like(magnitudes[:1]) if before is None else before
        steps = np.diff(np.concatenate([first, magnitudes]), axis=0)
        flux.append(np.maximum(steps, 0).sum(axis=1))
        before = magnitudes[-1:]
    return np.concatenate(flux) if flux else np.zeros(0)


def _spectra(samples: np.ndarray, hop: float) -> Iterator[np.ndarray]:
    window = np.hanning(_BAND_WINDOW).astype(np.float32)
    for block in _windows(samples, _BAND_WINDOW, hop):
        yield np.abs(np.fft.rfft(block * window, axis=1))


def _windows(samples: np.ndarray, size: int, hop: float) -> Iterator[np.ndarray]:
    """[up to _BLOCK, size]: windows centred on 0, hop, 2 hop, ... samples; silence around the sound."""
    padded = np.pad(samples, (size // 2, size // 2 + 1))
    sliding = np.lib.stride_tricks.sliding_window_view(padded, size)
    count = int(len(samples) / hop) + 1 if len(samples) else 0
    centres = np.minimum(np.round(np.arange(count) * hop).astype(int), len(sliding) - 1)
    for first in range(0, count, _BLOCK):
        yield sliding[centres[first : first + _BLOCK]]

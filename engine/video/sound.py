"""What a sound file holds that a film can follow: its shape, its beats, and how loud a band of it is.

FFmpeg decodes, NumPy does the rest; torch-free. Knows nothing of looks or of frames.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from engine.errors import ConfigError, DataError
from engine.inference.requests import Latent
from engine.video.ffmpeg import start
from engine.video.moving import SMOOTHING, Modulation

RATE = 22_050
"""samples a second after decoding; beats and loudness need no more"""
BANDS = {"bass": (20.0, 150.0), "mid": (150.0, 2000.0), "treble": (2000.0, 10_000.0), "all": (20.0, 10_000.0)}
"""hertz"""
LOUDNESS_RATE = 60
"""values of a loudness a second"""
MAX_SECONDS = 7200
"""of a sound that is listened to"""
PLAYED_RATE = 44_100
"""samples a second of what is played in the window"""
SOUND_SUFFIXES = frozenset({".wav", ".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".wma"})
"""what is taken for a sound when it is dropped; the reading itself goes by what is in the file"""
_DECODE_SECONDS = 600
_PART_BYTES = 2**20
_ONSET_WINDOW, FLUX_HOP = 512, 128
"""samples; a value of the spectral flux every FLUX_HOP"""
FLUX_RATE = RATE / FLUX_HOP
"""values of the spectral flux a second"""
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


def read_sound(path: Path, cancelled: Callable[[], bool] = lambda: False) -> Sound:
    """Any file that FFmpeg takes, such as wav, mp3, flac, ogg or m4a; of a film its sound.

    cancelled: asked often; once it is true, the reading ends. Raises DataError if it does, if the file holds no
    sound, or if it is longer than MAX_SECONDS.
    """
    raw = ("-map", "0:a:0", "-ac", "1", "-ar", str(RATE), "-t", str(MAX_SECONDS + 1), "-f", "f32le", "-")
    samples = np.frombuffer(_decoded(path, raw, cancelled), "<f4")
    if samples.size > MAX_SECONDS * RATE:
        raise DataError(f"{path} is longer than {MAX_SECONDS // 3600} hours: choose a part of it")
    return Sound(samples=np.nan_to_num(samples, posinf=1.0, neginf=-1.0))


def require_audible(path: Path, start: float) -> None:
    """Raises DataError if the file holds no sound that can be read, or if it is over before this second."""
    part = ("-map", "0:a:0", "-ss", f"{start:.6f}", "-t", "0.1", "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-")
    if not _decoded(path, part, lambda: False, sounding=start == 0):
        raise DataError(f"{path} is over before second {start:g}, where the video is to begin in it: begin earlier")


def write_playable(path: Path, wav: Path, cancelled: Callable[[], bool] = lambda: False) -> None:
    """The sound as a WAV file that every player can begin anywhere. Raises DataError as `read_sound` does."""
    whole = ("-map", "0:a:0", "-ac", "2", "-ar", str(PLAYED_RATE), "-t", str(MAX_SECONDS), "-c:a", "pcm_s16le")
    _decoded(path, (*whole, "-f", "wav", "-y", str(wav), "-progress", "pipe:1"), cancelled, sounding=False)


def _decoded(path: Path, output: tuple[str, ...], cancelled: Callable[[], bool], *, sounding: bool = True) -> bytearray:
    """What FFmpeg makes of the file, at its standard output."""
    if not path.is_file():
        raise DataError(f"the sound {path} does not exist: choose another file")
    content, deadline = bytearray(), time.monotonic() + _DECODE_SECONDS
    with tempfile.TemporaryFile() as messages:
        arguments = ("-nostdin", "-hide_banner", "-loglevel", "error", "-i", str(path), *output)
        process = start(arguments, messages, subprocess.DEVNULL, subprocess.PIPE)
        try:
            while process.stdout is not None and (part := process.stdout.read(_PART_BYTES)):
                content += part
                if cancelled() or time.monotonic() > deadline:
                    raise DataError(f"the reading of {path} was given up")
            status = process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()
        if status != 0 or (sounding and len(content) < 4):
            messages.seek(0)
            said = " / ".join(messages.read().decode(errors="replace").strip().splitlines()[-2:])
            raise DataError(f"{path} holds no sound that can be read ({said or 'nothing in it'}): choose another file")
    del content[len(content) // 4 * 4 :]
    return content


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
    return onsets_of(spectral_flux(sound.samples), len(sound.samples))


def onsets_of(flux: np.ndarray, samples: int) -> tuple[float, ...]:
    """The same, from the spectral flux of so many samples."""
    if flux.size == 0 or flux.max() <= 0:
        return ()
    flux = flux / flux.max()
    around = max(1, round(_SURROUNDINGS_SECONDS * FLUX_RATE))
    apart = max(1, round(_APART_SECONDS * FLUX_RATE))
    level = np.convolve(np.pad(flux, around, mode="edge"), np.full(2 * around + 1, 1 / (2 * around + 1)), mode="valid")
    found: list[float] = []
    whole = (samples - _ONSET_WINDOW // 2) // FLUX_HOP  # a sound that is cut off at its end clicks there
    for index in np.flatnonzero(flux[:whole] > level[:whole] + _SENSITIVITY).tolist():
        first = max(0, index - apart)
        near = flux[first : index + apart + 1]
        if index == first + int(near.argmax()):
            found.append(index * FLUX_HOP / RATE)
    return tuple(found)


def loudness(sound: Sound, low: float, high: float, *, smoothing: float = 0.1) -> tuple[float, ...]:
    """LOUDNESS_RATE values a second, 0 to 1: the level of the band from low to high hertz, 1 at its loud places.

    smoothing: seconds over which it is averaged.
    """
    if not 0 <= low < high:
        raise ConfigError(f"a band goes from a low to a higher frequency, not from {low:g} to {high:g} hertz")
    return smoothed(levels(sound, {"": (low, high)})[""], smoothing)


def levels(
    sound: Sound, bands: Mapping[str, tuple[float, float]], cancelled: Callable[[], bool] = lambda: False
) -> dict[str, np.ndarray]:
    """float32 [LOUDNESS_RATE a second] for each band: how loud it is, as it comes. Ends early when cancelled."""
    frequencies = np.fft.rfftfreq(_BAND_WINDOW, 1 / RATE)
    inside = {name: (frequencies >= low) & (frequencies < high) for name, (low, high) in bands.items()}
    found: dict[str, list[np.ndarray]] = {name: [] for name in bands}
    for magnitudes in _spectra(sound.samples, RATE / LOUDNESS_RATE):
        if cancelled():
            break
        powers = magnitudes**2
        for name, chosen in inside.items():
            found[name].append(np.sqrt(powers[:, chosen].sum(axis=1)).astype(np.float32))
    return {name: np.concatenate(parts) if parts else np.zeros(0, np.float32) for name, parts in found.items()}


def smoothed(level: np.ndarray, smoothing: float) -> tuple[float, ...]:
    """The level averaged over so many seconds, 1 at its loud places (the 98th percentile and above)."""
    width = max(1, round(smoothing * LOUDNESS_RATE))
    window = np.hanning(width + 2)[1:-1]
    even = np.convolve(level, window / window.sum(), mode="full")[(width - 1) // 2 :][: len(level)]
    loud = np.percentile(even, 98) if even.size else 0.0
    if loud <= 0:
        return (0.0,) * len(level)
    return tuple(np.round(np.clip(even / loud, 0, 1), 4).tolist())


def driven_by(
    sound: Sound, target: str, band: str, amount: float, start: float = 0.0, latent: Latent | None = None
) -> Modulation:
    """The loudness of a band (a name of BANDS, or hertz like 40-120) drives a control. Raises ConfigError.

    start: seconds into the sound at which the film begins; latent: where the direction of that name leads.
    """
    low, high = _band(band)
    values = loudness(sound, low, high, smoothing=SMOOTHING)
    return Modulation(
        target=target,
        amount=amount,
        rate=LOUDNESS_RATE,
        values=values[round(start * LOUDNESS_RATE) :],
        latent=latent,
        band=band,
    )


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


def spectral_flux(samples: np.ndarray, cancelled: Callable[[], bool] = lambda: False) -> np.ndarray:
    """[FLUX_RATE a second]: how much louder the spectrum has become since before, on a logarithmic scale.

    Ends early when cancelled.
    """
    window = np.hanning(_ONSET_WINDOW).astype(np.float32)
    before: np.ndarray | None = None
    flux = []
    for block in _windows(samples, _ONSET_WINDOW, FLUX_HOP):
        if cancelled():
            break
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

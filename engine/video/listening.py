"""Listening to a sound once, so that everything about it can be asked at any time: shape, beats, loudness.

The samples themselves are not kept: what is kept of an hour is some ten megabytes. Torch-free; knows no films.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.errors import ConfigError, DataError
from engine.video.beats import beats, strengths
from engine.video.moving import Modulation
from engine.video.sound import (
    BANDS,
    FLUX_HOP,
    FLUX_RATE,
    LOUDNESS_RATE,
    levels,
    onsets_of,
    read_sound,
    smoothed,
    spectral_flux,
)
from engine.video.sound import waveform as waveform_of
from engine.video.soundtrack import content_id_of

SHAPE_RATE = 200
"""columns of the shape a second"""
STAGES = ("Reading the sound", "Finding its beats", "Measuring its loudness")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heard:
    """What is known of a sound."""

    content_id: str
    seconds: float
    shape: np.ndarray
    """float32 [SHAPE_RATE a second, 2]: the lowest and the highest sample of each column"""
    onsets: tuple[float, ...]
    """seconds at which something begins to sound"""
    beats: tuple[float, ...]
    """seconds at which a foot would tap"""
    levels: Mapping[str, np.ndarray]
    """for each of BANDS float32 [LOUDNESS_RATE a second]: how loud it is"""

    def curve(self, band: str, smoothing: float, start: float = 0.0) -> tuple[float, ...]:
        """The loudness of a band of BANDS from this second on, 0 to 1, LOUDNESS_RATE values a second."""
        if band not in self.levels:
            raise ConfigError(f"no band {band!r}: use {', '.join(self.levels)}")
        return smoothed(self.levels[band], smoothing)[round(start * LOUDNESS_RATE) :]

    def heard_again(self, modulation: Modulation, start: float) -> Modulation:
        """The modulation with the curve that its band and its smoothing have in this sound from `start` on.

        One that does not follow a band of BANDS stays as it is.
        """
        if modulation.band not in self.levels:
            return modulation
        return Modulation(
            target=modulation.target,
            amount=modulation.amount,
            rate=LOUDNESS_RATE,
            values=self.curve(modulation.band, modulation.smoothing, start),
            latent=modulation.latent,
            band=modulation.band,
            smoothing=modulation.smoothing,
        )


def listen(
    path: Path,
    tell: Callable[[str], None] = lambda _stage: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Heard:
    """Reads and measures a sound file. tell: hears each of STAGES as it begins.

    Raises DataError if it holds no sound, or if `cancelled` becomes true.
    """

    def begin(stage: str) -> None:
        if cancelled():
            raise DataError(f"the reading of {path} was given up")
        tell(stage)

    begin(STAGES[0])
    content_id = content_id_of(path)
    sound = read_sound(path, cancelled)
    shape = waveform_of(sound, max(1, round(sound.seconds * SHAPE_RATE)))
    begin(STAGES[1])
    flux = spectral_flux(sound.samples, cancelled)
    begin(STAGES[1])
    found = onsets_of(flux, len(sound.samples))
    tapped = beats(strengths(flux, sound.samples, FLUX_HOP), FLUX_RATE, found)
    begin(STAGES[2])
    measured = levels(sound, BANDS, cancelled)
    if cancelled():
        raise DataError(f"the reading of {path} was given up")
    return Heard(content_id=content_id, seconds=sound.seconds, shape=shape, onsets=found, beats=tapped, levels=measured)

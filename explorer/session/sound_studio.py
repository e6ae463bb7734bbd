"""The sound of the film in the making: what is known of it, where keys snap, what follows its loudness.

Works on the studio, so that every change is a step of undo. Knows nothing of widgets or of how a sound is played.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engine.inference.requests import Latent
from engine.video.beats import every_nth
from engine.video.edits import on_times
from engine.video.listening import Heard
from engine.video.soundtrack import Soundtrack
from explorer.session.history import Phase
from explorer.session.sound_edits import Drive, curve_of, drive_of, with_drive, with_sound, with_start, without_sound
from explorer.session.studio import Studio


class SoundStudio:
    """Of one studio. `heard` is set by whoever reads sounds."""

    def __init__(self, studio: Studio, direction: Callable[[], Latent]) -> None:
        """direction: the latent that a direction leads to, when one is begun."""
        self._studio = studio
        self._direction = direction
        self._times: tuple[tuple[Heard, float], tuple[float, ...]] | None = None
        self.heard: Heard | None = None
        """what is known of the timeline's sound; None while it is not read, or not to be found"""
        self.words = ""
        """what is to be said of it in a few words: its name, how far the reading is, or why it is not heard"""
        self.snapping = True
        """whether keys that are dragged come to lie on beats"""
        self.shown = False
        """whether the sound's settings are to be seen, instead of the keys'"""
        self.target = "psi"
        """the control whose settings are to be seen"""
        self.every = 1
        """which beats keys are put on: each, every other one, ..."""

    @property
    def track(self) -> Soundtrack | None:
        """The timeline's."""
        return self._studio.timeline.sound

    @property
    def times(self) -> tuple[float, ...]:
        """Seconds of the film at which something begins to sound, or a foot taps, in order."""
        if self.heard is None or self.track is None:
            return ()
        key = self.heard, self.track.start
        if self._times is None or self._times[0] != key:
            both = sorted({*self.heard.onsets, *self.heard.beats})
            self._times = key, tuple(time - self.track.start for time in both if time >= self.track.start)
        return self._times[1]

    def snapped(self, seconds: float, within: float, *, opposite: bool = False) -> float:
        """The nearest of the times, if keys snap and it is as near as this; opposite: if they do not."""
        if self.snapping == opposite or not self.times:
            return seconds
        nearest = min(self.times, key=lambda time: abs(time - seconds))
        return nearest if abs(nearest - seconds) <= within else seconds

    def take(self, path: Path, heard: Heard) -> None:
        """This file is the timeline's sound now. One step of undo."""
        self.heard = heard
        self._studio.edit(with_sound(self._studio.timeline, path, heard))

    def remove(self) -> None:
        """The timeline is silent."""
        self.shown = False
        self._studio.edit(without_sound(self._studio.timeline))

    def put_keys_on_beats(self) -> None:
        """Every key at the next beat, or at every `every`-th. One step of undo."""
        timeline = self._studio.timeline
        if self.heard is None or self.track is None or not timeline.keys:
            return
        ahead = [beat - self.track.start for beat in self.heard.beats]
        self._studio.edit(on_times(timeline, every_nth(ahead, self.every, len(timeline.keys))))

    def set_start(self, seconds: float, phase: Phase = "drop") -> None:
        """The film begins at this second of its sound."""
        if self.heard is not None:
            self._studio.edit(with_start(self._studio.timeline, self.heard, seconds), phase)

    @property
    def drive(self) -> Drive:
        """How the sound moves the control that is to be seen."""
        return drive_of(self._studio.timeline, self.target)

    @property
    def curve(self) -> tuple[float, ...]:
        """What that control follows; empty if it does not follow the sound."""
        return curve_of(self._studio.timeline, self.target)

    def set_band(self, band: str) -> None:
        """The control follows another band."""
        self._set(replace(self.drive, band=band))

    def set_amount(self, amount: float, phase: Phase = "drop") -> None:
        """What is added to the control where the band is loud."""
        self._set(replace(self.drive, amount=amount), phase)

    def set_smoothing(self, seconds: float, phase: Phase = "drop") -> None:
        """Over how long the loudness is averaged."""
        self._set(replace(self.drive, smoothing=seconds), phase)

    def redirect(self) -> None:
        """The direction leads to the picture that is selected now."""
        if self.drive.latent is not None:
            self._set(replace(self.drive, latent=self._direction()))

    def _set(self, drive: Drive, phase: Phase = "drop") -> None:
        if self.heard is None:
            return
        if self.target == "direction" and drive.latent is None:
            drive = replace(drive, latent=self._direction())
        self._studio.edit(with_drive(self._studio.timeline, self.heard, self.target, drive), phase)

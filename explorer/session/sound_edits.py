"""What can be done to the sound of a timeline and to what follows it, as pure functions Timeline -> Timeline.

Knows nothing of undo, of widgets, or of how a sound is played.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from engine.inference.requests import Latent
from engine.video.listening import Heard
from engine.video.moving import SMOOTHING, Modulation
from engine.video.sound import LOUDNESS_RATE
from engine.video.soundtrack import Soundtrack
from engine.video.timeline import Timeline

FIRST_BAND = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """How the sound moves one control."""

    band: str = FIRST_BAND
    amount: float = 0.0
    smoothing: float = SMOOTHING
    latent: Latent | None = None
    """where a direction leads"""


def with_sound(timeline: Timeline, path: Path, heard: Heard) -> Timeline:
    """The timeline goes with this file from now on, and what followed another sound follows this one.

    The same sound at another place is only found again: it begins where it began.
    """
    before = timeline.sound
    start = before.start if before is not None and before.content_id == heard.content_id else 0.0
    track = Soundtrack(path=path, content_id=heard.content_id, start=start)
    return _heard_again(replace(timeline, sound=track), heard)


def without_sound(timeline: Timeline) -> Timeline:
    """Silent; what followed the sound stands still."""
    kept = tuple(modulation for modulation in timeline.modulations if not modulation.band)
    return replace(timeline, sound=None, modulations=kept)


def with_start(timeline: Timeline, heard: Heard, seconds: float) -> Timeline:
    """The timeline begins at this second of its sound."""
    if timeline.sound is None:
        return timeline
    start = min(max(seconds, 0.0), heard.seconds)
    return _heard_again(replace(timeline, sound=replace(timeline.sound, start=start)), heard)


def drive_of(timeline: Timeline, target: str) -> Drive:
    """How the sound moves this control; an amount of 0 if it does not."""
    found = _followers(timeline, target)
    if not found:
        return Drive()
    first = found[0]
    return Drive(band=first.band, amount=first.amount, smoothing=first.smoothing, latent=first.latent)


def curve_of(timeline: Timeline, target: str) -> tuple[float, ...]:
    """What this control follows, LOUDNESS_RATE values a second; empty if it does not follow the sound."""
    found = _followers(timeline, target)
    return found[0].values if found and found[0].amount != 0 else ()


def with_drive(timeline: Timeline, heard: Heard, target: str, drive: Drive) -> Timeline:
    """The sound moves this control so, instead of as before."""
    if timeline.sound is None:
        return timeline
    before = drive_of(timeline, target)
    if (before.band, before.smoothing) == (drive.band, drive.smoothing) and _followers(timeline, target):
        values = _followers(timeline, target)[0].values  # another amount needs no listening
    else:
        values = heard.curve(drive.band, drive.smoothing, timeline.sound.start)
    modulation = Modulation(
        target=target,
        amount=drive.amount,
        rate=LOUDNESS_RATE,
        values=values,
        latent=drive.latent,
        band=drive.band,
        smoothing=drive.smoothing,
    )
    others = tuple(each for each in timeline.modulations if not (each.band and each.target == target))
    return replace(timeline, modulations=(*others, modulation))


def _followers(timeline: Timeline, target: str) -> list[Modulation]:
    return [each for each in timeline.modulations if each.band and each.target == target]


def _heard_again(timeline: Timeline, heard: Heard) -> Timeline:
    start = 0.0 if timeline.sound is None else timeline.sound.start
    modulations = tuple(heard.heard_again(modulation, start) for modulation in timeline.modulations)
    return replace(timeline, modulations=modulations)

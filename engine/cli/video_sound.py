"""What a sound does to the plans of `stylegan video`: keys on its beats, controls that follow its loudness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.errors import ConfigError
from engine.video.edits import snapped
from engine.video.moving import Modulation
from engine.video.plan import VideoPlan
from engine.video.sound import Sound, driven_by, onsets, read_sound


def with_sound(plan: VideoPlan, *, snap: bool, drive: Sequence[str]) -> VideoPlan:
    """The plan with its timelines changed. Raises ConfigError, or DataError if the sound cannot be read."""
    if plan.sound is None or not (snap or drive):
        return plan
    sound = read_sound(plan.sound)
    timelines = plan.timelines
    if snap:
        beats = [beat - plan.sound_start for beat in onsets(sound)]
        timelines = tuple(snapped(timeline, beats) for timeline in timelines)
    driven = tuple(_modulation(sound, text, plan.sound_start) for text in drive)
    walks = tuple(replace(timeline, modulations=timeline.modulations + driven) for timeline in timelines)
    return replace(plan, timelines=walks)


def _modulation(sound: Sound, text: str, start: float) -> Modulation:
    """psi:bass:0.3 -> the bass moves psi by up to 0.3."""
    parts = text.split(":")
    try:
        target, band, amount = parts[0], parts[1], float(parts[2])
    except (IndexError, ValueError) as error:
        raise ConfigError(
            f"{text!r} does not say what drives what: write psi:bass:0.3, that is control, band and amount"
        ) from error
    return driven_by(sound, target, band, amount, start)

"""What a sound does to the plans of `stylegan video`: keys on its beats, controls that follow its loudness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.errors import ConfigError
from engine.inference.requests import SeedLatent
from engine.video.edits import snapped
from engine.video.moving import Modulation
from engine.video.plan import VideoPlan
from engine.video.sound import Sound, driven_by, onsets, read_sound
from engine.video.soundtrack import Soundtrack, content_id_of
from engine.video.timeline import Timeline

_SEED = "seed="


def with_sound(plan: VideoPlan, *, snap: bool, drive: Sequence[str]) -> VideoPlan:
    """The plan with its timelines changed. Raises ConfigError, or DataError if the sound cannot be read."""
    if plan.sound is None:
        return plan
    track = Soundtrack(path=plan.sound.absolute(), content_id=content_id_of(plan.sound), start=plan.sound_start)
    timelines = tuple(replace(timeline, sound=track) for timeline in plan.timelines)
    if not (snap or drive):
        return replace(plan, timelines=timelines)
    sound = read_sound(plan.sound)
    if snap:
        beats = [beat - plan.sound_start for beat in onsets(sound)]
        timelines = tuple(snapped(timeline, beats) for timeline in timelines)
    driven = tuple(_modulation(sound, text, plan.sound_start) for text in drive)
    walks = tuple(replace(timeline, modulations=timeline.modulations + driven) for timeline in timelines)
    return replace(plan, timelines=walks)


def require_sounds(timelines: Sequence[Timeline]) -> None:
    """Raises ConfigError if the sound that a timeline goes with is not there."""
    for timeline in timelines:
        if timeline.sound is not None and not timeline.sound.path.is_file():
            raise ConfigError(
                f"the timeline's sound {timeline.sound.path} is not to be found: name it with --audio, or leave it "
                "out with --no-audio"
            )


def _modulation(sound: Sound, text: str, start: float) -> Modulation:
    """psi:bass:0.3 -> the bass moves psi by up to 0.3; seed=5:bass:0.3 -> every w towards that seed's."""
    parts = text.split(":")
    try:
        what, band, amount = parts[0], parts[1], float(parts[2])
        seed = int(what[len(_SEED) :]) if what.startswith(_SEED) else None
    except (IndexError, ValueError) as error:
        raise ConfigError(
            f"{text!r} does not say what drives what: write psi:bass:0.3, that is control, band and amount; the "
            "control is psi, mix, noise, or a picture such as seed=5"
        ) from error
    if seed is None:
        return driven_by(sound, what, band, amount, start)
    return driven_by(sound, "direction", band, amount, start, SeedLatent(seed=seed))

"""A timeline as JSON: what a video carries inside, what lies beside it, what `stylegan video --timeline` reads.

Knows nothing of videos; `recipe` takes it out of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.errors import ConfigError
from engine.inference.requests import latent_from_dict, latent_to_dict, look_from_dict, look_to_dict
from engine.video.easing import easing_from
from engine.video.moving import SMOOTHING, Modulation, NoisePath
from engine.video.soundtrack import Soundtrack, found_again
from engine.video.timeline import Key, Timeline

TIMELINE_VERSION = 1
MAX_FILE_BYTES = 64 * 2**20


def timeline_to_dict(timeline: Timeline) -> dict[str, Any]:
    """A JSON-ready description; `timeline_from_dict` is its inverse."""
    noise, sound = timeline.noise, timeline.sound
    values: dict[str, Any] = {
        "version": TIMELINE_VERSION,
        "keys": [_key_to_dict(key) for key in timeline.keys],
        "interpolation": timeline.interpolation,
        "pace": timeline.pace,
        "loop": timeline.loop,
        "fps": timeline.fps,
        "noise": {"kind": noise.kind, "turns": noise.turns, "amount": noise.amount, "seed": noise.seed},
        "modulations": [_modulation_to_dict(modulation) for modulation in timeline.modulations],
    }
    if sound is not None:
        values["sound"] = {"path": sound.path.as_posix(), "content_id": sound.content_id, "start": sound.start}
    return values


def timeline_from_dict(values: Mapping[str, Any]) -> Timeline:
    """Raises ConfigError with a sentence if this is not a timeline of ours, or from a newer version.

    Everything but the keys' looks may be missing and has its default then, so that one can be written by hand.
    """
    try:
        version = int(values["version"])
        if version > TIMELINE_VERSION:
            raise ConfigError(
                f"the timeline has version {version}, newer than this program's {TIMELINE_VERSION}: update the program"
            )
        default = Timeline()
        return Timeline(
            keys=tuple(_key_from_dict(key) for key in values["keys"]),
            interpolation=str(values.get("interpolation", default.interpolation)),
            pace=str(values.get("pace", default.pace)),
            loop=_flag(values.get("loop", default.loop)),
            fps=_whole(values.get("fps", default.fps)),
            noise=_noise_from_dict(values.get("noise", {})),
            modulations=tuple(_modulation_from_dict(m) for m in values.get("modulations", ())),
            sound=_sound_from_dict(values.get("sound")),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ConfigError(f"this is not a timeline of ours: {error!r}"[:500]) from error


def read_timeline(path: Path) -> Timeline:
    """The timeline in a JSON file: one of its own, or the recipe beside a video. Raises ConfigError.

    Its sound is looked for from the file's folder.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ConfigError(f"{path} is too large for a timeline: choose the .json beside a video")
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path} does not exist: give the name of a timeline's .json file") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror or error})") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is not JSON: choose the .json beside a video") from error
    if isinstance(values, dict) and isinstance(values.get("timeline"), dict):
        values = values["timeline"]
    if not isinstance(values, dict):
        raise ConfigError(f"{path} holds no timeline: choose the .json beside a video")
    return with_sound_found(timeline_from_dict(values), path.parent)


def with_sound_found(timeline: Timeline, *folders: Path) -> Timeline:
    """With the path of its sound as it is seen from one of these folders, if it is there with its content."""
    if timeline.sound is None:
        return timeline
    return replace(timeline, sound=found_again(timeline.sound, folders))


def _key_to_dict(key: Key) -> dict[str, Any]:
    return {
        "look": look_to_dict(key.look),
        "hold": key.hold,
        "transition": key.transition,
        "easing": key.easing.name or list(key.easing.handles),
    }


def _key_from_dict(values: Mapping[str, Any]) -> Key:
    look = look_from_dict(values["look"])
    default = Key(look=look)
    return Key(
        look=look,
        hold=float(values.get("hold", default.hold)),
        transition=float(values.get("transition", default.transition)),
        easing=easing_from(values.get("easing", "linear")),
    )


def _noise_from_dict(values: Mapping[str, Any]) -> NoisePath:
    default = NoisePath()
    return NoisePath(
        kind=str(values.get("kind", default.kind)),
        turns=_whole(values.get("turns", default.turns)),
        amount=float(values.get("amount", default.amount)),
        seed=_whole(values.get("seed", default.seed)),
    )


def _sound_from_dict(values: Mapping[str, Any] | None) -> Soundtrack | None:
    if values is None:
        return None
    return Soundtrack(
        path=Path(str(values["path"])),
        content_id=str(values["content_id"]),
        start=float(values.get("start", 0.0)),
    )


def _modulation_to_dict(modulation: Modulation) -> dict[str, Any]:
    """What older programs do not know stands there only where it says something."""
    values = {
        "target": modulation.target,
        "amount": modulation.amount,
        "rate": modulation.rate,
        "values": list(modulation.values),
    }
    if modulation.latent is not None:
        values["latent"] = latent_to_dict(modulation.latent)
    if modulation.band:
        values |= {"band": modulation.band, "smoothing": modulation.smoothing}
    return values


def _modulation_from_dict(values: Mapping[str, Any]) -> Modulation:
    latent = values.get("latent")
    return Modulation(
        target=str(values["target"]),
        amount=float(values["amount"]),
        rate=float(values["rate"]),
        values=tuple(float(value) for value in values["values"]),
        latent=None if latent is None else latent_from_dict(latent),
        band=str(values.get("band", "")),
        smoothing=float(values.get("smoothing", SMOOTHING)),
    )


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value

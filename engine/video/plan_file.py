"""A plan of a video as JSON: its recipe, which travels with it, and what a job remembers of it.

A recipe of one walk has a `timeline`, of several side by side `timelines`. Torch-free; knows nothing of video files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from engine.errors import ConfigError
from engine.inference.requests import RECIPE_VERSION
from engine.video.plan import Output, VideoPlan
from engine.video.soundtrack import as_seen_from
from engine.video.timeline import Timeline
from engine.video.timeline_file import timeline_from_dict, timeline_to_dict


def recipe_of_plan(plan: VideoPlan, content_id: str) -> dict[str, Any]:
    """What a video says about itself; a sound goes by its name, and by the way to it from the video."""
    timelines = [timeline_to_dict(_as_seen_from(timeline, plan.path.parent)) for timeline in plan.timelines]
    walks = {"timeline": timelines[0]} if len(timelines) == 1 else {"timelines": timelines}
    sound = {} if plan.sound is None else {"sound": {"name": plan.sound.name, "start": plan.sound_start}}
    phases = {"phases": list(plan.phases)} if any(plan.phases) else {}
    return {"version": RECIPE_VERSION, **walks, **phases, "output": asdict(plan.output), **sound, "model": content_id}


def _as_seen_from(timeline: Timeline, folder: Path) -> Timeline:
    sound = timeline.sound
    return timeline if sound is None else replace(timeline, sound=as_seen_from(sound, folder))


def timelines_of(recipe: Mapping[str, Any]) -> tuple[Timeline, ...]:
    """The walks of a recipe, in reading order. Raises ConfigError if it has none."""
    walks = recipe.get("timelines", [recipe["timeline"]] if "timeline" in recipe else None)
    if not isinstance(walks, list) or not walks or not all(isinstance(walk, dict) for walk in walks):
        raise ConfigError("this recipe holds no timeline: choose a video that this program made")
    return tuple(timeline_from_dict(walk) for walk in walks)


def output_of(recipe: Mapping[str, Any]) -> Output:
    """How the video was shaped; the usual shape if the recipe does not say. Raises ConfigError."""
    values = recipe.get("output", {})
    try:
        return Output(**values)
    except TypeError as error:
        raise ConfigError(f"this is not a recipe of ours: {error}"[:500]) from error


def plan_to_dict(plan: VideoPlan) -> dict[str, Any]:
    """A JSON-ready description; `plan_from_dict` is its inverse."""
    return {
        "timelines": [timeline_to_dict(timeline) for timeline in plan.timelines],
        "path": str(plan.path),
        "phases": list(plan.phases),
        "output": asdict(plan.output),
        "sound": None if plan.sound is None else str(plan.sound),
        "sound_start": plan.sound_start,
    }


def plan_from_dict(values: Mapping[str, Any]) -> VideoPlan:
    """Raises ConfigError if this is not a plan of ours."""
    try:
        return VideoPlan(
            timelines=timelines_of(values),
            path=Path(values["path"]),
            output=output_of(values),
            phases=tuple(float(phase) for phase in values.get("phases", ())),
            sound=None if values["sound"] is None else Path(values["sound"]),
            sound_start=float(values["sound_start"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"this is not a video's plan: {error!r}"[:500]) from error

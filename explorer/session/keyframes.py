"""From looks to the video that walks through them, on the model that is open. Knows nothing of encoders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from engine.formats.model_info import ModelInfo
from engine.inference.input_transform import InputTransform
from engine.inference.requests import Look, Truncation
from engine.video.plan import VideoPlan
from engine.video.timeline import Timeline, walk_through


def video_plan(
    looks: Iterable[Look], path: Path, *, seconds_per_step: float = 2.0, fps: int = 30, loop: bool = True
) -> VideoPlan:
    """A video through the looks in their order; a look that repeats the one before it makes no standstill.

    Raises ConfigError for fewer than two different looks, or for numbers that cannot work.
    """
    kept = tuple(looks)
    keyframes = kept[:1] + tuple(look for before, look in pairwise(kept) if look != before)
    timeline = replace(walk_through(keyframes, seconds=seconds_per_step), fps=fps, loop=loop)
    return VideoPlan(timelines=(timeline,), path=path)


def timeline_on(timeline: Timeline, model: ModelInfo) -> Timeline:
    """The same timeline as this model can show it; the keys that fit are the same values."""
    return replace(timeline, keys=tuple(replace(key, look=look_on(key.look, model)) for key in timeline.keys))


def look_on(look: Look, model: ModelInfo) -> Look:
    """The look without what this model does not have: layers and classes of another one."""
    count = model.num_ws
    return replace(
        look,
        class_weights=look.class_weights if len(look.class_weights) == model.c_dim else (),
        truncation=_truncation_on(look.truncation, model),
        style_mixes=tuple(replace(mix, strengths=mix.strengths[:count]) for mix in look.style_mixes),
        noise=replace(look.noise, layer_strengths=look.noise.layer_strengths[:count]),
        transform=look.transform if model.has_input_transform else InputTransform(),
    )


def _truncation_on(truncation: Truncation, model: ModelInfo) -> Truncation:
    cutoff = truncation.cutoff
    return replace(
        truncation,
        cutoff=None if cutoff is None else min(cutoff, model.num_ws),
        layer_psi=truncation.layer_psi[: model.num_ws],
        centre="average" if truncation.centre == "class" and model.c_dim == 0 else truncation.centre,
    )

"""What the tests of videos share: a small walk, its export, and a second reader."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np

from engine.inference.renderer import Renderer
from engine.inference.requests import Look, Noise, SeedLatent, StyleMix, Truncation
from engine.video.export import ExportOptions, Progress, export_video
from engine.video.plan import Output, VideoPlan
from engine.video.timeline import Timeline, walk_through
from engine.video.walk import Walk

LOOKS = (
    Look(latent=SeedLatent(seed=1), truncation=Truncation(psi=0.6)),
    Look(latent=SeedLatent(seed=2), style_mixes=(StyleMix(latent=SeedLatent(seed=9), strengths=(0.0, 0.7, 1.0)),)),
    Look(latent=SeedLatent(seed=3), truncation=Truncation(psi=0.9, cutoff=2), noise=Noise(strength=0.5)),
)


def small_walk(seconds: float = 0.2, fps: int = 20, **changes: object) -> Timeline:
    """12 frames in a loop, 9 without, unless changed."""
    return replace(walk_through(LOOKS, seconds=seconds), fps=fps, **changes)  # type: ignore[arg-type]


def plan_for(path: Path, timeline: Timeline | None = None, sound: Path | None = None, **output: object) -> VideoPlan:
    return VideoPlan(timelines=(timeline or small_walk(),), path=path, output=Output(**output), sound=sound)  # type: ignore[arg-type]


def make(renderer: Renderer, plan: VideoPlan, options: ExportOptions | None = None) -> list[Progress]:
    return list(export_video(renderer, plan, options))


def rendered(renderer: Renderer, timeline: Timeline) -> np.ndarray:
    """uint8 [frames, H, W, 3]: every frame as the renderer itself makes it at the walk's ws, one at a time."""
    walk = Walk(renderer, timeline)
    moments = [walk.frame(number) for number in range(timeline.frame_count)]
    return np.concatenate([renderer.render_ws(moment.ws[None], moment.noise) for moment in moments])


def enlarged(pictures: np.ndarray, factor: int = 16) -> np.ndarray:
    return pictures.repeat(factor, axis=-3).repeat(factor, axis=-2)


def decode(path: Path) -> np.ndarray:
    """RGB uint8 [N, H, W, 3]"""
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def error_between(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(int) - b.astype(int)).mean())


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())

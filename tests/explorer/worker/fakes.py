"""An engine without torch whose pictures say which look they are of, and which waits where a test wants it to."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.errors import ConfigError, ExportStoppedError, ModelFileError
from engine.formats.model_info import ModelInfo
from engine.inference.layer_maps import LayerMaps, LayerQuestion
from engine.inference.requests import Look, RenderRequest, SeedLatent
from engine.video.plan import VideoPlan
from engine.video.progress import Progress
from engine.video.timeline import Timeline, walk_through
from explorer.worker.backend import OpenedModel
from explorer.worker.render_worker import RenderWorker
from explorer.worker.replies import Reply

TIMEOUT = 30.0
"""Seconds until a wait that should have ended has failed."""


def look(seed: int) -> Look:
    return Look(latent=SeedLatent(seed=seed))


def request(request_id: int, *seeds: int) -> RenderRequest:
    looks = tuple((tile, look(seed)) for tile, seed in enumerate(seeds))
    return RenderRequest(request_id=request_id, looks=looks)


def plan(path: Path, seconds_per_step: float = 0.2) -> VideoPlan:
    """Two looks, 10 frames a second: 4 frames unless said otherwise."""
    walk = walk_through((look(1), look(2)), seconds=seconds_per_step)
    return VideoPlan(timelines=(replace(walk, fps=10),), path=path)


def picture_of(wanted: Look, name: str) -> np.ndarray:
    """What a fake model of this name makes of the look."""
    digest = hashlib.sha256(f"{wanted} {name}".encode()).digest()
    return np.frombuffer(digest[:12], np.uint8).reshape(2, 2, 3)


class FakeModel:
    """Renders at once, or when `gate` opens; `entered` tells that a render has begun.

    Frames of videos are made at once too, or one for each that is allowed.
    """

    def __init__(self, name: str) -> None:
        self.info = ModelInfo(
            z_dim=1,
            c_dim=0,
            w_dim=1,
            num_ws=2,
            img_resolution=8,
            img_channels=3,
            source_format="fake",
            content_id=name,
            parameters=1,
        )
        self.sparing = False
        self.events: list[str] = []
        self.sides: list[int] = []
        self.threads: set[str] = set()
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.drafts_left = 0
        self.frames_allowed: threading.Semaphore | None = None
        self.on_render: Callable[[Look], None] = lambda look: None

    resolutions = (4, 8)

    def render(self, look: Look, tile: int, resolution: int) -> np.ndarray:
        assert isinstance(look.latent, SeedLatent)
        self.sides.append(resolution)
        self.threads.add(threading.current_thread().name)
        self.entered.set()
        assert self.gate.wait(TIMEOUT)
        self.events.append(f"tile {look.latent.seed}")
        self.on_render(look)
        return picture_of(look, self.info.content_id)

    def look_into(self, question: LayerQuestion) -> LayerMaps:
        raise ConfigError(f"there is no layer {question.layer}")

    def frame(self, timeline: Timeline, seconds: float, resolution: int) -> np.ndarray:
        self.sides.append(resolution)
        self.events.append(f"frame at {seconds:g}")
        return np.full((2, 2, 3), round(seconds), np.uint8)

    def measure(self) -> bool:
        self.drafts_left -= 1
        return self.drafts_left >= 0

    def export(self, plan: VideoPlan) -> Generator[Progress, None, None]:
        partial = plan.path.with_suffix(".partial")
        try:
            partial.write_bytes(b"finished")
            for done in range(1, plan.frame_count + 1):
                self.render_frame(done)
                if done == plan.frame_count:
                    partial.rename(plan.path)
                yield Progress(stage="rendering", done=done, total=plan.frame_count)
            yield Progress(stage="done", done=plan.frame_count, total=plan.frame_count)
        except ExportStoppedError:
            raise
        except BaseException:
            partial.unlink(missing_ok=True)
            raise

    def render_frame(self, done: int) -> None:
        self.threads.add(threading.current_thread().name)
        if self.frames_allowed is not None:
            assert self.frames_allowed.acquire(timeout=TIMEOUT)
        self.events.append(f"frame {done}")


class FakeBackend:
    """Opens the models it was given, by name; anything else is no model."""

    devices = ("cuda", "cpu")

    def __init__(self, *names: str) -> None:
        self.device = "cpu"
        self.models = {name: FakeModel(name) for name in names}
        self.problems: dict[str, Exception] = {}

    def __call__(self) -> FakeBackend:
        """As a backend factory."""
        return self

    def use(self, device: str) -> None:
        if device not in self.devices:
            raise ConfigError(f"this computer has no {device}")
        self.device = device

    def open(self, path: Path, weights: str = "ema", still_wanted: Callable[[], bool] = lambda: True) -> OpenedModel:
        if path.name in self.problems:
            raise self.problems[path.name]
        if path.name not in self.models:
            raise ModelFileError(f"{path} is not a model")
        return self.models[path.name]


def replies_until(worker: RenderWorker, kind: type, count: int = 1) -> list[Reply]:
    """All replies up to the count-th of this kind, and what came along with it."""
    replies: list[Reply] = []
    while sum(isinstance(reply, kind) for reply in replies) < count:
        new = worker.replies(timeout=TIMEOUT)
        assert new, f"no {kind.__name__} within {TIMEOUT} seconds, but {replies}"
        replies += new
    return replies

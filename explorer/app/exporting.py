"""The video export as the window sees it: what is set, where it goes, how far it is.

Knows the worker only as something that takes a plan and can be told to give up.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from platformdirs import user_videos_dir

from engine.errors import ConfigError
from engine.inference.new_file import free_path
from engine.inference.requests import Look
from engine.video.formats import KINDS
from engine.video.plan import Output, VideoPlan
from engine.video.progress import Progress
from engine.video.timeline import Timeline
from explorer.panels.states import ExportState
from explorer.session.keyframes import video_plan
from explorer.session.session_file import VideoSettings

SUFFIX = ".mp4"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportBackend:
    """Who makes the video, whose looks, and who hears of a failure."""

    export: Callable[[VideoPlan, str], None]
    """(plan, content id of the model that its looks are of)"""
    content_id: Callable[[], str]
    """of the model that is open"""
    pause: Callable[[bool], None]
    cancel: Callable[[], None]
    looks: Callable[[], Sequence[Look]]
    opening: Callable[[], bool]
    """whether another model is on its way"""
    complain: Callable[[str], None]


class ExportDesk:
    """Holds an ExportState and turns it into a plan."""

    def __init__(self, backend: ExportBackend) -> None:
        self._backend = backend
        self._state = ExportState()
        self.folder = default_folder()
        """where videos go"""
        self._name = "walk"
        self._chosen = False
        self._queue: deque[tuple[VideoPlan, str]] = deque()
        self.picture: np.ndarray | None = None
        """uint8 [H, W, 3 or 4]: the newest frame of the video that is being made"""

    @property
    def running(self) -> bool:
        """Whether a video is being made."""
        return self._state.running

    def state(self) -> ExportState:
        """As it is now, with the number of keyframes there are."""
        keyframes, opening = len(self._backend.looks()), self._backend.opening()
        self._state = replace(self._state, keyframes=keyframes, opening=opening)
        return self._state

    def change(self, state: ExportState) -> None:
        """Other settings."""
        self._state = state

    @property
    def settings(self) -> VideoSettings:
        """What a session remembers."""
        state = self._state
        return VideoSettings(seconds_per_step=state.seconds_per_step, fps=state.fps, loop=state.loop)

    def set(self, settings: VideoSettings) -> None:
        """What a session remembered."""
        self._state = replace(
            self._state, seconds_per_step=settings.seconds_per_step, fps=settings.fps, loop=settings.loop
        )

    def name_after(self, model_name: str) -> None:
        """Proposes a name for this model's videos, unless the person has chosen one."""
        self._name = f"{Path(model_name).stem}-walk"
        if not self._chosen:
            self.propose()

    def propose(self) -> None:
        """A name that is free."""
        self._state = replace(self._state, path=free_path(self.folder / f"{self._name}{SUFFIX}"))

    def choose(self, path: Path) -> None:
        """Where the person wants it; a folder keeps the proposed name."""
        if path.is_dir():
            self.folder = path
            self.propose()
            return
        self._chosen = True
        self.folder = path.parent
        self._name = path.stem
        named = path if path.suffix.lower() == SUFFIX else path.with_name(path.name + SUFFIX)
        self._state = replace(self._state, path=free_path(named))

    def start(self) -> None:
        """Hands the plan over; a plan that cannot be is a message."""
        state = self.state()
        if state.running or state.path is None:
            return
        if state.opening:
            self._backend.complain("A model is being opened: export a video once it is there.")
            return
        if state.keyframes < 2:
            self._backend.complain(
                "A video walks from favourite to favourite: click at least two pictures to keep them, then export."
            )
            return
        path = free_path(state.path)
        try:
            plan = video_plan(
                self._backend.looks(),
                path,
                seconds_per_step=state.seconds_per_step,
                fps=state.fps,
                loop=state.loop,
            )
        except ConfigError as error:
            self._backend.complain(f"The video cannot be made: {error}")
            return
        self._state = replace(state, path=path)
        self.order(plan, self._backend.content_id())

    def timeline_path(self) -> Path:
        """Where the next video of a timeline goes: a free name that ends as its format wants it."""
        kind = KINDS[self._state.format]
        wanted = self.folder / f"{self._name}{kind.suffixes[0] if kind.suffixes else '-frames'}"
        taken = {plan.path for plan, _ in self._queue}
        path, number = free_path(wanted), 2
        while path in taken or (self.running and path == self._state.path):
            path = free_path(wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}"))
            number += 1
        return path

    def start_timeline(self, timeline: Timeline) -> None:
        """A video of the timeline, now or after those that are being made."""
        state = self.state()
        if state.opening:
            self._backend.complain("A model is being opened: export a video once it is there.")
            return
        output = Output(format=state.format, width=state.side, height=state.side, quality=state.quality)
        try:
            plan = VideoPlan(timelines=(timeline,), path=self.timeline_path(), output=output)
        except ConfigError as error:
            self._backend.complain(f"The video cannot be made: {error}")
            return
        self.order(plan, self._backend.content_id())

    def order(self, plan: VideoPlan, content_id: str) -> None:
        """Makes this video, after those that were ordered before."""
        if self._state.running:
            self._queue.append((plan, content_id))
            self._state = replace(self._state, waiting=len(self._queue))
            return
        self._backend.export(plan, content_id)
        self.picture = None
        fresh = replace(self._state, done=0, total=0, stage="rendering", seconds_left=None, paused=False)
        self._state = replace(fresh, path=plan.path, running=True, waiting=len(self._queue))

    def toggle_pause(self) -> None:
        """The video that is being made rests, or goes on."""
        if self._state.running:
            self._state = replace(self._state, paused=not self._state.paused)
            self._backend.pause(self._state.paused)

    def cancel(self) -> None:
        """Gives up the video that is being made; those that wait come next."""
        if self._state.running:
            self._backend.cancel()

    def progressed(self, progress: Progress) -> None:
        """So much of it is made."""
        self._state = replace(
            self._state,
            done=progress.done,
            total=progress.total,
            stage=progress.stage,
            seconds_left=progress.seconds_left,
        )
        if progress.picture is not None:
            self.picture = progress.picture

    def ended(self) -> None:
        """Finished, failed or cancelled: the next one begins, or needs a free name."""
        self._state = replace(self._state, running=False, done=0, total=0, paused=False)
        self.propose()
        if self._queue:
            self.order(*self._queue.popleft())


def default_folder() -> Path:
    """The person's folder for videos if there is one, else their home."""
    videos = Path(user_videos_dir())
    return videos if videos.is_dir() else Path.home()

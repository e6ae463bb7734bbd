"""The video export as the window sees it: what is set, where it goes, how far it is.

Knows the worker only as something that takes a plan and can be told to give up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from platformdirs import user_videos_dir

from engine.errors import ConfigError
from engine.inference.new_file import free_path
from engine.inference.requests import Look
from engine.video.plan import VideoPlan
from engine.video.timeline import Timeline
from explorer.panels.states import ExportState
from explorer.session.keyframes import video_plan
from explorer.session.session_file import VideoSettings

SUFFIX = ".mp4"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportBackend:
    """Who makes the video, whose looks, and who hears of a failure."""

    export: Callable[[VideoPlan], None]
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
        self._folder = default_folder()
        self._name = "walk"
        self._chosen = False

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
        self._state = replace(self._state, path=free_path(self._folder / f"{self._name}{SUFFIX}"))

    def choose(self, path: Path) -> None:
        """Where the person wants it; a folder keeps the proposed name."""
        if path.is_dir():
            self._folder = path
            self.propose()
            return
        self._chosen = True
        self._folder = path.parent
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
        self._backend.export(plan)
        self._state = replace(state, path=path, running=True, done=0, total=0)

    def start_timeline(self, timeline: Timeline) -> None:
        """Hands a video of the timeline over."""
        state = self.state()
        if state.path is None:
            return
        if state.running:
            self._backend.complain("A video is being made already: wait for it, or cancel it first.")
            return
        path = free_path(state.path)
        try:
            plan = VideoPlan(timelines=(timeline,), path=path)
        except ConfigError as error:
            self._backend.complain(f"The video cannot be made: {error}")
            return
        self._backend.export(plan)
        self._state = replace(state, path=path, running=True, done=0, total=0)

    def cancel(self) -> None:
        """Gives the video up."""
        if self._state.running:
            self._backend.cancel()

    def progressed(self, done: int, total: int) -> None:
        """So many frames are made."""
        self._state = replace(self._state, done=done, total=total)

    def ended(self) -> None:
        """Finished, failed or cancelled: the next one needs a free name."""
        self._state = replace(self._state, running=False, done=0, total=0)
        self.propose()


def default_folder() -> Path:
    """The person's folder for videos if there is one, else their home."""
    videos = Path(user_videos_dir())
    return videos if videos.is_dir() else Path.home()

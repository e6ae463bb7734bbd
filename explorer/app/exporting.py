"""The video export as the window sees it: what is set, where it goes, and the order to make it.

Knows the worker only through the queue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from platformdirs import user_videos_dir

from engine.errors import ConfigError
from engine.inference.new_file import free_path
from engine.inference.requests import Look
from engine.video.formats import KINDS
from engine.video.plan import VideoPlan
from engine.video.side_by_side import side_by_side
from engine.video.timeline import Timeline
from explorer.app.export_queue import ExportQueue, QueueBackend
from explorer.library.video_list import OrderedVideo
from explorer.panels.states import ExportState
from explorer.session.keyframes import video_plan
from explorer.session.session_file import VideoSettings

SUFFIX = ".mp4"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportBackend:
    """Who makes the video, whose looks, and who hears of a failure."""

    queue: QueueBackend
    ordered: Callable[[VideoPlan], OrderedVideo]
    """the plan, with the model that is open"""
    looks: Callable[[], Sequence[Look]]
    opening: Callable[[], bool]
    """whether another model is on its way"""
    complain: Callable[[str], None]
    find_problems: Callable[[Callable[[Mapping[str, str]], None]], None]
    """asks which formats cannot be made here, and tells it later"""


class ExportDesk:
    """Holds an ExportState and turns it into a plan."""

    def __init__(self, backend: ExportBackend) -> None:
        self._backend = backend
        self._state = ExportState()
        self.folder = default_folder()
        """where videos go"""
        self._name = "walk"
        self._chosen = False
        self.queue = ExportQueue(backend.queue)
        self.missing: Mapping[str, str] | None = None
        """for each format that the FFmpeg at hand cannot make, why not; None while nobody has asked"""
        self._judged: tuple[tuple[Timeline, ExportState], str] | None = None

    @property
    def running(self) -> bool:
        """Whether a video is being made."""
        return self.queue.active is not None

    def state(self) -> ExportState:
        """As it is now, with the number of keyframes there are, and how far the video in the making is."""
        state = replace(self._state, keyframes=len(self._backend.looks()), opening=self._backend.opening())
        video = self.queue.active
        if video is None:
            return state
        done, total = (0, 0) if video.progress is None else (video.progress.done, video.progress.total)
        return replace(state, running=True, path=video.plan.path, done=done, total=total)

    def change(self, state: ExportState) -> None:
        """Other settings; where the next video goes, and what is being made, are not among them."""
        self._state = replace(state, path=self._state.path, running=False, done=0, total=0)

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
        self._state = replace(self._state, path=free_path(self.folder / f"{self._name}{SUFFIX}", self.queue.will_make))

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
        self._state = replace(self._state, path=free_path(named, self.queue.will_make))

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
        path = free_path(state.path, self.queue.will_make)
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
        self.order(plan)

    def timeline_path(self) -> Path:
        """Where the next video of a timeline goes: a free name that ends as its format wants it."""
        kind = KINDS[self._format]
        wanted = self.folder / f"{self._name}{kind.suffixes[0] if kind.suffixes else '-frames'}"
        return free_path(wanted, self.queue.will_make)

    def start_timeline(self, timeline: Timeline) -> None:
        """A video of the timeline, now or after those that are being made."""
        if self._backend.opening():
            self._backend.complain("A model is being opened: export a video once it is there.")
            return
        try:
            plan = self._plan(timeline, self.timeline_path())
        except ConfigError as error:
            self._backend.complain(f"The video cannot be made: {error}")
            return
        self.order(plan)

    def problem(self, timeline: Timeline) -> str:
        """Why a video of the timeline cannot be made as it is set, as a sentence; "" if it can."""
        asked = timeline, self._state
        if self.missing is not None and self._format in self.missing:
            return self.missing[self._format]
        sound = timeline.sound
        if sound is not None and KINDS[self._format].sound and not sound.path.is_file():
            return f"the sound {sound.path.name} is not to be found: drop it on the window, or remove it"
        if self._judged is None or self._judged[0] != asked:
            try:
                self._plan(timeline, self.timeline_path())
                self._judged = asked, ""
            except ConfigError as error:
                self._judged = asked, str(error)
        return self._judged[1]

    def look_for_encoders(self) -> None:
        """Once; until the answer is there, every format counts as possible."""
        if self.missing is None:
            self.missing = {}
            self._backend.find_problems(self._heard)

    def _heard(self, missing: Mapping[str, str]) -> None:
        self.missing = missing

    def order(self, plan: VideoPlan) -> None:
        """Makes this video, with the model that is open, after those that were ordered before."""
        self.queue.order(self._backend.ordered(plan))

    def cancel(self) -> None:
        """Gives up the video that is being made; those that wait come next."""
        if self.queue.active is not None:
            self.queue.cancel(self.queue.active.number)

    def again(self, number: int) -> None:
        """A video that came to nothing, or one more of those that did, under a free name."""
        video = next((video for video in self.queue.videos if video.number == number), None)
        if video is not None:
            self.queue.again(number, free_path(video.plan.path, self.queue.will_make))

    def ended(self, state: str, message: str = "") -> None:
        """The video in the making is 'finished', 'failed' or 'cancelled': the next one begins."""
        self.queue.ended(state, message)
        self.propose()

    @property
    def _format(self) -> str:
        return self._state.output.format or "h264"

    def _plan(self, timeline: Timeline, path: Path) -> VideoPlan:
        output = self._state.output
        walks = side_by_side(timeline, output.rows * output.columns, self._state.spread)
        return VideoPlan(timelines=walks.timelines, phases=walks.phases, path=path, output=output)


def default_folder() -> Path:
    """The person's folder for videos if there is one, else their home."""
    videos = Path(user_videos_dir())
    return videos if videos.is_dir() else Path.home()

"""Videos one after the other: which one is made, which ones wait, and what became of the others.

Knows the worker only as something that takes a plan, rests, and gives up; nothing of widgets or of settings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import numpy as np

from engine.video.progress import Progress
from explorer.library.video_list import OrderedVideo
from explorer.panels.states import QueuedVideo

MOST_OVER = 20
"""Videos that are over and still listed; the oldest go first."""
SMALL_SIDE = 128
"""pixels that a picture is kept with, at least, once its video is over"""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueBackend:
    """Who makes the videos."""

    export: Callable[[OrderedVideo], None]
    pause: Callable[[bool], None]
    cancel: Callable[[], None]
    discard: Callable[[OrderedVideo], None]
    """nobody will go on with what may be finished of it"""
    picture: Callable[[OrderedVideo], np.ndarray | None]
    """what stands for it until it has a frame of its own: uint8 [H, W, 3 or 4]"""


class ExportQueue:
    """At most one is being made. The replies of the worker come in through `progressed` and `ended`."""

    def __init__(self, backend: QueueBackend) -> None:
        self._backend = backend
        self._numbers = count(1)
        self.videos: tuple[QueuedVideo, ...] = ()
        """in the order in which they are made"""

    @property
    def active(self) -> QueuedVideo | None:
        """The one that is being made."""
        return next((video for video in self.videos if video.is_active), None)

    @property
    def waiting(self) -> int:
        """How many come after it."""
        return sum(video.state == "waiting" for video in self.videos)

    @property
    def unfinished(self) -> tuple[OrderedVideo, ...]:
        """What is still to be made, in its order: what the next start goes on with."""
        return tuple(video.order for video in self.videos if not video.is_over)

    def keep(self) -> None:
        """Nobody makes videos any more: what is not over stays until somebody says `go_on`."""
        for video in self.videos:
            if not video.is_over:
                self._put(replace(video, state="kept"))

    def will_make(self, path: Path) -> bool:
        """Whether this name is taken by a video that is not there yet."""
        return any(video.plan.path == path and not video.is_over for video in self.videos)

    def order(self, order: OrderedVideo) -> None:
        """Makes this video, after those that were ordered before."""
        self.videos += (self._queued(order, "waiting"),)
        self._begin_next()

    def bring_back(self, orders: Iterable[OrderedVideo]) -> None:
        """Lists what the last time has left, before all others; it is made once somebody says `go_on`."""
        kept = (self._queued(order, "kept") for order in orders)
        self.videos = (*kept, *self.videos)

    def go_on(self, number: int | None = None) -> None:
        """A video that was kept is made in its turn; without a number, all of them."""
        for video in self.videos:
            if video.state == "kept" and number in (None, video.number):
                self._put(replace(video, state="waiting"))
        self._begin_next()

    def again(self, number: int, path: Path) -> None:
        """A video that is over is ordered once more, under a free name."""
        video = self._find(number)
        if video is not None and video.is_over:
            self._drop(video)
            self.order(replace(video.order, plan=replace(video.plan, path=path)))

    def toggle_pause(self) -> None:
        """The video that is being made rests, or goes on."""
        video = self.active
        if video is not None:
            rests = video.state == "running"
            self._put(replace(video, state="paused" if rests else "running"))
            self._backend.pause(rests)

    def cancel(self, number: int) -> None:
        """The one that is being made is given up, which the worker will answer; one that waits goes at once."""
        video = self._find(number)
        if video is not None and video.is_active:
            self._backend.cancel()
        elif video is not None:
            self._drop(video)
            if video.state != "finished":
                self._backend.discard(video.order)

    def move(self, number: int, by: int) -> None:
        """One that waits changes its place with the one before (-1) or after it (1), if that waits, too."""
        waiting = [index for index, video in enumerate(self.videos) if video.state == "waiting"]
        at = next((place for place, index in enumerate(waiting) if self.videos[index].number == number), None)
        if at is None or not 0 <= at + by < len(waiting):
            return
        videos = list(self.videos)
        here, there = waiting[at], waiting[at + by]
        videos[here], videos[there] = videos[there], videos[here]
        self.videos = tuple(videos)

    def progressed(self, progress: Progress) -> None:
        """So much of the active one is made."""
        video = self.active
        if video is not None:
            picture = video.picture if progress.picture is None else progress.picture
            self._put(replace(video, progress=progress, picture=picture))

    def ended(self, state: str, message: str = "") -> None:
        """What became of the active one: 'finished', 'failed' or 'cancelled'. The next one begins."""
        video = self.active
        if video is not None:
            self._put(replace(video, state=state, message=message, picture=_small(video.picture)))
            over = [each for each in self.videos if each.is_over]
            for each in over[: max(0, len(over) - MOST_OVER)]:
                self._drop(each)
        self._begin_next()

    def _begin_next(self) -> None:
        video = next((video for video in self.videos if video.state == "waiting"), None)
        if video is not None and self.active is None:
            self._put(replace(video, state="running"))
            self._backend.export(video.order)

    def _queued(self, order: OrderedVideo, state: str) -> QueuedVideo:
        picture = _small(self._backend.picture(order))
        return QueuedVideo(number=next(self._numbers), order=order, state=state, picture=picture)

    def _find(self, number: int) -> QueuedVideo | None:
        return next((video for video in self.videos if video.number == number), None)

    def _put(self, video: QueuedVideo) -> None:
        self.videos = tuple(video if each.number == video.number else each for each in self.videos)

    def _drop(self, video: QueuedVideo) -> None:
        self.videos = tuple(each for each in self.videos if each.number != video.number)


def _small(picture: np.ndarray | None) -> np.ndarray | None:
    if picture is None:
        return None
    step = max(1, min(picture.shape[:2]) // SMALL_SIDE)
    return picture[::step, ::step].copy()

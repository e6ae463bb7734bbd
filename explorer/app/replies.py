"""What each of the worker's replies means for the window. One place that knows both."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from engine.inference.requests import RenderFailure, RenderResult
from explorer.app.exporting import ExportDesk
from explorer.app.favourites import FavouritesDesk
from explorer.app.following import FollowDesk
from explorer.app.happenings import Happenings
from explorer.app.layer_viewer import LayerViewer
from explorer.app.notices import Notice
from explorer.app.opener import can_open, show_in_folder
from explorer.app.opening import ModelDesk
from explorer.app.timeline_desk import TimelineDesk
from explorer.panels.text_fit import shown_path
from explorer.session.session import Session
from explorer.worker.replies import (
    ExportCancelled,
    ExportFailed,
    ExportFinished,
    ExportProgress,
    FrameFailed,
    FrameShown,
    LayerFailed,
    LayerSeen,
    MemoryShort,
    ModelFailed,
    ModelOpened,
    PaceMeasured,
    Reply,
    WorkerFailed,
    WorkerReady,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyDesk:
    """Takes replies in."""

    session: Session
    favourites: FavouritesDesk
    export: ExportDesk
    timeline: TimelineDesk
    models: ModelDesk
    happenings: Happenings
    say: Callable[[Notice], None]
    choose_model: Callable[[], None]
    layer_viewer: Callable[[], LayerViewer | None]
    follow: FollowDesk

    def take(self, reply: Reply) -> None:
        """Each reply has one meaning."""
        if isinstance(reply, RenderResult | RenderFailure):
            self._take_picture(reply)
        elif isinstance(reply, WorkerReady):
            self.happenings.model = replace(self.happenings.model, device=reply.device, devices=reply.devices)
            self.happenings.engine_ended = False
        elif isinstance(reply, ModelOpened):
            self._take_model(reply)
        elif isinstance(reply, ModelFailed):
            self._take_model_failure(reply)
        elif isinstance(reply, MemoryShort):
            self.say(Notice(text=reply.message))
        elif isinstance(reply, WorkerFailed):
            self._take_end(reply)
        elif isinstance(reply, LayerSeen | LayerFailed):
            self._take_layer(reply)
        elif isinstance(reply, FrameShown | FrameFailed | PaceMeasured):
            self.timeline.take(reply)
        else:
            self._take_export(reply)

    def _take_layer(self, reply: LayerSeen | LayerFailed) -> None:
        viewer = self.layer_viewer()
        if viewer is None:
            return  # it was closed before the answer came
        if isinstance(reply, LayerSeen):
            viewer.show_maps(reply.maps)
        else:
            viewer.fail(reply.message)

    def _take_picture(self, reply: RenderResult | RenderFailure) -> None:
        if not self.session.accept(reply):
            return
        if isinstance(reply, RenderFailure):
            self.fail(reply.message)
        else:
            self.happenings.seconds_per_picture = reply.seconds

    def _take_model(self, reply: ModelOpened) -> None:
        self.happenings.model = replace(self.happenings.model, name=reply.path.name, opening="")
        self.session.set_model(reply.info, successor=self.follow.opened(reply))
        self.favourites.model_opened(reply.path.name)
        self.export.name_after(reply.path.name)
        self.models.opened(reply.path, reply.info)

    def _take_model_failure(self, reply: ModelFailed) -> None:
        self.happenings.model = replace(self.happenings.model, opening="")
        if self.follow.failed(reply, time.monotonic()):
            return
        self.happenings.failed = reply.message
        self.say(Notice(text=reply.message, action_label="Open another…", action=self.choose_model))

    def _take_end(self, reply: WorkerFailed) -> None:
        self.happenings.model = replace(self.happenings.model, opening="")
        self.happenings.engine_ended = True
        self.export.queue.keep()
        self.fail(reply.message)

    def _take_export(self, reply: Reply) -> None:
        if isinstance(reply, ExportProgress):
            self.export.queue.progressed(reply.progress)
        elif isinstance(reply, ExportFinished):
            self.export.ended("finished")
            self.say(_ready(reply.path))
        elif isinstance(reply, ExportFailed):
            self.export.ended("failed", reply.message)
            self.fail(reply.message)
        elif isinstance(reply, ExportCancelled):
            self.export.ended("cancelled")
            self.say(Notice(text="The export was cancelled; nothing of it was kept.", lasting=False))

    def fail(self, message: str) -> None:
        """A failure of the engine or of its pictures: a message, and the end of a screenshot."""
        self.happenings.failed = message
        if self.happenings.engine_ended:
            self.say(Notice(text=message, action_label="Open it again", action=self._start_again))
        else:
            self.say(Notice(text=message))

    def _start_again(self) -> None:
        self.models.open_again()
        self.say(Notice(text="It is being started, and opens the model.", lasting=False))


def _ready(path: Path) -> Notice:
    text = f"The video is ready: {shown_path(path)}"
    if not can_open():
        return Notice(text=text)
    return Notice(text=text, action_label="Show in folder", action=partial(show_in_folder, path))

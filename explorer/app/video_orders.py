"""Between the list of videos and the worker: an order has the model of its looks, and can be taken back whole.

Knows nothing of widgets, nor of the order in which videos are made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from engine.errors import ConfigError
from engine.video.job_folder import Job, give_up
from engine.video.plan import VideoPlan
from explorer.app.errands import Errand, Errands
from explorer.app.export_queue import QueueBackend
from explorer.app.opening import ModelDesk
from explorer.library.video_list import OrderedVideo
from explorer.session.session import Session
from explorer.worker.commands import ExportVideo
from explorer.worker.render_worker import RenderWorker


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoOrders:
    """Belongs to the main thread."""

    session: Session
    models: ModelDesk
    worker: RenderWorker
    errands: Errands
    complain: Callable[[str], None]

    def backend(self) -> QueueBackend:
        """For the list."""
        return QueueBackend(
            export=self._export,
            pause=self.worker.pause_export,
            cancel=self.worker.cancel_export,
            discard=self._discard,
            picture=lambda video: self.session.picture_of(video.plan.timelines[0].keys[0].look),
        )

    def ordered(self, plan: VideoPlan) -> OrderedVideo:
        """The plan, with the model that is open. Raises ConfigError if none is."""
        model = self.session.model
        if model is None:
            raise ConfigError("there is no model to make a video with: open one first")
        return OrderedVideo(plan=plan, content_id=model.content_id, path=self.models.file, weights=model.weights)

    def _export(self, video: OrderedVideo) -> None:
        order = ExportVideo(plan=video.plan, content_id=video.content_id, path=video.path, weights=video.weights)
        self.worker.export_video(order)

    def _discard(self, video: OrderedVideo) -> None:
        work = partial(give_up, Job(plan=video.plan, content_id=video.content_id))
        task = f"remove what was made of {video.plan.path}"
        self.errands.run(Errand(task=task, work=work, then=lambda _nothing: None, failed=self.complain, quiet=True))

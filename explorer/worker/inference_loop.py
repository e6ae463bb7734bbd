"""What is done where pictures are made, one small step at a time: open, render a tile, make a frame of a video.

Commands go first, then the frame at a timeline's playhead, then the pictures of the newest request, and the frames
of a video when nothing else is wanted, so that the window stays live. Knows nothing of threads: whoever calls `step`
decides where it runs.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from engine.errors import ExportError
from engine.formats.model_info import Weights
from engine.inference.layer_maps import LayerQuestion
from engine.inference.requests import Look, RenderFailure, RenderResult
from explorer.worker.backend import Backend, OpenedModel
from explorer.worker.commands import (
    CancelExport,
    Command,
    ExportVideo,
    FrameRequest,
    LookIntoLayer,
    OpenModel,
    PauseExport,
)
from explorer.worker.drafts import DraftSizes
from explorer.worker.failures import SHORT_OF_MEMORY, sentence_for
from explorer.worker.jobs import ExportJob
from explorer.worker.mailbox import Mailbox
from explorer.worker.replies import (
    ExportCancelled,
    ExportFailed,
    ExportFinished,
    ExportLeft,
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
    WorkerReady,
)

WRONG_MODEL = (
    "The video {name} was not made: it is of another model than the one that is open now. "
    "Open that model, then order the video again."
)

T = TypeVar("T")


class InferenceLoop:
    """The model that is open, the tiles to do, the video in the making."""

    def __init__(self, mailbox: Mailbox, backend: Backend, reply: Callable[[Reply], None]) -> None:
        self._mailbox = mailbox
        self._backend = backend
        self._reply = reply
        self._model: OpenedModel | None = None
        self._request_id = 0
        self._tiles: deque[tuple[int, Look]] = deque()
        self._hurry = False
        self._count = 0
        self._sizes = self._frame_sizes = DraftSizes((1,))
        self._unmeasured = False
        self._last: RenderResult | None = None
        self._job: ExportJob | None = None
        self._paused = False
        self._told_of_memory = False

    def step(self) -> bool:
        """Does the most urgent small piece of work; False if there was none."""
        worked = self._work()
        if self._model is not None and self._model.sparing and not self._told_of_memory:
            self._told_of_memory = True
            self._reply(MemoryShort(message=SHORT_OF_MEMORY))
        return worked

    def _work(self) -> bool:
        command = self._mailbox.take_command()
        if command is not None:
            self._obey(command)
            return True
        if self._model is not None and self._show_something(self._model):
            return True
        if self._job is not None and not self._paused:
            self._make_next_frame(self._job)
            return True
        return False

    def _show_something(self, model: OpenedModel) -> bool:
        """What somebody waits to see; False if nobody does."""
        frame = self._mailbox.take_frame()
        if frame is not None:
            self._show_frame(model, frame)
            return True
        self._take_newest_request()
        if self._tiles:
            self._render_next_tile(model)
            return True
        if self._unmeasured:
            self._measure(model)
            return True
        return False

    def close(self) -> None:
        """Leaves a video in the making; what is finished of it can be gone on with."""
        job, self._job = self._job, None
        if job is not None:
            outcome = _attempt(f"leave the video {job.path}", job.leave)
            self._reply(ExportFailed(message=outcome.sentence) if isinstance(outcome, _Problem) else ExportLeft())

    def _obey(self, command: Command) -> None:
        match command:
            case OpenModel(path=path, weights=weights, device=None):
                self._open(path, weights)
            case OpenModel():
                self._move(command)
            case ExportVideo():
                self._begin_export(command)
            case CancelExport():
                self._cancel_export()
            case PauseExport(paused=paused):
                self._paused = paused
            case LookIntoLayer(question=question):
                self._look_into(question)

    def _move(self, order: OpenModel) -> None:
        """To another device, with the model; both stay as they were if either cannot be."""
        before, device = self._backend.device, order.device or self._backend.device
        moved = _attempt(f"compute on {device}", lambda: self._backend.use(device))
        if isinstance(moved, _Problem):
            self._reply(ModelFailed(path=order.path, message=moved.sentence))
        elif not self._open(order.path, order.weights):
            self._backend.use(before)
        self._reply(WorkerReady(device=self._backend.device, devices=self._backend.devices))

    def _open(self, path: Path, weights: Weights) -> bool:
        """The model before it stays in use until the new one is there, and for the video in the making."""
        wanted = self._mailbox.open_is_wanted
        model = _attempt(f"open {path}", lambda: self._backend.open(path, weights, wanted))
        if not wanted():
            return False  # the person has turned to something else, and the model before is still in use
        if isinstance(model, _Problem):
            self._reply(ModelFailed(path=path, message=model.sentence))
            return False
        self._model = model
        self._tiles.clear()
        self._last = None
        self._sizes, self._frame_sizes = DraftSizes(model.resolutions), DraftSizes(model.resolutions)
        self._unmeasured = self._told_of_memory = False
        self._reply(ModelOpened(path=path, info=model.info))
        return True

    def _look_into(self, question: LayerQuestion) -> None:
        model = self._model
        if model is None:
            self._reply(LayerFailed(message="There is no model to look into: open one first."))
            return
        maps = _attempt("look into this layer", lambda: model.look_into(question))
        self._reply(LayerFailed(message=maps.sentence) if isinstance(maps, _Problem) else LayerSeen(maps=maps))

    def _take_newest_request(self) -> None:
        request = self._mailbox.take_request()
        if request is not None:
            self._request_id = request.request_id
            self._tiles = deque(request.looks)
            self._hurry, self._count = request.hurry, len(request.looks)

    def _render_next_tile(self, model: OpenedModel) -> None:
        tile, look = self._tiles.popleft()
        result = _attempt("make this picture", lambda: self._result(model, tile, look))
        if isinstance(result, _Problem):
            self._tiles.clear()  # the others would fail likewise
            self._reply(RenderFailure(request_id=self._request_id, message=result.sentence))
            return
        self._last = replace(result, request_id=self._request_id, tile=tile)
        self._reply(self._last)

    def _result(self, model: OpenedModel, tile: int, look: Look) -> RenderResult:
        last, full = self._last, model.resolutions[-1]
        if last is not None and last.look == look and (self._hurry or not last.draft):
            return last  # it was in the making when it was asked for again
        side = self._sizes.choose(self._count) if self._hurry else full
        start = time.perf_counter()
        pixels = model.render(look, tile, side)
        seconds = time.perf_counter() - start
        self._sizes.learn(side, seconds, self._count)
        return RenderResult(request_id=0, tile=tile, look=look, pixels=pixels, seconds=seconds, draft=side < full)

    def _show_frame(self, model: OpenedModel, request: FrameRequest) -> None:
        full = model.resolutions[-1]
        side = self._frame_sizes.choose(1) if request.hurry else full
        start = time.perf_counter()
        pixels = _attempt("show this frame", lambda: model.frame(request.timeline, request.seconds, side))
        if isinstance(pixels, _Problem):
            self._reply(FrameFailed(request_id=request.request_id, message=pixels.sentence))
            return
        self._frame_sizes.learn(side, time.perf_counter() - start, 1)
        self._unmeasured = request.timeline.pace != "eased"
        self._reply(FrameShown(request_id=request.request_id, pixels=pixels, draft=side < full))

    def _measure(self, model: OpenedModel) -> None:
        """A little at a time; once it is done, or cannot be, there is nothing more to do."""
        more = _attempt("measure this timeline", model.measure)
        if more is not True:
            self._unmeasured = False
            if more is False:
                self._reply(PaceMeasured())

    def _begin_export(self, order: ExportVideo) -> None:
        if self._job is not None:
            self._reply(ExportFailed(message="A video is being made already: wait for it, or cancel it first."))
            return
        model = _attempt(f"make the video {order.plan.path}", lambda: self._model_of(order))
        if isinstance(model, _Problem):
            self._reply(ExportFailed(message=model.sentence))
        else:
            self._job, self._paused = ExportJob(order.plan, model.export(order.plan)), False

    def _model_of(self, order: ExportVideo) -> OpenedModel:
        """The one that is open, or else the video's own beside it. Raises EngineError."""
        if self._model is not None and self._model.info.content_id == order.content_id:
            return self._model
        name = order.plan.path.name
        if order.path is None or not order.path.is_file():
            raise ExportError(WRONG_MODEL.format(name=name))
        model = self._backend.open(order.path, order.weights, lambda: not self._mailbox.closed)
        if model.info.content_id != order.content_id:
            raise ExportError(f"The video {name} was not made: {order.path} is another model than it was.")
        return model

    def _make_next_frame(self, job: ExportJob) -> None:
        outcome = _attempt(f"make the video {job.path}", job.advance)
        if isinstance(outcome, _Problem):
            self._job = None
            self._reply(ExportFailed(message=outcome.sentence))
            return
        self._reply(ExportProgress(progress=job.progress))
        if job.is_over:
            self._job = None
            self._reply(ExportFinished(path=job.path))

    def _cancel_export(self) -> None:
        job, self._job = self._job, None
        if job is None:
            return
        outcome = _attempt(f"give up the video {job.path}", job.cancel)
        if isinstance(outcome, _Problem):
            self._reply(ExportFailed(message=outcome.sentence))
        else:
            self._reply(ExportCancelled())


@dataclass(frozen=True, slots=True)
class _Problem:
    sentence: str


def _attempt(task: str, action: Callable[[], T]) -> T | _Problem:
    """What the action gives, or why it failed, as a sentence."""
    try:
        return action()
    except Exception as error:  # noqa: BLE001 - the edge of the thread: nobody further out could tell the person
        return _Problem(sentence_for(task, error))

"""Whoever makes pictures, as the main thread sees it: orders go in, replies come out, nothing blocks.

Only frozen values and finished arrays cross. Where the pictures are made is a `Workshop`'s business.
"""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Protocol

from engine.errors import ExportError
from engine.formats.model_info import Weights
from engine.inference.layer_maps import LayerQuestion
from engine.inference.requests import RenderFailure, RenderRequest
from explorer.worker.backend import TorchBackend
from explorer.worker.commands import (
    CancelExport,
    CancelOpen,
    ExportVideo,
    FrameRequest,
    LookIntoLayer,
    OpenModel,
    Order,
    PauseExport,
)
from explorer.worker.inference_process import InferenceProcess
from explorer.worker.replies import (
    ExportEnd,
    ExportFailed,
    FrameFailed,
    LayerFailed,
    Reply,
    WorkerFailed,
)

STOP_SECONDS = 10.0
"""For a video in the making to be left in order."""
LEAVE_SECONDS = 0.2
"""For one who owes nobody anything: it may be importing torch or opening a large model."""

Question = RenderRequest | FrameRequest | LookIntoLayer | ExportVideo
"""What has an answer in any case, be it that nobody is there any more."""


class Workshop(Protocol):
    """Where pictures are made. Can be started again once it has ended."""

    def start(self, reply: Callable[[Reply], None]) -> None:
        """Begins; `WorkerReady` or `WorkerFailed` will be the first reply, from any thread."""

    def put(self, order: Order) -> None:
        """Returns at once. Before `start`, the order waits."""

    def close(self) -> None:
        """Ends it after the piece of work it is in."""

    def join(self, timeout: float) -> bool:
        """Whether it has ended within so many seconds; True if it never began."""


class RenderWorker:
    """All methods are for one thread, and return at once except `stop`."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._replies: queue.SimpleQueue[Reply] = queue.SimpleQueue()
        self._running = self._exporting = False
        self._failure = ""
        self._request: RenderRequest | None = None
        self._frame: FrameRequest | None = None

    @staticmethod
    def in_a_process(device: str, precision: str) -> RenderWorker:
        """The window's. device: 'auto', 'cpu', 'cuda' or 'mps'; precision: 'auto', 'float32', 'bf16' or 'fp16'."""
        return RenderWorker(InferenceProcess(partial(TorchBackend, device, precision)))

    @property
    def exporting(self) -> bool:
        """Whether a video was ordered whose end has not been among the replies yet."""
        return self._exporting

    def start(self) -> None:
        """`WorkerReady` or `WorkerFailed` will be the first reply. Once is enough; more does nothing."""
        if not self._running:
            self._running = True
            self._workshop.start(self._replies.put)

    def open_model(self, path: Path, weights: Weights = "ema", device: str | None = None) -> None:
        """Orders a model; `ModelOpened` or `ModelFailed` will follow, unless a newer order overtakes this one.

        device: where it, and every later one, is computed; `WorkerReady` will say where that is. After a `WorkerFailed`
        this starts anew.
        """
        if self._failure:
            self._failure = ""
            self.start()
        self._workshop.put(OpenModel(path=path, weights=weights, device=device))

    def cancel_open(self) -> None:
        """The models that were ordered so far are not wanted: the one before stays, and nothing is said of them."""
        self._workshop.put(CancelOpen())

    def request(self, request: RenderRequest) -> None:
        """Orders pictures; what is left of an older request is dropped."""
        self._request = request
        self._put_or_answer(request)

    def show_frame(self, request: FrameRequest) -> None:
        """Orders a frame of a timeline; `FrameShown` or `FrameFailed` will follow, unless a newer order overtakes."""
        self._frame = request
        self._put_or_answer(request)

    def export_video(self, order: ExportVideo) -> None:
        """Orders a video; `ExportProgress`, and at last one of the `ExportEnd`s, will follow.

        Raises ExportError while another video is being made.
        """
        if self._exporting:
            raise ExportError("A video is being made already: wait for it, or cancel it first.")
        self._exporting = not self._failure
        self._put_or_answer(order)

    def look_into(self, question: LayerQuestion) -> None:
        """Orders the maps of a layer; `LayerSeen` or `LayerFailed` will follow, unless a newer order overtakes it."""
        self._put_or_answer(LookIntoLayer(question=question))

    def cancel_export(self) -> None:
        """Gives up the video that is being made, if there is one."""
        self._workshop.put(CancelExport())

    def pause_export(self, paused: bool) -> None:
        """Lets the video that is being made rest, or go on; every new one begins at once."""
        self._workshop.put(PauseExport(paused=paused))

    def replies(self, timeout: float = 0.0) -> list[Reply]:
        """What has been answered since the last call, oldest first.

        Never blocks, unless a timeout is given: then it waits up to so many seconds for the first reply.
        """
        drained: list[Reply] = []
        with contextlib.suppress(queue.Empty):
            if timeout > 0:
                drained.append(self._replies.get(timeout=timeout))
            while True:
                drained.append(self._replies.get_nowait())
        return [each for reply in drained for each in self._heard(reply)]

    def stop(self, timeout: float | None = None) -> bool:
        """Ends it after the piece of work it is in; whether it has ended within `timeout` seconds.

        Of a video in the making everything that is finished stays. Without a timeout only that is waited for.
        """
        if timeout is None:
            self.replies()  # of which the end of a video may be one
            timeout = STOP_SECONDS if self._exporting else LEAVE_SECONDS
        self._workshop.close()
        return self._workshop.join(timeout)

    def _heard(self, reply: Reply) -> Iterator[Reply]:
        """After a failure nothing else will come, so everything that was waited for has failed with it."""
        if isinstance(reply, ExportEnd):
            self._exporting = False
        if isinstance(reply, WorkerFailed):
            self._running, self._failure = False, reply.message
            yield from (self._failed(order) for order in (self._request, self._frame) if order is not None)
            if self._exporting:
                self._exporting = False
                yield ExportFailed(message=reply.message)
        yield reply

    def _put_or_answer(self, order: Question) -> None:
        if self._failure:
            self._replies.put(self._failed(order))
        else:
            self._workshop.put(order)

    def _failed(self, order: Question) -> Reply:
        match order:
            case RenderRequest():
                return RenderFailure(request_id=order.request_id, message=self._failure)
            case FrameRequest():
                return FrameFailed(request_id=order.request_id, message=self._failure)
            case LookIntoLayer():
                return LayerFailed(message=self._failure)
            case ExportVideo():
                return ExportFailed(message=self._failure)

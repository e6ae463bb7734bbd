"""The one inference thread, as the main thread sees it: orders go in, replies come out, nothing blocks.

The thread imports torch and owns the models and the device; only frozen values and finished arrays cross.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from pathlib import Path

from engine.errors import ExportError
from engine.formats.model_info import Weights
from engine.inference.layer_maps import LayerQuestion
from engine.inference.memory import keep_freed_memory
from engine.inference.requests import RenderRequest
from engine.inference.threads import let_threads_sleep
from explorer.worker.backend import Backend, TorchBackend
from explorer.worker.commands import CancelExport, ExportVideo, FrameRequest, LookIntoLayer, OpenModel, PauseExport
from explorer.worker.failures import sentence_for
from explorer.worker.inference_loop import InferenceLoop
from explorer.worker.mailbox import Mailbox
from explorer.worker.replies import (
    ExportEnd,
    Reply,
    WorkerFailed,
    WorkerReady,
)

STOP_SECONDS = 10.0
"""For a video in the making to be left in order."""
LEAVE_SECONDS = 0.2
"""For a thread that owes nobody anything: it may be importing torch or opening a large model."""


class RenderWorker:
    """Renders in a thread of its own. All methods are for one other thread, and return at once except `stop`."""

    def __init__(self, device: str = "auto", backend_factory: Callable[[str], Backend] = TorchBackend) -> None:
        """backend_factory: called in the thread with the device that was asked for."""
        self._device = device
        self._backend_factory = backend_factory
        self._mailbox = Mailbox()
        self._replies: queue.SimpleQueue[Reply] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="inference", daemon=True)
        self._exporting = False

    @property
    def exporting(self) -> bool:
        """Whether a video was ordered whose end has not been among the replies yet."""
        return self._exporting

    def start(self) -> None:
        """Starts the thread; `WorkerReady` or `WorkerFailed` will be its first reply."""
        keep_freed_memory()  # has to happen before the thread begins
        let_threads_sleep()  # and this before torch is imported
        self._thread.start()

    def open_model(self, path: Path, weights: Weights = "ema") -> None:
        """Orders a model; `ModelOpened` or `ModelFailed` will follow, unless a newer order overtakes this one."""
        self._mailbox.put_command(OpenModel(path=path, weights=weights))

    def cancel_open(self) -> None:
        """The models that were ordered so far are not wanted: the one before stays, and nothing is said of them."""
        self._mailbox.cancel_open()

    def request(self, request: RenderRequest) -> None:
        """Orders pictures; what is left of an older request is dropped."""
        self._mailbox.put_request(request)

    def show_frame(self, request: FrameRequest) -> None:
        """Orders a frame of a timeline; `FrameShown` or `FrameFailed` will follow, unless a newer order overtakes."""
        self._mailbox.put_frame(request)

    def export_video(self, order: ExportVideo) -> None:
        """Orders a video; `ExportProgress`, and at last one of the `ExportEnd`s, will follow.

        Raises ExportError while another video is being made.
        """
        if self._exporting:
            raise ExportError("A video is being made already: wait for it, or cancel it first.")
        self._exporting = True
        self._mailbox.put_command(order)

    def look_into(self, question: LayerQuestion) -> None:
        """Orders the maps of a layer; `LayerSeen` or `LayerFailed` will follow, unless a newer order overtakes it."""
        self._mailbox.put_command(LookIntoLayer(question=question))

    def cancel_export(self) -> None:
        """Gives up the video that is being made, if there is one."""
        self._mailbox.put_command(CancelExport())

    def pause_export(self, paused: bool) -> None:
        """Lets the video that is being made rest, or go on; every new one begins at once."""
        self._mailbox.put_command(PauseExport(paused=paused))

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
        if any(isinstance(reply, ExportEnd) for reply in drained):
            self._exporting = False
        return drained

    def stop(self, timeout: float | None = None) -> bool:
        """Ends the thread after the piece of work it is in; whether it has ended within `timeout` seconds.

        Of a video in the making everything that is finished stays. Without a timeout only that is waited for: a thread
        that does anything else goes on in the background, and says nothing any more.
        """
        if timeout is None:
            self.replies()  # of which the end of a video may be one
            timeout = STOP_SECONDS if self._exporting else LEAVE_SECONDS
        self._mailbox.close()
        if self._thread.ident is None:  # never started
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            backend = self._backend_factory(self._device)
            self._replies.put(WorkerReady(device=backend.device))
            loop = InferenceLoop(self._mailbox, backend, self._replies.put)
            try:
                while not self._mailbox.closed:
                    if not loop.step():
                        self._mailbox.wait()
            finally:
                loop.close()
        except Exception as error:  # noqa: BLE001 - the edge of the thread: nobody further out could tell the person
            self._replies.put(WorkerFailed(message=sentence_for("start or go on making pictures", error)))

"""Pictures made in a thread of this process. Tests use it, since it starts at once and can be looked into.

The window has `InferenceProcess` instead, in which nothing that torch does can hold the window up.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from engine.inference.memory import keep_freed_memory
from engine.inference.threads import let_threads_sleep
from explorer.worker.backend import Backend
from explorer.worker.commands import Order
from explorer.worker.failures import sentence_for
from explorer.worker.inference_loop import InferenceLoop
from explorer.worker.mailbox import Mailbox
from explorer.worker.replies import Reply, WorkerFailed, WorkerReady

BackendFactory = Callable[[], Backend]


class InferenceThread:
    """A `Workshop` (`explorer/worker/render_worker.py`)."""

    def __init__(self, backend_factory: BackendFactory) -> None:
        """backend_factory: called in the thread."""
        self._backend_factory = backend_factory
        self._mailbox = Mailbox()
        self._thread: threading.Thread | None = None

    def start(self, reply: Callable[[Reply], None]) -> None:
        """Starts the thread, which answers through `reply`. What was ordered before is not forgotten."""
        if self._mailbox.closed:
            self._mailbox = Mailbox()
        keep_freed_memory()  # has to happen before the thread begins
        let_threads_sleep()  # and this before torch is imported
        work = (self._mailbox, self._backend_factory, reply)
        self._thread = threading.Thread(target=serve, args=work, name="inference", daemon=True)
        self._thread.start()

    def put(self, order: Order) -> None:
        """Returns at once."""
        self._mailbox.put(order)

    def close(self) -> None:
        """Ends the thread after the piece of work it is in."""
        self._mailbox.close()

    def join(self, timeout: float) -> bool:
        """Whether the thread has ended within so many seconds, or never began. One that has not goes on."""
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()


def serve(mailbox: Mailbox, backend_factory: BackendFactory, reply: Callable[[Reply], None]) -> None:
    """Makes what is ordered until the mailbox is closed. `WorkerReady` or `WorkerFailed` is the first reply."""
    try:
        backend = backend_factory()
        reply(WorkerReady(device=backend.device, devices=backend.devices))
        loop = InferenceLoop(mailbox, backend, reply)
        try:
            while not mailbox.closed:
                if not loop.step():
                    mailbox.wait()
        finally:
            loop.close()
    except Exception as error:  # noqa: BLE001 - the edge of the thread: nobody further out could tell the person
        reply(WorkerFailed(message=sentence_for("start or go on making pictures", error)))

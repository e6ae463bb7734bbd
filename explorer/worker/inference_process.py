"""Pictures made in a process of its own, as the window sees it: orders go down one pipe, replies come up another.

Every call of torch needs Python's interpreter for a moment, and so does every frame of the window: in one process each
holds the other up. Here they share nothing but two cores. And what becomes of torch, out of memory or worse, does not
become of the window. The other end is `explorer/worker/inference_main.py`.
"""

from __future__ import annotations

import contextlib
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import IO

from explorer.worker.commands import Order
from explorer.worker.inference_thread import BackendFactory
from explorer.worker.replies import Reply, WorkerFailed

PROGRAM = "import sys; sys.path[:] = {path!r}; from explorer.worker.inference_main import main; main()"
"""The same places to import from as here, and not the folder that the person happens to be in."""
KILL_SECONDS = 5.0
"""For the system to clear away a process that was killed."""


class InferenceProcess:
    """A `Workshop` (`explorer/worker/render_worker.py`)."""

    def __init__(self, backend_factory: BackendFactory) -> None:
        """backend_factory: called in the process, so it must be something that can be imported there."""
        self._backend_factory = backend_factory
        self._process: subprocess.Popen[bytes] | None = None
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._closing = False

    @property
    def pid(self) -> int | None:
        """The process's number, once it is started."""
        return self._process.pid if self._process is not None else None

    @property
    def exit_status(self) -> int | None:
        """0 if it has ended by itself, a signal's number, negative, if it was killed; None while it runs."""
        return self._process.poll() if self._process is not None else None

    def start(self, reply: Callable[[Reply], None]) -> None:
        """Starts the process, which answers through `reply`, in a thread.

        What was ordered before the first start waits for it; what an ended process has left undone is forgotten.
        """
        if self._process is not None:
            self._orders = queue.SimpleQueue()
        orders, self._closing = self._orders, False
        try:
            process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM.format(path=[entry for entry in sys.path if entry])],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                creationflags=_flags(),
            )
        except OSError as error:
            reply(WorkerFailed(message=f"The process that makes pictures does not start: {error.strerror or error}."))
            return
        self._process = process
        assert process.stdin is not None
        for name, target, arguments in (
            ("orders", _send, (process.stdin, self._backend_factory, orders)),
            ("replies", self._listen, (process, reply, orders)),
        ):
            threading.Thread(target=target, args=arguments, name=name, daemon=True).start()

    def put(self, order: Order) -> None:
        """Returns at once, however busy the process is."""
        self._orders.put(order)

    def close(self) -> None:
        """Ends the process after the piece of work it is in."""
        self._closing = True
        self._orders.put(None)

    def join(self, timeout: float) -> bool:
        """True: the process has ended, by itself within so many seconds or because it was killed."""
        if self._process is None:
            return True
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(KILL_SECONDS)
        return True

    def _listen(
        self, process: subprocess.Popen[bytes], reply: Callable[[Reply], None], orders: queue.SimpleQueue[Order | None]
    ) -> None:
        """In a thread. What comes was written by our own process, so that reading it executes nothing foreign."""
        assert process.stdout is not None
        with process.stdout as pipe:
            while (answer := _next_answer(pipe)) is not None:
                reply(answer)
        code = process.wait()
        orders.put(None)  # lets `_send` end
        if not self._closing:
            reply(WorkerFailed(message=_why(code)))


def _send(pipe: IO[bytes], first: BackendFactory, orders: queue.SimpleQueue[Order | None]) -> None:
    """In a thread, since a pipe that is full makes the writer wait."""
    with contextlib.suppress(OSError), pipe:  # then the process has ended, which `_listen` tells
        message: BackendFactory | Order | None = first
        while message is not None:
            pickle.dump(message, pipe, pickle.HIGHEST_PROTOCOL)
            pipe.flush()
            message = orders.get()


def _next_answer(pipe: IO[bytes]) -> Reply | None:
    """None once the process has ended, be it in the middle of an answer."""
    try:
        answer: Reply = pickle.load(pipe)
    except (EOFError, OSError, pickle.UnpicklingError):
        return None
    return answer


def _flags() -> int:
    """On Windows, no console of its own that would flash up."""
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW
    return 0


def _why(code: int) -> str:
    """code: what the process ended with; a signal's number, negative, if it was killed."""
    how = f"with the code {code}"
    if code < 0:
        names = {int(each): each.name for each in signal.Signals}
        how = f"by {names.get(-code, f'signal {-code}')}"
    hint = ", which is what systems do that run out of memory" if code == -9 else ""
    return (
        f"The process that makes pictures was ended {how}{hint}. Nothing else was lost: open the model again to go on."
    )

"""The process that makes the window's pictures, seen from inside: orders come from stdin, replies go to stdout.

It ends when its orders end, which they also do when the window's process is killed.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import pickle
import signal
import sys
import threading
from typing import BinaryIO

from engine.inference.memory import keep_freed_memory
from engine.inference.threads import let_threads_sleep
from explorer.worker.inference_thread import BackendFactory, serve
from explorer.worker.mailbox import Mailbox
from explorer.worker.replies import Reply

LAST_SECONDS = 15.0
"""For what is being done when the orders end; then the process ends whatever it is in."""


def main() -> None:
    """Until the orders end."""
    orders, answers = _own_pipes()
    signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is for the window, which then closes the pipe
    faulthandler.enable()
    keep_freed_memory()
    let_threads_sleep()  # before torch is imported
    mailbox = Mailbox()
    backend_factory: BackendFactory = pickle.load(orders)
    threading.Thread(target=_take_orders, args=(orders, mailbox), name="orders", daemon=True).start()

    def reply(answer: Reply) -> None:
        try:
            pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()
        except BrokenPipeError:
            mailbox.close()  # nobody is there any more to hear it

    serve(mailbox, backend_factory, reply)
    with contextlib.suppress(BrokenPipeError):
        answers.close()


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """stdin and stdout for our purpose alone: what a library prints goes to stderr, or nowhere if there is none."""
    orders, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # a program without a console
        os.dup2(nowhere, 1)
    os.close(nowhere)
    return orders, answers


def _take_orders(orders: BinaryIO, mailbox: Mailbox) -> None:
    """In a thread. Orders come from the window's own process, so that reading them executes nothing foreign."""
    with contextlib.suppress(EOFError, OSError, pickle.UnpicklingError):  # all of them mean that the window has gone
        while True:
            mailbox.put(pickle.load(orders))
    mailbox.close()
    threading.Timer(LAST_SECONDS, _end).start()


def _end() -> None:
    sys.stderr.flush()
    os._exit(1)

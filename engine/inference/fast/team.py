"""Threads that make one picture together: each takes the next piece of a layer as soon as it has done one.

torch's own threads divide every operation and meet after it, hundreds of times a picture; whenever another program
takes a core from one of them, all wait. Pieces are whole rows or channels of a layer with everything that is done to
them, and whoever has a core takes the next. What the pieces are does not depend on how many threads there are, so
neither do the bits of a picture. Knows nothing of layers.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from queue import SimpleQueue
from typing import Generic, TypeVar

import torch

T = TypeVar("T")
_of_this_thread = threading.local()


def share(pieces: Sequence[Callable[[], T]]) -> list[T]:
    """What the functions return, in order; by all threads of the caller's team, or by the caller alone.

    They must not depend on each other. Returns when all have ended; raises the error of one that failed, in which
    case not all were called.
    """
    team: Team | None = getattr(_of_this_thread, "team", None)
    if team is None or len(pieces) < 2:
        return [piece() for piece in pieces]
    return team.share(pieces)


@contextlib.contextmanager
def working_together(size: int) -> Iterator[None]:
    """Within, `share` in this thread has so many threads, this one included, each with one thread of torch's."""
    team, threads = getattr(_of_this_thread, "team", None), torch.get_num_threads()
    _of_this_thread.team = team_of(size) if size > 1 else None
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        _of_this_thread.team = team


class Team:
    """A caller and its helpers, who sleep while there is nothing to do. Several callers may share them."""

    def __init__(self, size: int) -> None:
        """size: with the caller."""
        self._helpers = size - 1
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        threads, ready = torch.get_num_threads(), threading.Barrier(size)
        for number in range(self._helpers):
            name = f"render helper {number + 1}"
            threading.Thread(target=self._help, args=(ready,), name=name, daemon=True).start()
        ready.wait()
        torch.set_num_threads(threads)  # or all threads to come would have as many as the helpers

    def share(self, pieces: Sequence[Callable[[], T]]) -> list[T]:
        """See `share`; the caller takes part, so it ends even if no helper ever gets a core."""
        work = _Round(pieces)
        for _ in range(min(self._helpers, len(pieces) - 1)):
            self._calls.put(work.take_part)
        work.take_part()
        return work.results()

    def _help(self, ready: threading.Barrier) -> None:
        torch.get_num_threads()  # a thread's first question gives it the number that others have set last
        torch.set_num_threads(1)
        ready.wait()
        _of_this_thread.team = self
        with torch.inference_mode():
            while True:
                self._calls.get()()


team_of = cache(Team)
"""The one team of this size; its helpers stay until the program ends."""


class _Round(Generic[T]):
    """The pieces of one call of `share`."""

    def __init__(self, pieces: Sequence[Callable[[], T]]) -> None:
        self._waiting = deque(enumerate(pieces))
        self._results: dict[int, T] = {}
        self._failure: BaseException | None = None
        self._left = len(pieces)
        self._counting = threading.Lock()
        self._ended = threading.Event()

    def take_part(self) -> None:
        """Does one piece after the other until none is left to begin."""
        while True:
            try:
                index, piece = self._waiting.popleft()
            except IndexError:
                return
            try:
                if self._failure is None:
                    self._results[index] = piece()
            except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits for the results
                self._failure = error
            with self._counting:
                self._left -= 1
                if self._left == 0:
                    self._ended.set()

    def results(self) -> list[T]:
        """Of all pieces in order, once the last has ended. Raises what one of them has raised."""
        try:
            self._ended.wait()
        except KeyboardInterrupt as error:  # a program that ends now would end in the middle of what a helper does
            self._failure = error
            self._ended.wait()
        if self._failure is not None:
            raise self._failure
        return [result for _, result in sorted(self._results.items())]

"""Short work on files, in a thread of its own so that the window never waits for a disk.

Errands are done one after the other, in order. Knows nothing of what they are about.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from explorer.worker.failures import sentence_for

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand(Generic[T]):
    """What to do, what it is called in a message, and who hears of the outcome (in the main thread)."""

    task: str
    """as in "It was not possible to …\""""
    work: Callable[[], T]
    then: Callable[[T], None]
    failed: Callable[[str], None]
    quiet: bool = False
    """nobody waits for it, and nothing is to be seen of it"""


class Errands:
    """Belongs to the main thread."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="errands")
        self._running: deque[tuple[Future[Any], Errand[Any]]] = deque()

    @property
    def busy(self) -> bool:
        """Whether an outcome that somebody waits for is still to come."""
        return any(not errand.quiet for _, errand in self._running)

    @property
    def running(self) -> bool:
        """Whether there is anything at all to do."""
        return bool(self._running)

    def run(self, errand: Errand[Any]) -> None:
        """Returns at once."""
        self._running.append((self._executor.submit(errand.work), errand))

    def collect(self) -> bool:
        """Tells what has been done since; False if there was nothing to tell."""
        told = False
        while self._running and self._running[0][0].done():
            future, errand = self._running.popleft()
            told = told or not errand.quiet
            error = future.exception()
            if error is None:
                errand.then(future.result())
            elif isinstance(error, Exception):
                errand.failed(sentence_for(errand.task, error))
            else:
                raise error
        return told

    def close(self) -> None:
        """Waits until everything is done; the outcomes are not told any more."""
        self._executor.shutdown(wait=True)

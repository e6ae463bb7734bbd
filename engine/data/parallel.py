"""Work on many pictures by a few threads, in order. Knows nothing of pictures."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD_PER_THREAD = 4


def threads() -> int:
    """Decoders release the GIL; more threads than this only hold more large pictures at once."""
    return min(8, os.cpu_count() or 1)


def map_in_threads(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Results in the order of `items`, a few of them ahead of the caller, so that few are held at once.

    An error or an interruption cancels what has not begun.
    """
    pool = ThreadPoolExecutor(max_workers=threads(), thread_name_prefix="decode")
    waiting = iter(items)
    try:
        under_way: deque[Future[Result]] = deque(
            pool.submit(function, item) for item in islice(waiting, _AHEAD_PER_THREAD * threads())
        )
        while under_way:
            result = under_way.popleft().result()
            under_way.extend(pool.submit(function, item) for item in islice(waiting, 1))
            yield result
    finally:
        pool.shutdown(cancel_futures=True)

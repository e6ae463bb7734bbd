"""The library in a thread of its own: the window never waits for a disk, a check or a thumbnail.

What is asked for is done in order. Every change brings a new shelf; every few seconds it is asked whether another
explorer has written something, and now and then a backup is made. Knows nothing of widgets.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from explorer.app.errands import Errand, Errands
from explorer.library.backups import backup_paths
from explorer.library.errors import LibraryError
from explorer.library.favourites import Library
from explorer.library.shelf import Shelf

T = TypeVar("T")
BUSY_SECONDS = 0.5
"""How long a change waits for another program that is writing."""
LOOK_SECONDS = 2.0
"""Between questions whether another explorer has written."""
BACKUP_SECONDS = 600.0
NOT_OPEN = "Favourites cannot be kept at the moment. "


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What comes back from the thread."""

    result: Any
    shelf: Shelf | None
    """None if it is as it was"""
    notice: str


class LibraryThread:
    """Belongs to the main thread. Without a library (an unwritable folder) each request tries to open it again."""

    def __init__(self, took: Callable[[Shelf], None], complain: Callable[[str], None]) -> None:
        """took: hears of every new shelf; both are called in the main thread, from `collect`."""
        self._took = took
        self._complain = complain
        self._errands = Errands()
        self._library: Library | None = None  # only used in the thread
        self._told = ""
        self._look_at = time.monotonic() + LOOK_SECONDS
        self._backup_at = time.monotonic() + BACKUP_SECONDS
        self._changed = False

    @property
    def busy(self) -> bool:
        """Whether something that a person would see is still to come."""
        return self._errands.busy

    def open(self) -> None:
        """Opens the library and fetches the shelf; then a backup, if there is something new in it."""
        self._run("open the favourites", lambda _library: None, None)
        self._run("back the favourites up", _back_up_if_newer, None, reads=True, quiet=True)

    def change(self, task: str, work: Callable[[Library], T], then: Callable[[T], None] | None = None) -> None:
        """Does something to the library; the new shelf is told before `then`."""
        self._changed = True
        self._run(task, work, then)

    def note(self, task: str, work: Callable[[Library], object]) -> None:
        """Changes something that nobody waits for; if it cannot be done, nothing is lost."""
        self._run(task, work, None, quiet=True)

    def read(self, task: str, work: Callable[[Library], T], then: Callable[[T], None]) -> None:
        """Fetches something from the library."""
        self._run(task, work, then, reads=True)

    def collect(self) -> bool:
        """Tells what has been done since; False if there was nothing to see."""
        told = self._errands.collect()
        now = time.monotonic()
        if now >= self._look_at and not self._errands.running:
            self._look_at = now + LOOK_SECONDS
            self._run("look into the favourites", _changed_elsewhere, self._seen, reads=True, quiet=True)
        if now >= self._backup_at and self._changed:
            self._backup_at, self._changed = now + BACKUP_SECONDS, False
            self._run("back the favourites up", Library.back_up, None, reads=True, quiet=True)
        return told

    def close(self) -> None:
        """Waits until everything is done, and lets go of the file."""
        self._errands.run(Errand(task="close", work=self._close, then=lambda _nothing: None, failed=self._complain))
        self._errands.close()

    def _run(
        self,
        task: str,
        work: Callable[[Library], Any],
        then: Callable[[Any], None] | None,
        *,
        reads: bool = False,
        quiet: bool = False,
    ) -> None:
        def do() -> Outcome:
            library = self._opened()
            result = work(library)
            shelf = None if reads else library.shelf()
            return Outcome(result=result, shelf=shelf, notice=library.notice)

        def tell(outcome: Outcome) -> None:
            if outcome.shelf is not None:
                self._took(outcome.shelf)
            if outcome.notice != self._told:
                self._told = outcome.notice
                self._complain(outcome.notice)
            if then is not None:
                then(outcome.result)

        def fail(sentence: str) -> None:
            if not quiet:
                self._complain(sentence if self._library is not None else NOT_OPEN + sentence)

        self._errands.run(Errand(task=task, work=do, then=tell, failed=fail, quiet=quiet))

    def _opened(self) -> Library:
        if self._library is None:
            self._library = Library(busy_seconds=BUSY_SECONDS)
            self._library.changed_elsewhere()
        return self._library

    def _seen(self, changed: bool) -> None:
        if changed:
            self._run("read the favourites", lambda _library: None, None)

    def _close(self) -> None:
        if self._library is not None:
            self._library.close()


def _changed_elsewhere(library: Library) -> bool:
    return library.changed_elsewhere()


def _back_up_if_newer(library: Library) -> None:
    """A start is a good moment: the library has just been found sound."""
    newest, _ = backup_paths(library.path)
    try:
        made = newest.stat().st_mtime if newest.exists() else 0.0
        beside = library.path.with_name(library.path.name + "-wal")
        changed = max(path.stat().st_mtime for path in (library.path, beside) if path.exists())
    except OSError as error:
        raise LibraryError(f"no backup of {library.path} could be made: {error.strerror or error}") from error
    if changed > made:
        library.back_up()

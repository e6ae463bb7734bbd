"""The session on disk: read at the start, saved shortly after every change. Knows nothing of widgets."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

from engine.inference.new_file import free_path
from explorer.app.errands import Errand, Errands
from explorer.app.options import FIRST_GRID, LAST_SESSION, AppOptions
from explorer.library.folders import data_folder
from explorer.session.document import Document, new_document
from explorer.session.edits import with_grid
from explorer.session.session_file import SavedSession, SessionFileError, read_session, write_session

BEFORE_NEW = "session-before-new.json"
"""What --new sets aside."""
SET_ASIDE = "session-set-aside.json"
"""What could not be understood."""
SAVE_SECONDS = 0.3
"""From a change to the moment it is written."""


class SessionKeeper:
    """Knows the file, what was read from it, and what was last written to it."""

    def __init__(self, options: AppOptions, errands: Errands, complain: Callable[[str], None]) -> None:
        """Raises SessionFileError if the file that --session names cannot be understood."""
        self._errands = errands
        self._complain = complain
        self._last: SavedSession | None = None
        self._changed_at: float | None = None
        self._writing = False
        self._complained = False
        self._named = options.session is not None
        self.notice = ""
        """what to tell the person about the last session; "" for nothing"""
        self.path: Path | None = None
        """where changes are saved; None for nowhere"""
        if options.screenshot is None:
            self.path = options.session or data_folder() / LAST_SESSION
        self.saved = self._read(options)
        """the session that was found at the start"""

    def observe(self, present: SavedSession) -> None:
        """Saves what has changed, soon. The first look only tells what the changes are to be counted from."""
        if self.path is None:
            return
        now = time.monotonic()
        if self._last is None:
            self._last = present
            if not self.path.exists() and self._named:
                self._changed_at = now - SAVE_SECONDS  # a name that cannot be is told at once
        if present != self._last and self._changed_at is None:
            self._changed_at = now
        if self._changed_at is not None and now - self._changed_at >= SAVE_SECONDS and not self._writing:
            self._write(self.path, present)

    def close(self, present: SavedSession) -> None:
        """Saves at once what is not saved yet. Errands must be over."""
        if self.path is not None and self._last not in (None, present):
            with contextlib.suppress(SessionFileError):  # nobody is there any more to be told
                write_session(self.path, present)

    def _write(self, path: Path, present: SavedSession) -> None:
        self._last, self._changed_at, self._writing = present, None, True
        self._errands.run(
            Errand(
                task=f"save the session to {path}",
                work=lambda: write_session(path, present),
                then=self._written,
                failed=self._not_written,
            )
        )

    def _written(self, _nothing: None) -> None:
        self._writing = self._complained = False

    def _not_written(self, message: str) -> None:
        self._writing = False
        if not self._complained:  # once, not three times a second
            self._complained = True
            self._complain(message)

    def _read(self, options: AppOptions) -> SavedSession | None:
        if options.session is not None:
            return read_session(options.session) if options.session.exists() else None
        if self.path is None or not self.path.exists():
            return None
        if options.new:
            _set_aside(self.path, self.path.with_name(BEFORE_NEW))
            return None
        try:
            return read_session(self.path)
        except SessionFileError as error:
            kept = free_path(self.path.with_name(SET_ASIDE))
            moved = _set_aside(self.path, kept)
            self.notice = f"The last session is not restored: {error}." + (f" It is kept as {kept}." if moved else "")
            if not moved:
                self.path = None  # what is there may be worth more than what this session would put in its place
            return None


def first_document(options: AppOptions, saved: SavedSession | None) -> Document:
    """The last session's, unless another model was asked for: then it waits for that model's content id."""
    if saved is None or options.model is not None:
        return new_document(*(options.grid or FIRST_GRID))
    return restored_document(options, saved)


def restored_document(options: AppOptions, saved: SavedSession) -> Document:
    """As it was, in the grid that was asked for."""
    return saved.document if options.grid is None else with_grid(saved.document, *options.grid)


def _set_aside(path: Path, other: Path) -> bool:
    try:
        os.replace(path, other)
    except OSError:
        return False
    return True

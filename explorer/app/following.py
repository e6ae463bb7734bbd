"""Follows a training run: reads its folder now and then, and has every new snapshot opened.

The folder is read in a thread of its own. A snapshot that is half written, or gone again, is tried once more a
little later. Knows the worker only as something that takes a path.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from explorer.app.errands import Errand, Errands
from explorer.app.happenings import Happenings
from explorer.app.notices import Notice
from explorer.app.opening import ModelDesk
from explorer.panels.states import TrainingState
from explorer.panels.training_panel import BEST, NEWEST
from explorer.runs.run_reader import RunReader
from explorer.runs.run_state import RunState, Snapshot
from explorer.worker.replies import ModelFailed, ModelOpened

READ_SECONDS = 1.0
"""between looks into the folder"""
RETRY_SECONDS = 3.0
"""before a snapshot that could not be opened is tried again; each further time twice as long"""
MAX_RETRY_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    """Of a snapshot that could not be opened."""

    tries: int
    again_at: float


class FollowDesk:
    """Belongs to the main thread. Follows the run that the ModelDesk was told to open, until it opens another model."""

    def __init__(self, models: ModelDesk, happenings: Happenings, say: Callable[[Notice], None]) -> None:
        self._models = models
        self._happenings = happenings
        self._say = say
        self._errands = Errands()
        self._folder: Path | None = None
        self._opened: tuple[Path | None, int] = (None, 0)
        self._reader: RunReader | None = None
        self._run: RunState | None = None
        self._read_at = 0.0
        self._wanted = NEWEST
        self._ordered: Snapshot | None = None
        self._shown: Snapshot | None = None
        self._failed: dict[Snapshot, _Failure] = {}
        self._told_of_waiting = False
        self._changed = False
        self.begun: Callable[[], None] = lambda: None
        """told when a run begins to be followed"""

    def state(self) -> TrainingState:
        """For the panel."""
        return TrainingState(run=self._run, wanted=self._wanted, shown=self._what_is_shown())

    def want(self, wanted: str) -> None:
        """'newest' or 'best'."""
        if wanted != self._wanted:
            self._wanted, self._changed = wanted, True
            self._failed.clear()

    def leave(self) -> None:
        """Follows no more; what is open stays."""
        self._models.leave_run()

    def pass_time(self, now: float) -> bool:
        """To be called once a turn; whether there is something new to see."""
        opened = (self._models.run, self._models.runs_opened)
        if opened != self._opened:
            self._opened = opened
            self._begin(self._models.run)
        if self._reader is not None and not self._errands.running and now - self._read_at >= READ_SECONDS:
            self._read_at = now
            task = f"read the run {self._folder}"
            self._errands.run(
                Errand(task=task, work=self._reader.read, then=self._take, failed=self._complain, quiet=True)
            )
        self._errands.collect()
        self._order(now)
        changed, self._changed = self._changed, False
        return changed

    def opened(self, reply: ModelOpened) -> bool:
        """Whether this is a later snapshot of the run: the pictures of the one before may be seen until it has some."""
        mine = self._ordered is not None and reply.path == self._ordered.path
        if not mine:
            return False
        before, self._shown, self._ordered = self._shown, self._ordered, None
        self._changed = True
        return before is not None

    def failed(self, reply: ModelFailed, now: float) -> bool:
        """Whether nobody needs to hear of it: it is tried again, and meanwhile there is something to see."""
        ordered = self._ordered
        if ordered is None or reply.path != ordered.path:
            return False
        self._ordered = None
        tries = self._failed[ordered].tries + 1 if ordered in self._failed else 1
        wait = min(RETRY_SECONDS * 2 ** (tries - 1), MAX_RETRY_SECONDS)
        self._failed[ordered] = _Failure(tries=tries, again_at=now + wait)
        self._changed = True
        if self._shown is not None:
            return True
        more = any(snapshot not in self._failed for snapshot in self._candidates())
        return more or tries > 1

    def close(self) -> None:
        """No more reading."""
        self._errands.close()

    def _begin(self, folder: Path | None) -> None:
        self._folder = folder
        self._reader = None if folder is None else RunReader(folder)
        self._run = None if folder is None else RunState(folder=folder)
        self._ordered = self._shown = None
        self._failed.clear()
        self._wanted, self._read_at, self._told_of_waiting = NEWEST, 0.0, False
        self._changed = True
        if folder is not None:
            self.begun()

    def _take(self, run: RunState) -> None:
        if run.folder != self._folder:
            return
        before, self._run = self._run, run
        self._changed = self._changed or before != run
        if before is not None and len(before.warnings) < len(run.warnings) and before.kimg:
            newest = run.warnings[-1]
            self._say(Notice(text=f"The training warns at {newest.kimg:.1f} kimg: {newest.sentence}.", lasting=True))
        if not run.snapshots and self._shown is None and not self._told_of_waiting:
            self._told_of_waiting = True
            self._models.nothing_yet()
            waiting = f"{run.folder.name} has no snapshot yet: the first one is shown as soon as it is written."
            self._say(Notice(text=run.problem or waiting))

    def _candidates(self) -> tuple[Snapshot, ...]:
        """What is wanted most comes first."""
        if self._run is None:
            return ()
        if self._wanted == BEST and self._run.best is not None:
            return (self._run.best,)
        return self._run.snapshots

    def _order(self, now: float) -> None:
        if self._ordered is not None:
            return
        for snapshot in self._candidates():
            if snapshot == self._shown:
                return
            if snapshot not in self._failed or self._failed[snapshot].again_at <= now:
                self._ordered = snapshot
                self._models.load(snapshot.path, first=self._shown is None)
                return

    def _what_is_shown(self) -> str:
        if self._run is None:
            return ""
        if self._shown is not None:
            return f"Shown: {self._shown.path.stem}"
        if self._failed:
            return "No snapshot can be opened yet"
        return "Waiting for the first snapshot" if not self._run.snapshots else "Opening a snapshot…"

    def _complain(self, sentence: str) -> None:
        self._say(Notice(text=sentence))

"""A training that is begun from the window: its pictures, its plan, its process. Knows no widgets.

Pictures are looked at and the process is listened to in a thread of their own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from platformdirs import user_documents_dir

from engine.errors import TrainingError
from explorer.app.errands import Errand, Errands
from explorer.app.notices import Notice
from explorer.library.folders import data_folder
from explorer.panels.text_fit import shown_path
from explorer.runs.data_check import DataCheck, check_pictures
from explorer.runs.training_process import ContinuePlan, ProcessState, TrainingProcess, TrainPlan

LISTEN_SECONDS = 0.5
RUNS = "stylegan-runs"
LOGS = "trainings"


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginningState:
    """What the window for beginning a training shows."""

    plan: TrainPlan | None = None
    """None before pictures were chosen"""
    check: DataCheck | None = None
    """None while they are being looked at"""
    outdir: Path
    running: bool = False


class TrainingDesk:
    """Belongs to the main thread. One training at a time."""

    def __init__(self, say: Callable[[Notice], None], follow: Callable[[Path], None]) -> None:
        """follow: opens a run folder."""
        self._say = say
        self._follow = follow
        self._errands = Errands()
        self._closing = threading.Event()
        self._plan: TrainPlan | None = None
        self._check: DataCheck | None = None
        self._outdir = default_outdir()
        self._process: TrainingProcess | None = None
        self._told: ProcessState | None = None
        self._listened_at = 0.0
        self._changed = False
        self.further: tuple[str, ...] = ()
        """options of the command that the window does not ask for"""

    @property
    def running(self) -> bool:
        """Whether a training that was begun here goes on."""
        return self._process is not None and self._process.running

    @property
    def line(self) -> str:
        """What the training is doing, in a few words; "" if there is none."""
        if not self.running or self._process is None:
            return ""
        if self._process.stopping:
            return "Stopping: it finishes its step and saves"
        return (self._told.line if self._told else "") or "Starting…"

    def state(self) -> BeginningState:
        """For the window."""
        return BeginningState(plan=self._plan, check=self._check, outdir=self._outdir, running=self.running)

    def choose(self, pictures: Path) -> None:
        """Other pictures, which are looked at."""
        pictures = pictures.absolute()
        plan = self._plan or TrainPlan(data=pictures, outdir=self._outdir)
        self._plan, self._check = replace(plan, data=pictures, resolution=None), None
        work = partial(check_pictures, pictures, self._closing.is_set)
        task = f"look at the pictures in {pictures}"
        self._errands.run(Errand(task=task, work=work, then=self._take_check, failed=self._complain))

    def change(self, plan: TrainPlan) -> None:
        """Another length or resolution."""
        self._plan = plan

    def choose_outdir(self, outdir: Path) -> None:
        """Where run folders go."""
        self._outdir = outdir.absolute()

    def start(self) -> bool:
        """Begins; False, with a message, if that is not possible."""
        if self._plan is None or self.running:
            self._complain("A training is running already." if self.running else "Choose a folder of pictures first.")
            return False
        plan = replace(self._plan, outdir=self._outdir, further=self.further)
        return self._run(plan, "The training begins: its pictures are shown as soon as there are any.")

    def go_on(self, plan: ContinuePlan) -> bool:
        """Continues a run; False, with a message, if that is not possible."""
        if self.running:
            self._complain("A training is running already.")
            return False
        return self._run(plan, f"{plan.run.name} goes on from its last checkpoint.")

    def stop(self) -> None:
        """Asks it to save and end."""
        if self._process is not None:
            self._process.stop()
            self._changed = True

    def pass_time(self, now: float) -> bool:
        """To be called once a turn; whether there is something new to see."""
        if self._process is not None and not self._errands.running and now - self._listened_at >= LISTEN_SECONDS:
            self._listened_at = now
            self._errands.run(
                Errand(
                    task="listen to the training",
                    work=self._process.look,
                    then=partial(self._take, self._process),
                    failed=self._complain,
                    quiet=True,
                )
            )
        told = self._errands.collect()
        changed, self._changed = self._changed, False
        return changed or told

    def close(self) -> None:
        """Listens no more. The training goes on unless it was stopped."""
        self._closing.set()
        self._errands.close()

    def _run(self, plan: TrainPlan | ContinuePlan, news: str) -> bool:
        try:
            self._process = TrainingProcess.start(plan, data_folder() / LOGS)
        except TrainingError as error:
            self._complain(str(error))
            return False
        self._told = None
        self._say(Notice(text=news, lasting=False))
        return True

    def _take_check(self, check: DataCheck) -> None:
        if self._plan is not None and check.folder == self._plan.data:
            self._check = check

    def _take(self, process: TrainingProcess, state: ProcessState) -> None:
        before, self._told = self._told, state
        self._changed = self._changed or before != state
        if state.run is not None and (before is None or before.run is None):
            self._follow(state.run)
            self._say(Notice(text=f"The training's run folder is {shown_path(state.run)}"))
        if not state.running:
            self._process = None
            self._say(Notice(text=state.error or _ended(process, state.run)))

    def _complain(self, sentence: str) -> None:
        self._say(Notice(text=sentence))


def _ended(process: TrainingProcess, run: Path | None) -> str:
    if run is None:
        return "The training was stopped before it began."
    how = "was stopped, and has saved everything" if process.stopping else "has come to its end"
    return f"The training {how}. Its run folder is {shown_path(run)}"


def default_outdir() -> Path:
    """In the person's folder for documents if there is one, else in their home."""
    documents = Path(user_documents_dir())
    return (documents if documents.is_dir() else Path.home()) / RUNS

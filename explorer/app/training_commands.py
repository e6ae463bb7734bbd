"""What the window asks a person about trainings: which pictures, where to, and what becomes of one on closing.

Knows how to say it to the window and to the TrainingDesk.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.data.picture_files import SUFFIXES as PICTURES
from explorer.app.continue_window import ContinueWindow
from explorer.app.path_dialog import PathDialog, PathQuestion
from explorer.app.question_window import Answer, QuestionWindow
from explorer.app.training_desk import TrainingDesk
from explorer.app.training_window import BeginningActions, TrainingWindow
from explorer.app.window import Window
from explorer.runs.run_state import RunState
from explorer.runs.training_process import ContinuePlan

ARCHIVES = frozenset({".zip"})
LEAVING = (
    "The training that was begun here is still running. It can go on without this window; to look at it again, open "
    "its run folder. Stopped, it finishes its step and saves everything first."
)


class TrainingCommands:
    """The questions, one at a time."""

    def __init__(
        self, desk: TrainingDesk, followed: Callable[[], RunState | None], window: Callable[[], Window]
    ) -> None:
        """followed: the run that is looked at."""
        self._desk = desk
        self._followed = followed
        self._window = window

    def train(self) -> None:
        """Opens the window that begins a training; again: closes it."""
        window = self._window()
        if isinstance(window.dialog, TrainingWindow) and window.has_dialog:
            window.close_dialog()
        else:
            self._open()

    def train_on(self, pictures: Path) -> None:
        """The same, with these pictures."""
        self._desk.choose(pictures)
        self._open()

    def go_on(self) -> None:
        """Asks for how much longer the run that is followed should go on."""
        run, window = self._followed(), self._window()
        if run is not None:
            window.open_dialog(ContinueWindow(run, window.manager, self._continue))

    def ask_to_leave(self, leave: Callable[[], None]) -> None:
        """Closes the window at once, unless a training is running: then the person chooses what becomes of it."""
        if not self._desk.running:
            leave()
            return

        def stop() -> None:
            self._desk.stop()
            leave()

        answers = (
            Answer(label="Let it go on", action=leave, primary=True),
            Answer(label="Stop and save", action=stop),
            Answer(label="Stay here", action=lambda: None),
        )
        window = self._window()
        window.open_dialog(QuestionWindow("Close the window?", LEAVING, answers, window.manager))

    def _open(self) -> None:
        window = self._window()
        actions = BeginningActions(
            state=self._desk.state,
            choose=self._choose_pictures,
            choose_outdir=self._choose_outdir,
            change=self._desk.change,
            start=self._start,
        )
        window.open_dialog(TrainingWindow(window.manager, actions))

    def _start(self) -> None:
        if self._desk.start():
            self._show()

    def _continue(self, plan: ContinuePlan) -> None:
        if self._desk.go_on(plan):
            self._show()

    def _show(self) -> None:
        """Where one sees what becomes of it, and can stop it."""
        window = self._window()
        window.close_dialog()
        panel = window.sidebar.training
        window.unfold(window.unfolded | {panel.title})

    def _choose_pictures(self) -> None:
        plan = self._desk.state().plan
        start = plan.data.parent if plan is not None else Path.home()
        question = PathQuestion(
            title="Train on these pictures",
            start=start,
            existing=True,
            suffixes=ARCHIVES | PICTURES,
            folders=True,
            verb="Choose",
        )
        self._ask(question, lambda path: self.train_on(path.parent if path.suffix.lower() in PICTURES else path))

    def _choose_outdir(self) -> None:
        outdir = self._desk.state().outdir
        start = outdir if outdir.is_dir() else outdir.parent
        question = PathQuestion(
            title="Where runs go", start=start, existing=True, suffixes=frozenset(), folders=True, verb="Choose"
        )

        def chosen(path: Path) -> None:
            self._desk.choose_outdir(path if path.is_dir() else path.parent)
            self._open()

        self._ask(question, chosen)

    def _ask(self, question: PathQuestion, on_pick: Callable[[Path], None]) -> None:
        window = self._window()
        window.open_dialog(PathDialog(question, window.manager, on_pick, on_cancel=self._open))

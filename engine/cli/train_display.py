"""A training run in the terminal: progress, reports, and a Ctrl-C that loses nothing."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from engine.training.config import TrainConfig
from engine.training.distributed import Joined, Processes
from engine.training.loop import Observers, Report, Run
from engine.training.report import Commands, write_report
from engine.training.run_files import BEST_NAME
from engine.training.start import LoadObservers, TrainOptions, start
from engine.training.state import TrainState

SHOWN_STATS = {
    "loss_G": "G",
    "loss_D": "D",
    "loss_G_features": "G features",
    "loss_D_features": "D features",
    "r1_penalty": "r1",
    "ada_p": "p",
}
"""statistics in the status line, and what they are called there"""


def train_and_show(options: TrainOptions) -> None:
    """Runs a training to its end and shows it, with all the processes that torchrun has started. Raises EngineError."""
    with Joined() as processes:
        # brackets in a person's file names are no markup
        _train_and_show(options, processes, Console(highlight=False, markup=False, quiet=not processes.is_first))


def _train_and_show(options: TrainOptions, processes: Processes, console: Console) -> None:
    stop = threading.Event()
    with _loading(console) as (on_progress, on_warning):
        display = _Display(console)
        observers = Observers(
            on_step=display.on_step,
            on_report=display.on_report,
            on_message=lambda sentence: console.print(sentence, soft_wrap=True),
            should_stop=stop.is_set,
        )
        told = LoadObservers(on_progress=on_progress, on_warning=on_warning, training=observers)
        run, state = start(options, told, processes)
    _introduce(console, run, state)
    interruptible = _finish_step_on_interrupt(stop, console, again_ends=processes.count == 1)
    with interruptible, display.shown(run.config.schedule.kimg, run.config.schedule.minutes):
        run.train(state)
    interrupted = processes.any(stop.is_set())
    if processes.is_first:
        _say_how_to_go_on(console, run, state, interrupted=interrupted)


class _Display:
    """A line that moves with every step, and a line that stays for every report; both fit 80 characters."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("{task.fields[kimg]:.2f} kimg"),
            BarColumn(bar_width=12),
            TextColumn("{task.percentage:.0f} %"),
            TextColumn("{task.fields[pace]:.1f} img/s"),
            TextColumn("{task.fields[left]} left"),
            TextColumn("{task.fields[losses]}"),
            console=console,
            refresh_per_second=4,
        )
        self._task = self._progress.add_task("", total=1.0, kimg=0.0, pace=0.0, left="?", losses="")
        self._kimg: float | None = None
        self._minutes: float | None = None
        self._pace: float | None = None
        self._last = (0, 0.0)

    @contextlib.contextmanager
    def shown(self, kimg: float | None, minutes: float | None) -> Iterator[None]:
        """Shows the line while the body runs."""
        self._kimg, self._minutes = kimg, minutes
        with self._progress:
            yield

    def on_step(self, cur_nimg: int, seconds: float) -> None:
        last_nimg, last_seconds = self._last
        self._last = cur_nimg, seconds
        if seconds <= last_seconds or last_seconds == 0:
            return
        pace = (cur_nimg - last_nimg) / (seconds - last_seconds)
        # Steps with a regularization take longer: a mean over the last few dozen tells the truth.
        self._pace = pace if self._pace is None else self._pace + 0.05 * (pace - self._pace)
        done, left = self._done_and_left(cur_nimg, seconds)
        self._progress.update(self._task, completed=done, kimg=cur_nimg / 1000, pace=self._pace, left=duration(left))

    def on_report(self, report: Report) -> None:
        shown = {name: short for name, short in SHOWN_STATS.items() if name in report.stats}
        losses = "  ".join(f"{short} {report.stats[name]:.3g}" for name, short in shown.items())
        first_two = list(shown.items())[:2]
        self._progress.update(
            self._task, losses=" ".join(f"{short} {report.stats[name]:.2f}" for name, short in first_two)
        )
        position = f"{report.cur_nimg / 1000:8.2f} kimg  {duration(report.seconds):>10}"
        self._console.print(f"{position}  {report.img_per_second:6.1f} img/s  {losses}")

    def _done_and_left(self, cur_nimg: int, seconds: float) -> tuple[float, float]:
        """Share of the run that is done, and seconds that are left: whichever end comes first."""
        ends: list[tuple[float, float]] = []
        if self._kimg is not None and self._pace:
            ends.append((cur_nimg / (self._kimg * 1000), (self._kimg * 1000 - cur_nimg) / self._pace))
        if self._minutes is not None:
            ends.append((seconds / (self._minutes * 60), self._minutes * 60 - seconds))
        done, left = min(ends, key=lambda end: end[1], default=(0.0, 0.0))
        return min(done, 1.0), max(left, 0.0)


def duration(seconds: float) -> str:
    """As a person would say it: 42 s, 12 min 05 s, 3 h 07 min, 2 d 4 h."""
    whole = round(seconds)
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60:02d} min"
    if minutes:
        return f"{minutes} min {whole % 60:02d} s"
    return f"{whole} s"


@contextlib.contextmanager
def _loading(console: Console) -> Iterator[tuple[Callable[[int, int], None], Callable[[str], None]]]:
    columns = (TextColumn("Reading pictures"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield (
            lambda done, total: bar.update(task, completed=done, total=total),
            lambda sentence: console.print(f"Warning: {sentence}", style="yellow", soft_wrap=True),
        )


@contextlib.contextmanager
def _finish_step_on_interrupt(stop: threading.Event, console: Console, *, again_ends: bool) -> Iterator[None]:
    """The first Ctrl-C asks for a stop after the step; the second one ends the program as usual, unless torchrun
    started it: a terminal and torchrun both pass on one Ctrl-C, and torchrun ends what has not ended after a while."""

    def ask(signum: int, frame: FrameType | None) -> None:
        if stop.is_set():
            return
        stop.set()
        if again_ends:
            restore()
        again = "; Ctrl-C again ends at once, without a checkpoint" if again_ends else ""
        console.print(f"Stopping after this step{again}.", soft_wrap=True)

    def restore() -> None:
        for signum, handler in before.items():
            signal.signal(signum, handler)

    before = {signum: signal.signal(signum, ask) for signum in _interrupts()}
    try:
        yield
    finally:
        restore()


def _interrupts() -> tuple[signal.Signals, ...]:
    """Ctrl-C, and on Windows Ctrl-Break: the one that another program can send to a process group."""
    if sys.platform == "win32":
        return signal.SIGINT, signal.SIGBREAK
    return (signal.SIGINT,)


def _introduce(console: Console, run: Run, state: TrainState) -> None:
    config: TrainConfig = run.config
    count = sum(parameter.numel() for parameter in state.G.parameters())
    together = "" if run.processes.count == 1 else f" in {run.processes.count} processes"
    console.print(
        f"Training at {config.data.resolution} px in batches of {config.batch} on {run.device}{together}; "
        f"a generator of {count / 1e6:.1f} M parameters, at most {config.generator.channel_max} channels wide",
        soft_wrap=True,
    )
    if state.cur_nimg:
        console.print(f"Continuing at {state.cur_nimg / 1000:.2f} kimg", soft_wrap=True)
    console.print(f"Run folder: {run.folder.path}", soft_wrap=True)


def _say_how_to_go_on(console: Console, run: Run, state: TrainState, *, interrupted: bool) -> None:
    kimg = state.cur_nimg / 1000
    commands = commands_after(run, state, interrupted=interrupted)
    console.print(f"{'Stopped' if interrupted else 'Finished'} at {kimg:.2f} kimg after {duration(state.seconds)}.")
    try:
        console.print(f"Report:   {write_report(run.folder.path, commands)}", soft_wrap=True)
    except OSError as error:
        console.print(f"The report could not be written: {error.strerror or error}", soft_wrap=True)
    console.print(f"Explore:  {commands.explore}", soft_wrap=True)
    console.print(f"Go on:    {commands.go_on}", soft_wrap=True)


def commands_after(run: Run, state: TrainState, *, interrupted: bool) -> Commands:
    """What to type next; a run that reached its end needs a later one."""
    model = run.folder.snapshot_path(state.cur_nimg) if state.best is None else run.folder.path / BEST_NAME
    further = "" if interrupted else f" --kimg {2 * state.cur_nimg / 1000:g}"
    count = run.processes.count
    program = "stylegan-train" if count == 1 else f"torchrun --nproc_per_node {count} -m engine.cli.train"
    return Commands(
        explore=f"stylegan-explorer --model {_quoted(model)}",
        go_on=f"{program} --resume {_quoted(run.folder.path)}{further}",
    )


def _quoted(path: Path) -> str:
    """As the shell of this platform wants it."""
    return subprocess.list2cmdline([str(path)]) if os.name == "nt" else shlex.quote(str(path))

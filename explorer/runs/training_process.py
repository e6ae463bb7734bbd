"""`stylegan-train` as a process of its own: started, asked to stop, and understood by what it says.

It outlives the explorer: what it says goes into a file, and Ctrl-C in the explorer's terminal does not reach it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.errors import TrainingError
from explorer.runs.run_reader import is_run

PROGRAM = (
    "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "runpy.run_module('engine.cli.train', run_name='__main__', alter_sys=True)"
)
"""An explorer that a script has put in the background ignores interrupts, and what it starts would, too."""
RUN_FOLDER = "Run folder: "
ERROR = "Error: "
MAX_LOG_BYTES = 2**18
KEPT_LOGS = 10
LINE_LENGTH = "1000"
"""so that each report of the command is one line"""
MINUTES, KIMG = "minutes", "kimg"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainPlan:
    """What to train on, how long, and where it goes."""

    data: Path
    outdir: Path
    amount: float = 60.0
    unit: str = MINUTES
    """'minutes' or 'kimg'"""
    resolution: int | None = None
    """None for what fits the pictures"""
    further: tuple[str, ...] = ()
    """more options of the command"""

    def arguments(self) -> list[str]:
        """As they follow the command's name."""
        asked = ["--data", str(self.data), "--outdir", str(self.outdir), f"--{self.unit}", f"{self.amount:g}"]
        if self.resolution is not None:
            asked += ["--resolution", str(self.resolution)]
        return [*asked, *self.further]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinuePlan:
    """Which run goes on, and for how much longer."""

    run: Path
    minutes: float = 0.0
    """of training so far"""
    kimg: float = 0.0
    """so far"""
    amount: float = 60.0
    """further ones"""
    unit: str = MINUTES
    """'minutes' or 'kimg'"""

    def arguments(self) -> list[str]:
        """As they follow the command's name, which counts from the beginning of the run."""
        before = self.minutes if self.unit == MINUTES else self.kimg
        return ["--resume", str(self.run), f"--{self.unit}", f"{before + self.amount:.3f}"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessState:
    """How the process stands."""

    running: bool
    run: Path | None = None
    """its run folder, once there is something in it"""
    line: str = ""
    """what it said last"""
    error: str = ""
    """why it failed, as a sentence; "" if it has not"""


class TrainingProcess:
    """One run of the command."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log
        self.stopping = False

    @staticmethod
    def start(plan: TrainPlan | ContinuePlan, log_folder: Path) -> TrainingProcess:
        """Raises TrainingError if it cannot be started."""
        try:
            log = _new_log(log_folder)
            with open(log, "wb") as output:
                process = subprocess.Popen(
                    [sys.executable, "-c", PROGRAM, *plan.arguments()],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=_environment(),
                    start_new_session=sys.platform != "win32",
                    creationflags=_flags(),
                )
        except OSError as error:
            raise TrainingError(f"the training could not be started: {error.strerror or error}") from error
        return TrainingProcess(process, log)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Asks it to finish its step, save, and end. Asking twice would end it without saving, so once is enough."""
        if self.stopping or not self.running:
            return
        self.stopping = True
        if sys.platform == "win32":
            self._process.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            self._process.send_signal(signal.SIGINT)

    def look(self) -> ProcessState:
        """Reads what it has said."""
        code = self._process.poll()  # before the text, so that the text of one that has ended is complete
        text = self._text()
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        run = next((Path(line.removeprefix(RUN_FOLDER)) for line in lines if line.startswith(RUN_FOLDER)), None)
        return ProcessState(
            running=code is None,
            run=run.absolute() if run is not None and is_run(run) else None,
            line=lines[-1] if lines else "",
            error="" if not code else self._why(text, code),
        )

    def _why(self, text: str, code: int) -> str:
        said = text.rsplit(ERROR, 1)
        if len(said) == 2 and "Traceback" not in said[1]:
            return " ".join(said[1].split())
        if self.stopping:
            return ""  # while it was still loading: there is nothing to save yet
        return f"The training has ended with the code {code}. What it said is in {self._log}"

    def _text(self) -> str:
        try:
            with open(self._log, "rb") as file:
                content = file.read(MAX_LOG_BYTES)
        except OSError:
            return ""
        return content.decode("utf-8", "replace")


def _environment() -> dict[str, str]:
    """So that it finds this very program, and says at once what it has to say."""
    root = str(Path(__file__).parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUNBUFFERED": "1",
        "COLUMNS": LINE_LENGTH,
        "PYTHONIOENCODING": "utf-8",
    }


def _flags() -> int:
    """On Windows, a group of its own, which Ctrl-Break can be sent to."""
    if sys.platform == "win32":
        return subprocess.CREATE_NEW_PROCESS_GROUP
    return 0


def _new_log(folder: Path) -> Path:
    """A name that sorts by time; the oldest logs go. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in sorted(folder.glob("*.log"))[: -KEPT_LOGS + 1]:
        old.unlink(missing_ok=True)
    return folder / f"{datetime.now().strftime('%Y%m%d-%H%M%S-%f')}.log"

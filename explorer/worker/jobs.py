"""Long work that is done piece by piece and can be given up. Knows nothing of threads or of encoders."""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Generator
from pathlib import Path

from engine.errors import ExportStoppedError
from engine.video.plan import VideoPlan
from engine.video.progress import Progress


class JobState(enum.Enum):
    """The life of a job: pending, running, and then one of the others for good."""

    PENDING = "pending"
    RUNNING = "running"
    CANCELLED = "cancelled"
    LEFT = "left"
    FAILED = "failed"
    SUCCEEDED = "succeeded"


class ExportJob:
    """A video in the making. Whoever holds the job decides when the next frame is made."""

    def __init__(self, plan: VideoPlan, frames: Generator[Progress, None, None]) -> None:
        """frames: yields how far it is, 'done' last.

        Closing it removes what there is of the file; an ExportStoppedError ends it, too, but leaves what is finished.
        """
        self._frames = frames
        self.path: Path = plan.path
        self.progress = Progress(stage="rendering", done=0, total=plan.frame_count)
        self.state = JobState.PENDING

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state not in (JobState.PENDING, JobState.RUNNING)

    def advance(self) -> None:
        """Does one more piece of it. What goes wrong is raised, and the job has then failed."""
        self.state = JobState.RUNNING
        try:
            self.progress = next(self._frames)
            if self.progress.stage == "done":
                self._frames.close()
                self.state = JobState.SUCCEEDED
        except BaseException:
            self.state = JobState.FAILED
            raise

    def cancel(self) -> None:
        """Gives the job up and removes what there is of the file; nothing happens if it is over."""
        if not self.is_over:
            self.state = JobState.CANCELLED
            self._frames.close()

    def leave(self) -> None:
        """Ends the job; what is finished stays for whoever goes on with it. Nothing happens if it is over."""
        if not self.is_over:
            self.state = JobState.LEFT
            with contextlib.suppress(ExportStoppedError):
                self._frames.throw(ExportStoppedError("the video was left before its end"))

"""Long work that is done piece by piece and can be given up. Knows nothing of threads or of encoders."""

from __future__ import annotations

import enum
from collections.abc import Generator
from pathlib import Path

from engine.inference.video_plan import VideoPlan


class JobState(enum.Enum):
    """The life of a job: pending, running, and then one of the other three for good."""

    PENDING = "pending"
    RUNNING = "running"
    CANCELLED = "cancelled"
    FAILED = "failed"
    SUCCEEDED = "succeeded"


class ExportJob:
    """A video in the making. Whoever holds the job decides when the next frame is made."""

    def __init__(self, plan: VideoPlan, frames: Generator[int, None, None]) -> None:
        """frames: yields the number of frames done after each; closing it removes what there is of the file."""
        self._frames = frames
        self.path: Path = plan.path
        self.total: int = plan.frame_count
        self.done = 0
        self.state = JobState.PENDING

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state not in (JobState.PENDING, JobState.RUNNING)

    def advance(self) -> None:
        """Makes one more frame. What goes wrong is raised, and the job has then failed."""
        self.state = JobState.RUNNING
        try:
            self.done = next(self._frames, self.total)
            if self.done >= self.total:
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

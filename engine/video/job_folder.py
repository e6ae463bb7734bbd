"""The folder in which a video is made: finished segments, and what is needed to go on after a crash.

It lies beside the video under a hidden name, holds `job.json` and one file for each finished segment, and is locked
while somebody works in it; the system gives the lock back when a process dies. Knows nothing of frames or of encoders.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from engine.atomic_files import replaced_file
from engine.errors import ConfigError, ExportError
from engine.folder_lock import locked
from engine.inference.new_file import sentence_for
from engine.video.pace import PathLengths
from engine.video.plan import VideoPlan
from engine.video.plan_file import plan_from_dict, plan_to_dict

JOB_VERSION = 1
SEGMENT_FRAMES = 120
"""What a crash costs at most; every segment begins with a picture that needs no other."""
_JOB = "job.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """All that decides which pixels come out."""

    plan: VideoPlan
    content_id: str
    """of the model"""
    model: str | None = None
    """the model's file, for those who go on later; None if nobody said"""
    lengths: tuple[PathLengths | None, ...] = ()
    """what was measured for the timelines of an even pace"""
    segment_frames: int = SEGMENT_FRAMES


class JobFolder:
    """A locked job folder; `close` unlocks it, `remove` does away with it."""

    def __init__(self, path: Path, job: Job, lock: IO[bytes]) -> None:
        self.path = path
        self.job = job
        self._lock = lock

    @property
    def segment_count(self) -> int:
        """How many segments the whole video has."""
        return -(-self.job.plan.frame_count // self.job.segment_frames)

    def segment(self, number: int) -> Path:
        """Where a finished segment lies."""
        return self.path / f"segment-{number:06d}.mp4"

    def finished_segments(self) -> int:
        """How many are there, without a gap, from the first on."""
        number = 0
        while self.segment(number).is_file():
            number += 1
        return min(number, self.segment_count)

    @property
    def pictures(self) -> Path:
        """The folder for frames that are files of their own."""
        return self.path / "frames"

    def close(self) -> None:
        """Lets others go on with the job."""
        self._lock.close()

    def remove(self) -> None:
        """The job is done or given up."""
        self.close()
        shutil.rmtree(self.path, ignore_errors=True)


def create_job(job: Job) -> JobFolder:
    """A new folder beside the video. Raises ExportError if it cannot be made."""
    path = job.plan.path.with_name(f".{job.plan.path.name}.{secrets.token_hex(4)}.job")
    try:
        path.mkdir()
        with replaced_file(path / _JOB) as temporary:
            temporary.write_text(json.dumps(_job_to_dict(job)), encoding="utf-8")
        lock = locked(path)
    except PermissionError as error:
        shutil.rmtree(path, ignore_errors=True)
        raise ExportError(
            f"{job.plan.path} cannot be written: the folder {path.parent} refuses new files; choose another folder"
        ) from error
    except OSError as error:
        shutil.rmtree(path, ignore_errors=True)
        raise ExportError(sentence_for(job.plan.path, error)) from error
    if lock is None:
        shutil.rmtree(path, ignore_errors=True)
        raise ExportError(f"{job.plan.path} cannot be written: its folder does not lock files; choose another folder")
    return JobFolder(path, job, lock)


def unfinished_jobs(video: Path) -> Iterator[JobFolder]:
    """The jobs for a video of this name that were cut off, each locked; those in work elsewhere are left out."""
    prefix = f".{video.name}."
    folders = sorted(entry for entry in _entries(video.parent) if entry.name.startswith(prefix))
    for path in folders:
        if not path.name.endswith(".job"):
            continue
        lock = locked(path)
        if lock is None:
            continue
        try:
            job = _job_from_dict(json.loads((path / _JOB).read_text(encoding="utf-8")), video)
        except (OSError, ValueError, ConfigError):  # not a job of ours, or one that was never quite begun
            lock.close()
            continue
        yield JobFolder(path, job, lock)


def cut_off_videos(folder: Path) -> tuple[Job, ...]:
    """What was being made in this folder when its maker was killed, in the order of the names; for `find_job`."""
    names = {entry.name[1:].rsplit(".", 2)[0] for entry in _entries(folder) if entry.match(".*.*.job")}
    found = []
    for name in sorted(names - {""}):
        for unfinished in unfinished_jobs(folder / name):
            found.append(unfinished.job)
            unfinished.close()
    return tuple(found)


def find_job(job: Job) -> JobFolder | None:
    """The unfinished job that would make the same pixels; its lengths need not be measured again."""
    found = None
    for folder in unfinished_jobs(job.plan.path):
        same = folder.job.plan == job.plan and folder.job.content_id == job.content_id
        if same and found is None:
            found = folder
        else:
            folder.close()
    return found


def give_up(job: Job) -> None:
    """Nobody will go on with this job: nothing of it stays, unless somebody is at work on it."""
    folder = find_job(job)
    if folder is not None:
        folder.remove()


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # there are no jobs in a folder that is not there
        return []


def _job_to_dict(job: Job) -> dict[str, Any]:
    return {
        "version": JOB_VERSION,
        "plan": plan_to_dict(job.plan),
        "content_id": job.content_id,
        "model": job.model,
        "lengths": [None if known is None else known.transitions for known in job.lengths],
        "segment_frames": job.segment_frames,
    }


def _job_from_dict(values: dict[str, Any], video: Path) -> Job:
    try:
        if int(values["version"]) != JOB_VERSION:
            raise ConfigError("the unfinished video is of another version of this program: make it again")
        plan = plan_from_dict({**values["plan"], "path": str(video)})
        lengths = tuple(
            None if known is None else PathLengths(transitions=tuple(tuple(map(float, ways)) for ways in known))
            for known in values["lengths"]
        )
        return Job(
            plan=plan,
            content_id=str(values["content_id"]),
            model=values["model"],
            lengths=lengths,
            segment_frames=int(values["segment_frames"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"this is not an unfinished video: {error!r}"[:500]) from error

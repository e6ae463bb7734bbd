"""Finished segments become one file, with sound and recipe, under its name.

Codecs that the file itself uses are copied; a GIF, a WebP or an APNG is made from lossless segments. Knows nothing of
models or of timelines.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import ExportError
from engine.inference.new_file import new_file, require_new, sentence_for
from engine.video.embed import embed_recipe
from engine.video.ffmpeg import QUIET, metadata_file, reason_of, start
from engine.video.formats import KINDS, VideoKind
from engine.video.job_folder import JobFolder
from engine.video.plan import VideoPlan

_LOOK_AGAIN_SECONDS = 0.1
_SOUND_BITS_A_SECOND = "192k"


def json_beside(path: Path) -> Path:
    """Where the recipe lies beside a video: walk.mp4.json."""
    return path.with_name(path.name + ".json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The last step of a job."""

    folder: JobFolder
    recipe: dict[str, Any]

    def run(self, cancelled: threading.Event) -> None:
        """Publishes the video and the recipe beside it. Raises ExportError; gives up quietly when cancelled."""
        plan = self.folder.job.plan
        kind = KINDS[plan.format]
        try:
            with new_file(json_beside(plan.path)) as beside:
                beside.write_text(json.dumps(self.recipe, indent=1) + "\n", encoding="utf-8")
                if not kind.encoder:
                    _publish_folder(self.folder.pictures, plan.path)
                    return
                with new_file(plan.path) as temporary:
                    self._make(kind, plan, temporary, cancelled)
                    if cancelled.is_set():
                        raise _GivenUpError
        except _GivenUpError:
            return

    def _make(self, kind: VideoKind, plan: VideoPlan, temporary: Path, cancelled: threading.Event) -> None:
        listed = self._list_of_segments()
        run = _Runner(plan.path, cancelled)
        if not kind.last_encoder:
            with metadata_file(self.folder.path, self.recipe) as metadata:
                run([*_joined(kind, plan, listed, metadata), str(temporary)])
            return
        loop = plan.timelines[0].loop
        made = self.folder.path / "made"
        if kind.name == "gif":
            palette = self.folder.path / "palette.png"
            run([*QUIET, *_input(listed), "-vf", "palettegen=stats_mode=full:reserve_transparent=0", str(palette)])
            dither = "[0:v][1:v]paletteuse=dither=sierra2_4a:diff_mode=rectangle"
            run([*QUIET, *_input(listed), "-i", str(palette), "-lavfi", dither, *_ending(kind, plan, loop), str(made)])
        else:
            run([*QUIET, *_input(listed), *_ending(kind, plan, loop), str(made)])
        if not cancelled.is_set():
            try:
                embed_recipe(kind.container, made, temporary, self.recipe)
            except OSError as error:
                raise ExportError(sentence_for(plan.path, error)) from error

    def _list_of_segments(self) -> Path:
        path = self.folder.path / "segments.txt"
        numbers = range(self.folder.segment_count)
        path.write_text("".join(f"file '{self.folder.segment(number).name}'\n" for number in numbers), encoding="utf-8")
        return path


class _GivenUpError(Exception):
    """The job was cancelled: the files that are begun are to vanish."""


class _Runner:
    """Runs FFmpeg to its end, or until the job is cancelled."""

    def __init__(self, shown_path: Path, cancelled: threading.Event) -> None:
        self._shown_path = shown_path
        self._cancelled = cancelled

    def __call__(self, arguments: Sequence[str]) -> None:
        if self._cancelled.is_set():
            raise _GivenUpError
        with tempfile.TemporaryFile() as messages:
            process = start(arguments, messages, subprocess.DEVNULL, subprocess.DEVNULL)
            try:
                while process.poll() is None:
                    if self._cancelled.wait(_LOOK_AGAIN_SECONDS):
                        raise _GivenUpError
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()
            if process.returncode != 0:
                reason = reason_of(messages, process.returncode)
                raise ExportError(f"{self._shown_path} could not be written: {reason}")


def _input(listed: Path) -> tuple[str, ...]:
    return ("-f", "concat", "-safe", "0", "-i", str(listed))


def _joined(kind: VideoKind, plan: VideoPlan, listed: Path, metadata: Path) -> list[str]:
    inputs, sound = [*_input(listed), "-f", "ffmetadata", "-i", str(metadata)], []
    if plan.heard is not None:
        path, begins = plan.heard
        seconds = plan.frame_count / plan.fps
        cut = f"atrim=start={begins:.6f}:duration={seconds:.6f},asetpts=PTS-STARTPTS"
        inputs += ["-i", str(path)]
        sound = ["-map", "2:a:0", "-filter:a", cut, "-c:a", kind.sound, "-b:a", _SOUND_BITS_A_SECOND]
    front = ["-movflags", "+faststart"] if kind.container == "mp4" else []
    copied = ["-map", "0:v", *sound, "-map_metadata", "1", "-c:v", "copy"]
    return [*QUIET, *inputs, *copied, *front, "-f", kind.container]


def _ending(kind: VideoKind, plan: VideoPlan, loop: bool) -> list[str]:
    """Codec, quality, and how often the file is played: for ever, or once."""
    if kind.name == "gif":
        return ["-loop", "0" if loop else "-1", "-f", "gif"]
    if kind.name == "webp":
        quality = ["-quality", str(plan.output.quality), "-compression_level", "4"]
        return ["-c:v", kind.last_encoder, *quality, "-loop", "0" if loop else "1", "-f", "webp"]
    return ["-c:v", kind.last_encoder, "-plays", "0" if loop else "1", "-f", "apng"]


def _publish_folder(pictures: Path, path: Path) -> None:
    require_new(path)
    try:
        os.rename(pictures, path)
    except OSError as error:
        raise ExportError(sentence_for(path, error)) from error

"""Frames to a file through FFmpeg's standard input, one segment at a time.

Knows nothing of looks, of models, or of how segments become a video.
"""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.errors import ExportError
from engine.video.ffmpeg import QUIET, reason_of, start

_FINISH_TIMEOUT_SECONDS = 600
_DYING_TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """What every segment of a video has in common."""

    width: int
    height: int
    fps: int
    options: tuple[str, ...]
    """FFmpeg's, for filters and codec"""
    shown_path: Path
    """the name that messages give the video; segments have other ones"""


class SegmentEncoder:
    """One running encoder. Whoever makes it sees to it that `end_at_once` is called in the end."""

    def __init__(self, path: Path, stream: Stream) -> None:
        """Starts writing an MP4 file at `path`. Raises ExportError if there is no encoder."""
        self.path = path
        self._stream = stream
        size = f"{stream.width}x{stream.height}"
        frames = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", str(stream.fps), "-i", "-")
        self._messages = tempfile.TemporaryFile()  # noqa: SIM115 - closed by end_at_once
        arguments = [*QUIET, *frames, *stream.options, "-f", "mp4", str(path)]
        try:
            self._process = start(arguments, self._messages, subprocess.PIPE, subprocess.DEVNULL)
        except ExportError:
            self._messages.close()
            raise

    def write(self, frame: np.ndarray) -> None:
        """Appends a uint8 RGB frame [height, width, 3]; blocks while the encoder is behind.

        Raises ExportError if the encoder has ended.
        """
        expected = (self._stream.height, self._stream.width, 3)
        if frame.shape != expected or frame.dtype != np.uint8:
            raise ValueError(f"a frame of this video is uint8 {expected}, not {frame.dtype} {frame.shape}")
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(np.ascontiguousarray(frame).data)
        except (OSError, ValueError) as error:  # a broken or closed pipe: the reason is in the encoder's messages
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=_DYING_TIMEOUT_SECONDS)
            raise self._failure() from error

    def close_input(self) -> None:
        """There are no more frames; the encoder finishes on its own while the next one begins."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # its other end may be gone; the exit status tells why
            self._process.stdin.close()

    @property
    def has_ended(self) -> bool:
        """Whether it needs no waiting for any more."""
        return self._process.poll() is not None

    def finish(self) -> None:
        """Waits until the file is whole. Raises ExportError if it is not."""
        self.close_input()
        try:
            status = self._process.wait(timeout=_FINISH_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise ExportError(f"{self._stream.shown_path} could not be written: the encoder hangs") from error
        if status != 0:
            raise self._failure()

    def kill(self) -> None:
        """Ends the process; may be called from any thread."""
        if self._process.poll() is None:
            self._process.kill()

    def end_at_once(self) -> None:
        """Leaves no process behind, whatever has happened."""
        self.kill()
        self._process.wait()
        self.close_input()
        self._messages.close()

    def _failure(self) -> ExportError:
        reason = reason_of(self._messages, self._process.returncode)
        return ExportError(f"{self._stream.shown_path} could not be written: {reason}")

"""Frames to an H.264 file: the encoder is FFmpeg in a process of its own, fed through a pipe.

Knows nothing of looks, models or torch. imageio-ffmpeg brings the program; its own writer hides the encoder's
exit status and messages, so the process is run here.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import imageio_ffmpeg
import numpy as np

from engine.errors import ExportError

CRF = 17
"""constant quality of x264; 17 to 18 is called visually lossless"""
_FINISH_TIMEOUT_SECONDS = 600
_DYING_TIMEOUT_SECONDS = 10
# The matrix must be named, or FFmpeg takes that of BT.601; and the frames must be tagged, or players guess. sRGB's
# curve is not quite BT.709's, but players show video of that tag with it: this keeps the colours.
_TO_BT709 = (
    "scale=in_range=pc:out_range=tv:out_color_matrix=bt709:flags=accurate_rnd+full_chroma_int,format=yuv420p,"
    "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFormat:
    """The shape of a video."""

    width: int
    """pixels, even"""
    height: int
    """pixels, even"""
    fps: int
    """frames a second"""
    recipe: dict[str, Any]
    """goes into the file's comment as JSON"""
    shown_path: Path
    """the name that messages give the video; the encoder itself writes under a temporary one"""


class Mp4Encoder:
    """A running encoder; `encode_mp4` makes one."""

    def __init__(self, process: subprocess.Popen[bytes], messages: IO[bytes], video_format: VideoFormat) -> None:
        self._process = process
        self._messages = messages
        self._format = video_format

    def write(self, frame: np.ndarray) -> None:
        """Appends a uint8 RGB frame [height, width, 3]; blocks while the encoder is behind.

        Raises ExportError if the encoder has ended.
        """
        expected = (self._format.height, self._format.width, 3)
        if frame.shape != expected or frame.dtype != np.uint8:
            raise ValueError(f"a frame of this video is uint8 {expected}, not {frame.dtype} {frame.shape}")
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(np.ascontiguousarray(frame).data)
        except OSError as error:  # a broken pipe: the reason is in the encoder's messages
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=_DYING_TIMEOUT_SECONDS)
            raise self._failure() from error

    def finish(self) -> None:
        """Ends the stream and waits until the file is whole. Raises ExportError if it is not."""
        self._close_pipe()
        try:
            status = self._process.wait(timeout=_FINISH_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise ExportError(f"{self._format.shown_path} could not be written: the encoder hangs") from error
        if status != 0:
            raise self._failure()

    def end_at_once(self) -> None:
        """Leaves no process behind, whatever has happened."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._close_pipe()

    def _close_pipe(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # its other end may be gone; the exit status tells why
            self._process.stdin.close()

    def _failure(self) -> ExportError:
        self._messages.seek(0)
        messages = self._messages.read().decode(errors="replace").strip()
        if "No space left on device" in messages:
            reason = "the disk is full; free some room or choose another folder"
        else:
            last_lines = " / ".join(messages.splitlines()[-3:])
            reason = f"the encoder failed ({last_lines or f'exit status {self._process.returncode}'})"
        return ExportError(f"{self._format.shown_path} could not be written: {reason}")


@contextlib.contextmanager
def encode_mp4(path: Path, video_format: VideoFormat) -> Iterator[Mp4Encoder]:
    """Makes an MP4 (H.264, yuv420p, BT.709, index in front) of the frames that the body writes.

    Leaving the body finishes the file; leaving it with an exception ends the encoder at once. What was written
    until then is left to the owner of `path`. Raises ExportError if there is no encoder, or if it fails.
    """
    program = _ffmpeg()
    with tempfile.TemporaryFile() as messages, _metadata_file(video_format.recipe) as metadata:
        try:
            process = subprocess.Popen(
                [program, *_options(video_format, metadata), str(path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=messages,
                **_away_from_the_terminal(),
            )
        except OSError as error:
            raise ExportError(
                f"{video_format.shown_path} could not be written: the encoder {program} does not start ({error})"
            ) from error
        encoder = Mp4Encoder(process, messages, video_format)
        try:
            yield encoder
            encoder.finish()
        finally:
            encoder.end_at_once()


def _ffmpeg() -> str:
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise ExportError(
            "no video can be written because no FFmpeg was found: reinstall imageio-ffmpeg, or let "
            "IMAGEIO_FFMPEG_EXE name one"
        ) from error


def _options(video_format: VideoFormat, metadata: Path) -> list[str]:
    size = f"{video_format.width}x{video_format.height}"
    frames = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", str(video_format.fps), "-i", "-"]
    recipe = ["-f", "ffmetadata", "-i", str(metadata), "-map", "0:v", "-map_metadata", "1"]
    colour = ["-vf", _TO_BT709]
    codec = ["-c:v", "libx264", "-preset", "medium", "-crf", str(CRF), "-pix_fmt", "yuv420p"]
    quiet = ["-y", "-nostdin", "-hide_banner", "-loglevel", "error"]
    return [*quiet, *frames, *recipe, *colour, *codec, "-movflags", "+faststart", "-f", "mp4"]


@contextlib.contextmanager
def _metadata_file(recipe: dict[str, Any]) -> Iterator[Path]:
    """The recipe in FFmpeg's own text format: a command line would be too short for many looks."""
    text = "".join(f"\\{char}" if char in "=;#\\\n" else char for char in json.dumps(recipe))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "metadata.txt"
        path.write_text(f";FFMETADATA1\ncomment={text}\n", encoding="utf-8")
        yield path


def _away_from_the_terminal() -> dict[str, Any]:
    """Ctrl-C in a terminal is for us alone: we end the encoder; and no console window opens on Windows."""
    if os.name == "nt":
        flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
        return {"creationflags": flags}
    return {"start_new_session": True}

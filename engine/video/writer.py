"""Frames on their way to the disk, in a thread of their own, so that the next ones are rendered meanwhile.

A bounded queue holds what the encoder has not taken yet: an hour needs no more memory than a second. Knows nothing
of models or of timelines.
"""

from __future__ import annotations

import contextlib
import os
import queue
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from engine.errors import ExportError
from engine.inference.new_file import flush_to_disk, sentence_for
from engine.video.compose import Frame
from engine.video.encoder import SegmentEncoder, Stream
from engine.video.job_folder import JobFolder

_PATIENCE_SECONDS = 0.1
"""How long the renderer waits for room in the queue before it looks whether the thread has failed."""
_PNG_COMPRESSION = 3
"""of 9: twice as fast as the usual 6, and hardly larger"""

_PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
"""the last chunk of every PNG file"""


class Sink(Protocol):
    """Where composed frames go."""

    def write(self, frame: np.ndarray) -> None:
        """Appends uint8 [height, width, 3]. Raises ExportError."""

    def finish(self) -> None:
        """All frames are there. Raises ExportError."""

    def tend(self) -> None:
        """What has become whole meanwhile gets its name. Raises ExportError."""

    def settle(self) -> None:
        """The same for what will be whole without any more frames, which is waited for. Raises ExportError."""

    def kill(self) -> None:
        """Lets a `write` or `finish` in another thread fail soon."""

    def end(self) -> None:
        """Leaves no process behind."""


class SegmentSink:
    """Segments of a job, each by an encoder of its own; one finishes while the next one begins."""

    def __init__(self, folder: JobFolder, stream: Stream) -> None:
        self._folder = folder
        self._stream = stream
        self._number = folder.finished_segments()
        self._frames = 0
        self._encoder: SegmentEncoder | None = None
        self._finishing: tuple[SegmentEncoder, Path] | None = None

    def write(self, frame: np.ndarray) -> None:
        """Appends a frame. Raises ExportError."""
        if self._encoder is None:
            # A name of its own, for the encoder of a process that was killed may still be writing to the last one.
            partial = self._folder.path / f"segment-{self._number:06d}.{secrets.token_hex(4)}.partial"
            self._encoder = SegmentEncoder(partial, self._stream)
        self._encoder.write(frame)
        self._frames += 1
        self.tend()
        if self._frames == self._folder.job.segment_frames:
            self._roll()

    def finish(self) -> None:
        """The last segment may be a short one. Raises ExportError."""
        if self._encoder is not None:
            self._roll()
        self.settle()

    def tend(self) -> None:
        """A crash is to cost no segment that the encoder is done with. Raises ExportError."""
        if self._finishing is not None and self._finishing[0].has_ended:
            self.settle()

    def settle(self) -> None:
        """A segment has its name only when it is whole. Raises ExportError."""
        if self._finishing is None:
            return
        encoder, path = self._finishing
        encoder.finish()
        encoder.end_at_once()
        try:
            flush_to_disk(encoder.path)
            os.replace(encoder.path, path)
        except OSError as error:
            raise ExportError(sentence_for(self._stream.shown_path, error)) from error
        self._finishing = None

    def kill(self) -> None:
        """Ends the encoders; may be called from any thread."""
        for encoder in self._running():
            encoder.kill()

    def end(self) -> None:
        """Leaves no process behind."""
        for encoder in self._running():
            encoder.end_at_once()

    def _roll(self) -> None:
        assert self._encoder is not None
        self._encoder.close_input()
        self.settle()
        self._finishing = self._encoder, self._folder.segment(self._number)
        self._encoder, self._frames = None, 0
        self._number += 1

    def _running(self) -> list[SegmentEncoder]:
        finishing = [] if self._finishing is None else [self._finishing[0]]
        return finishing + ([] if self._encoder is None else [self._encoder])


class PictureSink:
    """A PNG file for each frame."""

    def __init__(self, folder: JobFolder, shown_path: Path) -> None:
        self._folder = folder
        self._shown_path = shown_path
        self._number = finished_pictures(folder)

    def write(self, frame: np.ndarray) -> None:
        """Appends a frame. Raises ExportError."""
        path = picture_path(self._folder, self._number)
        partial = path.with_suffix(".partial")
        try:
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(frame).save(partial, format="PNG", compress_level=_PNG_COMPRESSION)
            os.replace(partial, path)
        except OSError as error:
            raise ExportError(sentence_for(self._shown_path, error)) from error
        self._number += 1

    def finish(self) -> None:
        """Nothing is left to do."""

    def tend(self) -> None:
        """Every picture has its name."""

    def settle(self) -> None:
        """Every picture has its name."""

    def kill(self) -> None:
        """A picture takes no time worth interrupting."""

    def end(self) -> None:
        """There is no process."""


def picture_path(folder: JobFolder, number: int) -> Path:
    """Of a frame, from 0."""
    return folder.pictures / f"frame-{number:06d}.png"


def finished_pictures(folder: JobFolder) -> int:
    """How many are there and whole, without a gap, from the first on."""
    number = 0
    while _is_whole(picture_path(folder, number)):
        number += 1
    return number


def _is_whole(picture: Path) -> bool:
    """After a power failure a file may have its name before it has its content."""
    try:
        with open(picture, "rb") as file:
            file.seek(-len(_PNG_END), os.SEEK_END)
            return file.read() == _PNG_END
    except OSError:
        return False


class Writer:
    """The thread. All methods are for one other thread, and everything that fails in it is raised from them."""

    def __init__(self, sink: Sink, frame: Frame, capacity: int, afterwards: Callable[[threading.Event], None]) -> None:
        """capacity: frames that may wait. afterwards: makes the video of what was written; gives up on the event."""
        self._sink = sink
        self._frame = frame
        self._afterwards = afterwards
        self._queue: queue.Queue[list[np.ndarray] | None] = queue.Queue(maxsize=capacity)
        self._cancelled = threading.Event()
        self._left = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="video writer", daemon=True)
        self._thread.start()

    def put(self, pictures: list[np.ndarray]) -> None:
        """The next frame, a picture for each cell; waits while the encoder is behind."""
        self._put(pictures)

    def close(self) -> None:
        """There are no more frames; the video is finished in the thread."""
        self._put(None)

    def finished(self, seconds: float) -> bool:
        """Whether the video is there; waits up to so long for it."""
        self._thread.join(seconds)
        if self._thread.is_alive():
            return False
        self._raise_failure()
        return True

    def leave(self, seconds: float) -> None:
        """Ends as `abort` does; what was put so far is written before, as far as that takes no longer than this."""
        self._left.set()
        with contextlib.suppress(queue.Full):
            self._queue.put(None, timeout=seconds)
        self._thread.join(seconds)
        self.abort()

    def abort(self) -> None:
        """Ends the thread and its processes; nothing happens if they have ended."""
        self._cancelled.set()
        while self._thread.is_alive():
            self._sink.kill()
            with contextlib.suppress(queue.Empty):  # a place for the end, if the thread waits for frames
                self._queue.get_nowait()
            with contextlib.suppress(queue.Full):
                self._queue.put_nowait(None)
            self._thread.join(_PATIENCE_SECONDS)

    def _put(self, item: list[np.ndarray] | None) -> None:
        while True:
            if not self._thread.is_alive():
                self._raise_failure()
                raise RuntimeError("the writer ended before its last frame")
            with contextlib.suppress(queue.Full):
                self._queue.put(item, timeout=_PATIENCE_SECONDS)
                return

    def _next(self) -> list[np.ndarray] | None:
        while True:
            with contextlib.suppress(queue.Empty):
                return self._queue.get(timeout=_PATIENCE_SECONDS)
            self._sink.tend()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            while (pictures := self._next()) is not None and not self._cancelled.is_set():
                self._sink.write(self._frame.compose(pictures))
            if self._left.is_set():
                self._sink.settle()
            elif not self._cancelled.is_set():
                self._sink.finish()
                self._afterwards(self._cancelled)
        except Exception as error:  # noqa: BLE001 - the edge of the thread: the other one raises it
            self._failure = error
        finally:
            self._sink.end()

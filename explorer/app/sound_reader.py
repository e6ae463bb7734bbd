"""Reads sounds in a thread of its own: listens to them, and makes copies that can be played from anywhere.

One reading at a time, which can be given up at any moment. Knows neither the film nor the window.
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import EngineError
from engine.video.listening import Heard, listen
from engine.video.sound import write_playable
from explorer.app.sound_player import open_mixer
from explorer.worker.failures import sentence_for


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadSound:
    """What came of a reading."""

    path: Path
    heard: Heard
    playable: Path | None
    """a copy that can be played; None if there can be none, or nothing to hear it by"""


@dataclass(slots=True, kw_only=True, eq=False)
class Reading:
    """One that is under way."""

    path: Path
    stage: str = ""
    """what is being done, in a few words"""
    cancelled: threading.Event = field(default_factory=threading.Event)
    future: Future[ReadSound] | None = None

    def tell(self, stage: str) -> None:
        """Something else begins."""
        self.stage = stage


class SoundReader:
    """Belongs to the main thread."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="sound")
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._count = 0

    def read(self, path: Path) -> Reading:
        """Begins one; nothing waits for it."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="stylegan-sound-", ignore_cleanup_errors=True)
        self._count += 1
        reading = Reading(path=path)
        reading.future = self._executor.submit(_read, reading, Path(self._folder.name) / f"{self._count}.wav")
        return reading

    def close(self) -> None:
        """Waits for what was given up, and takes the copies away."""
        self._executor.shutdown(wait=True, cancel_futures=True)
        if self._folder is not None:
            self._folder.cleanup()


def outcome_of(reading: Reading) -> ReadSound | str | None:
    """None while it is under way; else what came of it, or a sentence that says why nothing did."""
    future = reading.future
    if future is None or not future.done():
        return None
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, Exception):
        return sentence_for(f"read the sound {reading.path}", error)
    raise error


def _read(reading: Reading, wav: Path) -> ReadSound:
    heard = listen(reading.path, reading.tell, reading.cancelled.is_set)
    playable: Path | None = None
    if open_mixer():
        with contextlib.suppress(EngineError):  # no room for a copy: what was heard of it can be used all the same
            write_playable(reading.path, wav, reading.cancelled.is_set)
            playable = wav
    return ReadSound(path=reading.path, heard=heard, playable=playable)

"""The list of videos on the disk: saved after every change, taken over from an explorer that has ended.

Knows nothing of widgets, nor of how videos are made.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from engine.folder_lock import locked
from engine.inference.new_file import free_path
from explorer.app.errands import Errand, Errands
from explorer.library.errors import LibraryError
from explorer.library.video_list import FOLDER, LIST, SET_ASIDE, NewerListError, OrderedVideo, read_list, write_list

Videos = tuple[OrderedVideo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inheritance:
    """What explorers have left that were killed or closed."""

    videos: Videos
    problems: tuple[str, ...]
    """sentences about what could not be read"""
    folders: tuple[tuple[Path, IO[bytes]], ...]
    """theirs, locked, until these videos are in another list"""


class VideoKeeper:
    """One explorer's list. `look` is for the errands' thread, the rest for the main one."""

    def __init__(self, data: Path, errands: Errands, complain: Callable[[str], None]) -> None:
        """data: the explorer's data folder; nothing is written there until there is a video to keep."""
        self._data, self._errands, self._complain = data, errands, complain
        self._folder = data / FOLDER / secrets.token_hex(4)
        self._lock: IO[bytes] | None = None
        self._inherited: tuple[tuple[Path, IO[bytes]], ...] = ()
        self._written: Videos = ()
        self._writing = self._complained = False

    def look(self) -> Inheritance:
        """The lists that nobody owns any more; what cannot be read is set aside."""
        videos: dict[OrderedVideo, None] = {}
        problems, folders = [], []
        for folder in _folders(self._data / FOLDER):
            lock = None if folder == self._folder else locked(folder)
            if lock is None:
                continue
            try:
                videos |= dict.fromkeys(read_list(folder / LIST))
            except NewerListError as error:
                lock.close()
                problems.append(f"{error}.")
                continue
            except LibraryError as error:
                problems.append(f"The list of videos that waited is lost: {error}. {self._set_aside(folder)}")
            folders.append((folder, lock))
        return Inheritance(videos=tuple(videos), problems=tuple(problems), folders=tuple(folders))

    def take_over(self, inheritance: Inheritance) -> None:
        """Its videos are among those that `observe` is told from now on: once they are written, it can go."""
        self._inherited = inheritance.folders

    def observe(self, videos: Videos) -> None:
        """Writes the list if it is another one than before. One write at a time: the next turn sees what came after."""
        if self._writing or (videos == self._written and not self._inherited):
            return
        self._writing = True
        inherited, self._inherited = self._inherited, ()
        self._errands.run(
            Errand(
                task="write the list of videos",
                work=partial(self._write, videos, inherited),
                then=self._done,
                failed=partial(self._failed, videos),
                quiet=True,
            )
        )

    def close(self, videos: Videos) -> None:
        """Writes what is not written yet, and lets the next explorer have it. Errands must be over."""
        if videos != self._written or self._inherited:
            with contextlib.suppress(LibraryError):  # nobody is there any more to be told
                self._write(videos, self._inherited)
        if self._lock is not None:
            self._lock.close()
            self._lock = None
            if not videos:
                shutil.rmtree(self._folder, ignore_errors=True)

    def _write(self, videos: Videos, inherited: Sequence[tuple[Path, IO[bytes]]]) -> None:
        with contextlib.suppress(OSError):  # writing the list will say why
            self._folder.mkdir(parents=True, exist_ok=True)
        if self._lock is None:  # before there is anything that another explorer might take for a dead one's
            self._lock = locked(self._folder)
        write_list(self._folder / LIST, videos)
        for folder, lock in inherited:
            lock.close()
            shutil.rmtree(folder, ignore_errors=True)
        self._written = videos

    def _done(self, _nothing: None) -> None:
        self._writing = self._complained = False

    def _failed(self, videos: Videos, message: str) -> None:
        self._written, self._writing = videos, False  # not again until there is something new to write
        if not self._complained:
            self._complained = True
            self._complain(message)

    def _set_aside(self, folder: Path) -> str:
        kept = free_path(self._data / SET_ASIDE)
        try:
            os.replace(folder / LIST, kept)
        except OSError:
            return "Those that were begun in the usual folder are offered all the same."
        return f"The file is kept as {kept}."


def _folders(parent: Path) -> list[Path]:
    try:
        return sorted((entry for entry in parent.iterdir() if entry.is_dir()), key=lambda entry: entry.stat().st_mtime)
    except OSError:  # there is no list yet
        return []

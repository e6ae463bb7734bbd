"""The sound that a timeline goes with: which file, told apart by its content, and from where in it.

Frozen values, torch-free. Knows nothing of what is to be heard in it.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from engine.errors import ConfigError, DataError

MAX_START_SECONDS = 7200.0
_BLOCK_BYTES = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Soundtrack:
    """A file, and where in it the timeline begins."""

    path: Path
    """absolute in a session; relative to the film's folder in what a film carries"""
    content_id: str
    """SHA-256 of the file, in hexadecimal"""
    start: float = 0.0
    """seconds into the sound at the timeline's second 0"""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.start) and 0 <= self.start <= MAX_START_SECONDS):
            raise ConfigError(f"a sound starts at 0 to {MAX_START_SECONDS:g} seconds, not at {self.start:g}")


def content_id_of(path: Path) -> str:
    """SHA-256 of a file. Raises DataError if it cannot be read."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
    except FileNotFoundError as error:
        raise DataError(f"the sound {path} does not exist: choose another file") from error
    except OSError as error:
        raise DataError(f"the sound {path} cannot be read ({error.strerror or error})") from error
    return digest.hexdigest()


def as_seen_from(track: Soundtrack, folder: Path) -> Soundtrack:
    """For a file in this folder that goes out into the world: the way from there to the sound.

    Only the sound's name where that way would lead from elsewhere into a person's own folder: that is nobody's
    business.
    """
    home = Path.home()
    private = track.path.is_relative_to(home) and not folder.absolute().is_relative_to(home)
    try:
        way = Path(os.path.relpath(track.path, folder.absolute()))
    except ValueError:  # another drive
        private, way = True, track.path
    shown = Path(track.path.name) if private else way
    return replace(track, path=Path(PurePosixPath(shown.as_posix())))


def found_again(track: Soundtrack, folders: Iterable[Path]) -> Soundtrack:
    """With the absolute path of the file that has its content, seen from one of these folders.

    If it is nowhere, with the path where it should be, seen from the first of them.
    """
    paths = [folder / way for folder in folders for way in (track.path, track.path.name)]
    there = (path for path in paths if path.is_file() and content_id_of(path) == track.content_id)
    path = next(there, paths[0] if paths else track.path)
    return replace(track, path=Path(os.path.normpath(path.absolute())))

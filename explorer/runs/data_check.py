"""A short look at pictures before a training: how many, how large, and which files are no use.

Every header is read, and a few pictures as a whole. Knows nothing of torch or of widgets.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.data.open_pictures import open_source
from engine.data.picture_files import SUFFIXES, PictureFile, UnreadablePictureError
from engine.data.picture_set import automatic_resolution
from engine.errors import DataError

DECODED = 48
"""pictures that are read as a whole"""
GLANCE = 5000
"""files that a glance looks at"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCheck:
    """What there is to train on."""

    folder: Path
    count: int = 0
    """pictures that can be used"""
    smallest: tuple[int, int] = (0, 0)
    """(width, height) of the one with the fewest pixels"""
    largest: tuple[int, int] = (0, 0)
    resolution: int = 0
    """what training takes if nobody says another; 0 for nothing to train on"""
    problems: tuple[str, ...] = ()
    """a sentence for each file that is left out"""
    error: str = ""
    """why there is nothing to train on, as a sentence"""


def holds_pictures(folder: Path) -> bool:
    """At a glance: whether a picture lies in a folder or in one inside it."""
    seen = 0
    for _, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        if any(os.path.splitext(name)[1].lower() in SUFFIXES for name in names if not name.startswith(".")):
            return True
        seen += len(names) + len(folders) + 1
        if seen > GLANCE:
            return False
    return False


def check_pictures(folder: Path, stopped: Callable[[], bool] = lambda: False) -> DataCheck:
    """Reads the headers of all; gives up with an error once `stopped` says so."""
    problems: list[str] = []
    try:
        files = open_source(folder, problems.append).files
    except DataError as error:
        return DataCheck(folder=folder, error=str(error), problems=tuple(problems))
    sizes: list[tuple[int, int]] = []
    step = max(len(files) // DECODED, 1)
    for index, file in enumerate(files):
        if stopped():
            return DataCheck(folder=folder, error="The check was given up.")
        try:
            sizes.append(_look(file, whole=index % step == 0))
        except UnreadablePictureError as error:
            problems.append(f"{file} is left out: {error}.")
    if not sizes:
        kinds = ", ".join(sorted(suffix.removeprefix(".") for suffix in SUFFIXES))
        nothing = f"{folder} holds no picture that can be read: choose a folder with pictures ({kinds})."
        return DataCheck(folder=folder, error=nothing, problems=tuple(problems))
    by_area = sorted(sizes, key=lambda size: size[0] * size[1])
    return DataCheck(
        folder=folder,
        count=len(sizes),
        smallest=by_area[0],
        largest=by_area[-1],
        resolution=automatic_resolution(sizes),
        problems=tuple(problems),
    )


def _look(file: PictureFile, *, whole: bool) -> tuple[int, int]:
    if not whole:
        return file.read_size()
    with file.opened() as image:
        image.load()
        return image.size

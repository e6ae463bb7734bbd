"""Any folder of real pictures, as numbered uint8 pictures of one size.

Finds the files, chooses the resolution where none is asked for, and collects a warning for every file that
had to be left out. Knows nothing of batches or of torch.
"""

from __future__ import annotations

import os
import unicodedata
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.data.decode import SUFFIXES, PictureFormat, UnreadablePictureError, read_size
from engine.data.pixel_store import MemoryStore, OnDemandStore, map_in_threads
from engine.errors import DataError

SMALLEST_AUTOMATIC_RESOLUTION = 8
LARGEST_AUTOMATIC_RESOLUTION = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """How a folder is loaded; what the pictures look like does not depend on it."""

    memory_limit_bytes: int = 2 * 2**30
    """decoded pictures beyond this are not kept in memory but decoded again when they are needed"""
    on_progress: Callable[[int, int], None] = lambda done, total: None
    """called with (files decoded, all files), by the thread that loads"""
    on_warning: Callable[[str], None] = lambda sentence: None
    """called with a sentence for each file or folder that is left out; where pictures are decoded on demand,
    later ones come from the thread that prepares batches"""


class ImageFolder:
    """The pictures in a folder and in the folders inside it, in an order that is the same on every platform.

    Files are ordered by their path relative to the folder, written with "/" and compared by code points in
    Unicode's form NFC. Hidden files and folders (names that begin with a dot) are passed over. `resolution`
    None picks the largest power of two, from 8 to 1024, that more than half of the pictures reach with
    their shorter side. The other parameters are those of `PictureFormat`.

    Raises DataError for a folder that is missing, unreadable, a file, or without a readable picture.
    """

    def __init__(
        self,
        path: str | Path,
        resolution: int | None = None,
        channels: int = 3,
        background: tuple[int, int, int] = (255, 255, 255),
        fit: str = "auto",
        *,
        loading: Loading | None = None,
    ) -> None:
        self.path = Path(path)
        self.warnings: list[str] = []
        self._loading = loading or Loading()
        automatic = resolution is None
        self.format = PictureFormat(
            resolution=SMALLEST_AUTOMATIC_RESOLUTION if resolution is None else resolution,
            channels=channels,
            background=background,
            fit=fit,
        )
        with warnings.catch_warnings():
            # What Pillow remarks on files that it can read is nothing that a person could act on.
            warnings.filterwarnings("ignore", module=r"PIL\.")
            files, sizes = self._readable(find_pictures(self.path, self._warn))
            if automatic:
                self.format = replace(self.format, resolution=automatic_resolution(sizes))
            self._store = self._open_store(files)
        self._refuse_nothing(self._store.files)

    @property
    def resolution(self) -> int:
        """Side of every picture, in pixels."""
        return self.format.resolution

    @property
    def channels(self) -> int:
        """1, 3 or 4."""
        return self.format.channels

    @property
    def in_memory(self) -> bool:
        """Whether all pictures are decoded already."""
        return isinstance(self._store, MemoryStore)

    @property
    def names(self) -> tuple[str, ...]:
        """Path of each picture relative to the folder, written with "/"."""
        return tuple(file.relative_to(self.path).as_posix() for file in self._store.files)

    def __len__(self) -> int:
        return len(self._store.files)

    def pixels(self, indices: np.ndarray) -> np.ndarray:
        """The pictures at `indices` [N] (int), as a new uint8 array [N, C, H, W]."""
        return self._store.gather(np.asarray(indices, dtype=np.int64))

    def _warn(self, sentence: str) -> None:
        # A name that is not valid Unicode must not break the terminal or the file that the sentence goes to.
        printable = sentence.encode("utf-8", "replace").decode("utf-8")
        self.warnings.append(printable)
        self._loading.on_warning(printable)

    def _warn_unreadable(self, file: Path, reason: str) -> None:
        self._warn(f"{file} was left out: {reason}.")

    def _readable(self, files: list[Path]) -> tuple[list[Path], list[tuple[int, int]]]:
        """The files whose header can be read, and their sizes; the first look, before anything is decoded."""

        def look(file: Path) -> tuple[int, int] | str:
            try:
                return read_size(file)
            except UnreadablePictureError as error:
                return str(error)

        readable: list[Path] = []
        sizes: list[tuple[int, int]] = []
        for file, answer in zip(files, map_in_threads(look, files), strict=True):
            if isinstance(answer, str):
                self._warn_unreadable(file, answer)
            else:
                readable.append(file)
                sizes.append(answer)
        self._refuse_nothing(readable)
        return readable, sizes

    def _open_store(self, files: list[Path]) -> MemoryStore | OnDemandStore:
        needed_bytes = len(files) * self.channels * self.resolution**2
        limit = self._loading.memory_limit_bytes
        if needed_bytes <= limit:
            return MemoryStore(files, self.format, self._warn_unreadable, self._loading.on_progress)
        return OnDemandStore(files, self.format, limit, self._warn_unreadable)

    def _refuse_nothing(self, files: list[Path] | tuple[Path, ...]) -> None:
        if files:
            return
        skipped = f" {len(self.warnings)} could not be read; {self.warnings[0]}" if self.warnings else ""
        kinds = ", ".join(sorted(suffix.removeprefix(".") for suffix in SUFFIXES))
        raise DataError(
            f"The folder {self.path} holds no picture that can be read.{skipped} "
            f"Name a folder with pictures of these kinds: {kinds}."
        )


def automatic_resolution(sizes: list[tuple[int, int]]) -> int:
    """The largest power of two, from 8 to 1024, that more than half of the shorter sides reach."""
    resolution = LARGEST_AUTOMATIC_RESOLUTION
    while resolution > SMALLEST_AUTOMATIC_RESOLUTION:
        if 2 * sum(min(size) >= resolution for size in sizes) > len(sizes):
            break
        resolution //= 2
    return resolution


def find_pictures(folder: Path, on_warning: Callable[[str], None]) -> list[Path]:
    """Every file below `folder` with a picture's suffix, in the order that `ImageFolder` describes.

    Links to folders are followed, each folder once. Raises DataError if `folder` cannot be listed; a folder
    inside it that cannot be is a warning.
    """
    _refuse_unlistable(folder)
    found: list[Path] = []
    visited: set[str] = set()

    def report(error: OSError) -> None:
        on_warning(f"The folder {error.filename} was left out: {error.strerror}.")

    for parent, subfolders, names in os.walk(folder, onerror=report, followlinks=True):
        real = os.path.realpath(parent)
        if real in visited:
            subfolders.clear()
            continue
        visited.add(real)
        # Sorted, so that of two links to one folder the same one is followed everywhere.
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        found += [
            Path(parent, name)
            for name in names
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES
        ]
    return sorted(found, key=lambda file: _order(file.relative_to(folder).as_posix()))


def _order(name: str) -> tuple[str, str]:
    # macOS may store "é" as two code points where the others have one.
    return unicodedata.normalize("NFC", name), name


def _refuse_unlistable(folder: Path) -> None:
    try:
        with os.scandir(folder):
            return
    except FileNotFoundError as error:
        raise DataError(f"There is no folder {folder}. Check the path of the folder of pictures.") from error
    except NotADirectoryError as error:
        raise DataError(
            f"{folder} is a file, and training needs a folder of pictures. Name the folder that it lies in, "
            f"or unpack it if it is an archive."
        ) from error
    except OSError as error:
        raise DataError(
            f"The folder {folder} cannot be read: {error.strerror}. Check its permissions, or name another."
        ) from error

"""The pictures of a source as numbered uint8 arrays of one size, with their labels.

Chooses the resolution where none is asked for, and collects a warning for every picture that had to be left out.
Knows nothing of where pictures lie, of batches, or of torch.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.data.decode import PictureFormat
from engine.data.labels import LABEL_KINDS, Labels, labels_from_folders, labels_of_names
from engine.data.parallel import map_in_threads
from engine.data.picture_files import SUFFIXES, PictureFile, UnreadablePictureError
from engine.data.pixel_store import MemoryStore, OnDemandStore
from engine.data.sources import OnWarning, Source
from engine.errors import ConfigError, DataError

SMALLEST_AUTOMATIC_RESOLUTION = 8
LARGEST_AUTOMATIC_RESOLUTION = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """How pictures are loaded; what they look like does not depend on it."""

    labels: str = "none"
    """"file": those stored beside the pictures (dataset.json; name-rxx.labels of TFRecords); "folders": the
    outermost folder that each picture lies in is its class"""
    memory_limit_bytes: int = 2 * 2**30
    """decoded pictures beyond this are not kept in memory but decoded again when they are needed"""
    on_progress: Callable[[int, int], None] = lambda done, total: None
    """called with (files decoded, all files), by the thread that loads"""
    on_warning: OnWarning = lambda sentence: None
    """called with a sentence for each file or folder that is left out; where pictures are decoded on demand,
    later ones come from the thread that prepares batches"""

    def __post_init__(self) -> None:
        if self.labels not in LABEL_KINDS:
            raise ConfigError(f"Labels are taken from {', '.join(LABEL_KINDS)}, not from {self.labels!r}.")


class PictureSet:
    """All pictures of one source that can be read, in its order.

    `find` gives the source of `path`. With `automatic` the resolution of `target` is replaced by the largest power
    of two, from 8 to 1024, that more than half of the pictures reach with their shorter side.

    Raises DataError for a source that is missing, unreadable, or without a readable picture, or whose labels are
    not there or not usable.
    """

    def __init__(
        self,
        find: Callable[[Path, OnWarning], Source],
        path: Path,
        target: PictureFormat,
        *,
        automatic: bool,
        loading: Loading,
    ) -> None:
        self.path = path
        self.warnings: list[str] = []
        self.format = target
        self._loading = loading
        with warnings.catch_warnings():
            # What Pillow remarks on files that it can read is nothing that a person could act on.
            warnings.filterwarnings("ignore", module=r"PIL\.")
            self._source = find(path, self._warn)
            self._refuse_nothing(self._source.files)
            # Of all pictures, so that one that cannot be read does not change how many classes there are.
            labels = labels_of_source(self._source, loading.labels)
            files, sizes = self._readable(self._source.files)
            if automatic:
                self.format = replace(target, resolution=automatic_resolution(sizes))
            self._store = self._open_store(files)
        self._refuse_nothing(self._store.files)
        self._labels = None if labels is None else labels.chosen(self._places_of(self._store.files))

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
        """Path of each picture inside the source, written with "/"."""
        return tuple(file.name for file in self._store.files)

    @property
    def c_dim(self) -> int:
        """How many numbers a label has; 0 without labels."""
        return 0 if self._labels is None else self._labels.c_dim

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """One for each class; None without labels, or if they are not classes."""
        return None if self._labels is None else self._labels.class_names

    @property
    def labels(self) -> np.ndarray | None:
        """float32 [N, c_dim], a class as one-hot; None without labels. Made anew, and large for many classes."""
        return None if self._labels is None else self._labels.vectors(np.arange(len(self)))

    def __len__(self) -> int:
        return len(self._store.files)

    def pixels(self, indices: np.ndarray) -> np.ndarray:
        """The pictures at `indices` [N] (int), as a new uint8 array [N, C, H, W]."""
        return self._store.gather(np.asarray(indices, dtype=np.int64))

    def labels_of(self, indices: np.ndarray) -> np.ndarray:
        """The labels of the pictures at `indices` [N] (int): float32 [N, c_dim], with c_dim = 0 without labels."""
        if self._labels is None:
            return np.zeros((len(indices), 0), dtype=np.float32)
        return self._labels.vectors(np.asarray(indices, dtype=np.int64))

    def shown(self, indices: np.ndarray) -> np.ndarray:
        """Which pictures `pixels(indices)` gives, int64 [N]: another stands in for one that cannot be decoded."""
        return self._store.shown(np.asarray(indices, dtype=np.int64))

    def _warn(self, sentence: str) -> None:
        # A name that is not valid Unicode must not break the terminal or the file that the sentence goes to.
        printable = sentence.encode("utf-8", "replace").decode("utf-8")
        self.warnings.append(printable)
        self._loading.on_warning(printable)

    def _warn_unreadable(self, file: PictureFile, reason: str) -> None:
        self._warn(f"{file} was left out: {reason}.")

    def _readable(self, files: Sequence[PictureFile]) -> tuple[list[PictureFile], list[tuple[int, int]]]:
        """The files whose header can be read, and their sizes; the first look, before anything is decoded."""

        def look(file: PictureFile) -> tuple[int, int] | str:
            try:
                return file.read_size()
            except UnreadablePictureError as error:
                return str(error)

        readable: list[PictureFile] = []
        sizes: list[tuple[int, int]] = []
        for file, answer in zip(files, map_in_threads(look, files), strict=True):
            if isinstance(answer, str):
                self._warn_unreadable(file, answer)
            else:
                readable.append(file)
                sizes.append(answer)
        self._refuse_nothing(readable)
        return readable, sizes

    def _open_store(self, files: list[PictureFile]) -> MemoryStore | OnDemandStore:
        needed_bytes = len(files) * self.channels * self.resolution**2
        limit = self._loading.memory_limit_bytes
        if needed_bytes <= limit:
            return MemoryStore(files, self.format, self._warn_unreadable, self._loading.on_progress)
        return OnDemandStore(files, self.format, limit, self._warn_unreadable)

    def _places_of(self, files: Sequence[PictureFile]) -> np.ndarray:
        place = {file.name: index for index, file in enumerate(self._source.files)}
        return np.array([place[file.name] for file in files], dtype=np.int64)

    def _refuse_nothing(self, files: Sequence[PictureFile]) -> None:
        if files:
            return
        raise nothing_readable(self._source, self.warnings)


def labels_of_source(source: Source, kind: str) -> Labels | None:
    """The labels of all pictures of a source; None if none are wanted. Raises DataError if there are none."""
    names = [file.name for file in source.files]
    if kind == "none":
        return None
    if kind == "folders":
        return labels_from_folders(names)
    stored = source.read_labels()
    if stored is None:
        raise DataError(
            f"The {source.kind} {source.path} holds no labels (a dataset.json). Add them, put each picture into the "
            f"folder of its class and take the labels from the folders, or leave the labels out."
        )
    return labels_of_names(names, stored.of, stored.class_names, stored.where)


def nothing_readable(source: Source, problems: Sequence[str]) -> DataError:
    """What to tell a person whose source has nothing to offer."""
    skipped = f" {len(problems)} could not be read; {problems[0]}" if problems else ""
    kinds = ", ".join(sorted(suffix.removeprefix(".") for suffix in SUFFIXES))
    return DataError(
        f"The {source.kind} {source.path} holds no picture that can be read.{skipped} "
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

"""Any source of pictures -> the field's zip layout, with duplicates and outliers left out.

Decodes, fits and fingerprints in several threads, and holds only a few pictures at a time. Writes to a path that it
is given, without care for what was there: see to that outside. Knows nothing of the terminal or of networks.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.data.curate import Features, most_typical
from engine.data.dataset_zip import DatasetZip, png_bytes
from engine.data.decode import Decoded, PictureFormat, decode_and_tell
from engine.data.duplicates import DuplicateFinder
from engine.data.fingerprints import Fingerprint, fingerprint
from engine.data.labels import Labels
from engine.data.open_pictures import open_source
from engine.data.parallel import map_in_threads
from engine.data.picture_files import PictureFile, UnreadablePictureError
from engine.data.picture_set import labels_of_source, nothing_readable
from engine.data.sources import Source
from engine.errors import ConfigError

LARGEST_RESOLUTION = 4096
_FEATURE_BATCH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetOptions:
    """What the dataset is to be."""

    format: PictureFormat
    """3 channels, and a power of two as its resolution: trainers of this layout take no other"""
    labels: str | None = None
    """one of LABEL_KINDS; None: those that are stored with the pictures, if any are"""
    keep_duplicates: bool = False
    keep_percent: float | None = None
    """keep the most typical pictures by the features of `DatasetTools.features`; None: all"""

    def __post_init__(self) -> None:
        resolution = self.format.resolution
        if resolution & (resolution - 1) or not 4 <= resolution <= LARGEST_RESOLUTION:
            raise ConfigError(
                f"The resolution of a dataset is a power of two from 4 to {LARGEST_RESOLUTION}, not {resolution}."
            )
        if self.format.channels != 3:
            raise ConfigError("Datasets are written in RGB, with 3 channels.")
        if self.keep_percent is not None and not 0 < self.keep_percent <= 100:
            raise ConfigError(f"Between 0 and 100 per cent of the pictures can be kept, not {self.keep_percent:g}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetTools:
    """Who is told how it goes, and what judges the pictures."""

    on_progress: Callable[[int, int], None] = lambda done, total: None
    """called with (pictures done, all), by the thread that called; begins anew where everything is read twice"""
    on_problem: Callable[[str], None] = lambda sentence: None
    """called with a sentence for each file that was left out because it could not be read"""
    on_duplicate: Callable[[str], None] = lambda sentence: None
    """called with a sentence for each picture that repeats an earlier one"""
    features: Features | None = None
    """needed for `keep_percent` alone"""


@dataclass(slots=True)
class Summary:
    """How many pictures met which fate."""

    found: int = 0
    unreadable: int = 0
    exact_duplicates: int = 0
    near_duplicates: int = 0
    dropped_duplicates: int = 0
    """of both kinds; the others were kept because they were to be"""
    outliers: int = 0
    """left out for lying far from the set"""
    written: int = 0
    cropped: int = 0
    """this and the following are told of the written ones alone"""
    padded: int = 0
    composited: int = 0
    enlarged: int = 0
    class_names: Sequence[str] | None = field(default=None)

    def count_written(self, decoded: Decoded) -> None:
        """One more picture is in the dataset."""
        self.written += 1
        self.cropped += decoded.cropped
        self.padded += decoded.padded
        self.composited += decoded.composited
        self.enlarged += decoded.enlarged


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A picture as a thread hands it over."""

    index: int
    decoded: Decoded
    fingerprint: Fingerprint
    png: bytes


def make_dataset(path: Path, target: Path, options: DatasetOptions, tools: DatasetTools) -> Summary:
    """Writes the pictures of `path` (see `open_source`) as a zip archive at `target`.

    Raises DataError if `path` cannot be used or nothing of it can be read, and OSError if `target` cannot be written.
    """
    return _Making(path, options, tools).write(target)


class _Making:
    """One dataset being made: the source, its labels, and the counts so far."""

    def __init__(self, path: Path, options: DatasetOptions, tools: DatasetTools) -> None:
        self._options = options
        self._tools = tools
        self._problems: list[str] = []
        self._source = open_source(path, self._report)
        if not self._source.files:
            raise nothing_readable(self._source, self._problems)
        self._labels = _labels(self._source, options.labels)
        self._summary = Summary(found=len(self._source.files) + len(self._problems))

    def write(self, target: Path) -> Summary:
        everything = range(len(self._source.files))
        if self._options.keep_percent is None:
            self._write(target, self._without_duplicates(self._ready(everything)))
        else:
            kept = self._typical(everything, self._options.keep_percent)
            self._write(target, self._ready(kept))
        self._summary.unreadable = len(self._problems)
        if not self._summary.written:
            raise nothing_readable(self._source, self._problems)
        return self._summary

    def _write(self, target: Path, pictures: Iterator[_Ready]) -> None:
        class_names = None if self._labels is None else self._labels.class_names
        self._summary.class_names = class_names
        with DatasetZip(target, class_names) as archive:
            for ready in pictures:
                archive.add(ready.png, None if self._labels is None else self._labels.of(ready.index))
                self._summary.count_written(ready.decoded)

    def _typical(self, indices: Sequence[int], keep_percent: float) -> list[int]:
        """Reads everything once to judge it; keeping it all until then could take more memory than there is."""
        assert self._tools.features is not None
        known: list[int] = []
        features: list[np.ndarray] = []
        batch: list[np.ndarray] = []
        for ready in self._without_duplicates(self._ready(indices)):
            known.append(ready.index)
            batch.append(ready.decoded.pixels)
            if len(batch) == _FEATURE_BATCH:
                features.append(self._tools.features(np.stack(batch)))
                batch.clear()
        if batch:
            features.append(self._tools.features(np.stack(batch)))
        if not known:
            return []
        kept = most_typical(np.concatenate(features), keep_percent)
        self._summary.outliers = len(known) - len(kept)
        return [known[place] for place in kept]

    def _ready(self, indices: Sequence[int]) -> Iterator[_Ready]:
        """The pictures at `indices` that can be read, in that order."""
        with warnings.catch_warnings():
            # What Pillow remarks on files that it can read is nothing that a person could act on.
            warnings.filterwarnings("ignore", module=r"PIL\.")
            answers = map_in_threads(self._prepare, indices)
            for done, (index, answer) in enumerate(zip(indices, answers, strict=True), start=1):
                if isinstance(answer, _Ready):
                    yield answer
                else:
                    self._report_unreadable(self._source.files[index], answer)
                self._tools.on_progress(done, len(indices))

    def _prepare(self, index: int) -> _Ready | str:
        """Everything that one picture needs, in a thread of its own; or what is wrong with it."""
        try:
            decoded = decode_and_tell(self._source.files[index], self._options.format)
        except UnreadablePictureError as error:
            return str(error)
        pixels = decoded.pixels
        return _Ready(index=index, decoded=decoded, fingerprint=fingerprint(pixels), png=png_bytes(pixels))

    def _without_duplicates(self, pictures: Iterator[_Ready]) -> Iterator[_Ready]:
        finder = DuplicateFinder(len(self._source.files))
        for ready in pictures:
            name = self._source.files[ready.index].name
            duplicate = finder.check(name, ready.fingerprint)
            if duplicate is None:
                yield ready
                continue
            self._summary.exact_duplicates += duplicate.exact
            self._summary.near_duplicates += not duplicate.exact
            word = "is the same picture as" if duplicate.exact else "is nearly the same picture as"
            self._tools.on_duplicate(f"{name} {word} {duplicate.original}")
            if self._options.keep_duplicates:
                yield ready
            else:
                self._summary.dropped_duplicates += 1

    def _report_unreadable(self, file: PictureFile, reason: str) -> None:
        self._report(f"{file} was left out: {reason}.")

    def _report(self, sentence: str) -> None:
        # A name that is not valid Unicode must not break the terminal.
        printable = sentence.encode("utf-8", "replace").decode("utf-8")
        self._problems.append(printable)
        self._tools.on_problem(printable)


def _labels(source: Source, kind: str | None) -> Labels | None:
    if kind is not None:
        return labels_of_source(source, kind)
    return None if source.read_labels() is None else labels_of_source(source, "file")

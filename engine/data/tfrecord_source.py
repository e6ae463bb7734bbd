"""Pictures in StyleGAN's TFRecord files, read without TensorFlow and with every checksum compared.

A folder holds a file for each level of detail, name-r02.tfrecords (4 px) to name-r10.tfrecords (1024 px), and
perhaps name-rxx.labels, a NumPy array. Each record is: length (8 bytes), its CRC, the Example, its CRC (4 bytes each).
"""

from __future__ import annotations

import re
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from engine.data.crc32c import masked_crc32c
from engine.data.labels import MOST_CLASSES
from engine.data.picture_files import UnreadablePictureError, decoder_errors
from engine.data.sources import OnWarning, Source, StoredLabels
from engine.data.tf_example import ExampleError, picture_of_example
from engine.errors import DataError

SUFFIX = ".tfrecords"
LARGEST_RECORD_BYTES = 256 * 2**20
_HEADER = struct.Struct("<QI")
_FOOTER = struct.Struct("<I")


class RecordFile:
    """An open TFRecord file that several threads may read from."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = open(path, "rb")  # noqa: SIM115  # as long as the pictures are used
            self._bytes = path.stat().st_size
        except OSError as error:
            raise DataError(f"The file {path} cannot be read: {error.strerror}. Check the path.") from error
        self._lock = threading.Lock()

    def places(self, on_warning: OnWarning) -> list[tuple[int, int]]:
        """(offset, length) of every record up to the end, or to the damage that makes the next one unfindable."""
        found: list[tuple[int, int]] = []
        offset = 0
        while offset < self._bytes:
            self._file.seek(offset)
            header = self._file.read(_HEADER.size)
            reason = self._reason_against(header, offset)
            if reason is not None:
                on_warning(f"{self.path} was left out from record {len(found)} to its end: {reason}.")
                break
            length = _HEADER.unpack(header)[0]
            offset += _HEADER.size
            found.append((offset, length))
            offset += length + _FOOTER.size
        return found

    def record(self, offset: int, length: int) -> bytes:
        """One record. Raises UnreadablePictureError if its checksum is another."""
        with self._lock, decoder_errors():
            self._file.seek(offset)
            content = self._file.read(length + _FOOTER.size)
        if len(content) != length + _FOOTER.size:
            raise UnreadablePictureError("the file ends inside the record")
        record = content[:length]
        if masked_crc32c(record) != _FOOTER.unpack(content[length:])[0]:
            raise UnreadablePictureError("its checksum is wrong, so the file is damaged there")
        return record

    def _reason_against(self, header: bytes, offset: int) -> str | None:
        if len(header) < _HEADER.size:
            return "the file ends inside the record"
        length, checksum = _HEADER.unpack(header)
        if masked_crc32c(header[:8]) != checksum:
            return "the checksum of the record's length is wrong, so the file is damaged there, or no TFRecord file"
        if length > LARGEST_RECORD_BYTES:
            return f"the record claims to have {length} bytes, more than the limit of {LARGEST_RECORD_BYTES}"
        if offset + _HEADER.size + length + _FOOTER.size > self._bytes:
            return "the file ends inside the record"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A picture in a TFRecord file."""

    file: RecordFile
    index: int
    offset: int
    length: int

    def __str__(self) -> str:
        return f"Record {self.index} of {self.file.path}"

    @property
    def name(self) -> str:
        """The record's number."""
        return f"{self.index:08d}"

    def read_size(self) -> tuple[int, int]:
        """From the whole record: Examples have no fixed place for the size."""
        with self.opened() as image:
            return image.size

    @contextmanager
    def opened(self) -> Iterator[Image.Image]:
        """From memory, once the checksum was found right."""
        with decoder_errors():
            try:
                pixels = picture_of_example(self.file.record(self.offset, self.length))
            except ExampleError as error:
                raise UnreadablePictureError(f"it is no picture of StyleGAN's kind: {error}") from error
            yield Image.fromarray(pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0))


def is_tfrecords(path: Path) -> bool:
    """Whether `path` is such a file, or a folder that holds one."""
    return path.suffix == SUFFIX if path.is_file() else next(path.glob("*" + SUFFIX), None) is not None


def tfrecord_source(path: Path, on_warning: OnWarning) -> Source:
    """The pictures of a TFRecord file, or of the one with the most detail in a folder. Raises DataError."""
    file = RecordFile(path if path.is_file() else _most_detailed(path))
    files = [
        Record(file=file, index=index, offset=offset, length=length)
        for index, (offset, length) in enumerate(file.places(on_warning))
    ]
    return Source(
        path=path, kind="TFRecord file", files=files, read_labels=lambda: _labels(file.path, [f.name for f in files])
    )


def _most_detailed(folder: Path) -> Path:
    def detail(file: Path) -> tuple[int, int, str]:
        level = re.search(r"-r(\d\d)$", file.stem)
        return (int(level.group(1)) if level else -1, file.stat().st_size, file.name)

    return max(folder.glob("*" + SUFFIX), key=detail)


def _labels(file: Path, names: list[str]) -> StoredLabels | None:
    """From name-rxx.labels, float [N, c_dim] in NumPy's format, in the order of the records."""
    path = file.with_name(re.sub(r"-r\d\d$", "", file.stem) + "-rxx.labels")
    try:
        with open(path, "rb") as opened:
            vectors = np.lib.format.read_array(opened, allow_pickle=False)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, EOFError, MemoryError) as error:
        raise DataError(
            f"The labels in {path} cannot be read ({error}). Make them again, or leave them out."
        ) from error
    usable = vectors.ndim == 2 and vectors.dtype.kind in "fiu" and vectors.shape[1] <= MOST_CLASSES
    if not usable or len(vectors) < len(names) or not np.isfinite(vectors).all():
        raise DataError(f"The labels in {path} are not a list of numbers for each of {len(names)} pictures.")
    if vectors.shape[1] == 0:
        return None
    of = {name: tuple(float(number) for number in row) for name, row in zip(names, vectors, strict=False)}
    return StoredLabels(where=str(path), of=dict(of))

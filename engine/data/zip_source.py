"""Pictures in a zip archive, read where they are: nothing is ever unpacked to the disk.

The field's layout (StyleGAN2-ADA and later) is an archive of PNG files with a dataset.json; any other archive of
pictures will do. Only stored and deflated members are read. Knows nothing of pixels.
"""

from __future__ import annotations

import io
import stat
import struct
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from PIL import Image

from engine.data.labels import DATASET_JSON, LARGEST_JSON_BYTES
from engine.data.picture_files import (
    SUFFIXES,
    PictureFile,
    UnreadablePictureError,
    decoder_errors,
    opened_picture,
    order_of_names,
)
from engine.data.sources import OnWarning, Source, StoredLabels, parsed_labels
from engine.errors import DataError

LARGEST_PICTURE_BYTES = 256 * 2**20
"""of one member, unpacked; more is taken for an attempt to exhaust the memory"""
_ENCRYPTED = 0x1


class Archive:
    """An open zip file that several threads may read from."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError as error:
            raise DataError(f"There is no file {path}. Check the path of the pictures.") from error
        except OSError as error:
            raise DataError(f"The archive {path} cannot be read: {error.strerror or error}.") from error
        except (zipfile.BadZipFile, struct.error, ValueError, RuntimeError, LookupError, EOFError) as error:
            raise DataError(f"{path} is no whole zip archive ({error}). Get or make it again.") from error
        # ZipFile counts its open members without a lock of its own.
        self._lock = threading.Lock()

    def members(self) -> list[zipfile.ZipInfo]:
        """Everything that is listed, in the order of the archive."""
        return self._zip.infolist()

    def content(self, member: zipfile.ZipInfo, limit_bytes: int) -> bytes:
        """All of a member, its checksum compared. Raises UnreadablePictureError."""
        with self._opened(member, limit_bytes) as file:
            content = file.read(limit_bytes + 1)
        if len(content) != member.file_size:
            raise UnreadablePictureError(f"{len(content)} bytes were found where {member.file_size} were promised")
        return content

    def size_of_picture(self, member: zipfile.ZipInfo) -> tuple[int, int]:
        """(width, height) from the beginning of a member. Raises UnreadablePictureError."""
        with self._opened(member, LARGEST_PICTURE_BYTES) as file, opened_picture(file) as image:
            return image.size

    @contextmanager
    def _opened(self, member: zipfile.ZipInfo, limit_bytes: int) -> Iterator[IO[bytes]]:
        if member.file_size > limit_bytes:
            raise UnreadablePictureError(f"it claims to have {member.file_size} bytes; {limit_bytes} are the limit")
        with self._lock, decoder_errors():
            try:
                with self._zip.open(member) as file:
                    yield file
            except zipfile.BadZipFile as error:
                raise UnreadablePictureError(str(error)) from error


@dataclass(frozen=True, slots=True)
class ZippedFile:
    """A picture in an archive."""

    archive: Archive
    member: zipfile.ZipInfo

    def __str__(self) -> str:
        return f"{self.name} in {self.archive.path}"

    @property
    def name(self) -> str:
        """As the archive lists it, with "/" where some programs for Windows write a backslash."""
        return _name(self.member)

    def read_size(self) -> tuple[int, int]:
        """From the header alone."""
        return self.archive.size_of_picture(self.member)

    @contextmanager
    def opened(self) -> Iterator[Image.Image]:
        """From memory, once the checksum was found right."""
        with opened_picture(io.BytesIO(self.archive.content(self.member, LARGEST_PICTURE_BYTES))) as image:
            yield image


def zip_source(path: Path, on_warning: OnWarning) -> Source:
    """Every picture in an archive, ordered like those of a folder. Raises DataError."""
    archive = Archive(path)
    files: dict[str, PictureFile] = {}
    for member in archive.members():
        if not _is_picture(member):
            continue
        name = _name(member)
        reason = "another picture has the same name" if name in files else _reason_against(member)
        if reason is None:
            files[name] = ZippedFile(archive, member)
        else:
            on_warning(f"{name} in {path} was left out: {reason}.")
    names = sorted(files, key=order_of_names)
    return Source(
        path=path, kind="archive", files=[files[name] for name in names], read_labels=lambda: _labels(archive)
    )


def _name(member: zipfile.ZipInfo) -> str:
    return member.filename.replace("\\", "/")


def _is_picture(member: zipfile.ZipInfo) -> bool:
    """As in folders, hidden files and folders are passed over, and what macOS adds to archives."""
    parts = PurePosixPath(_name(member)).parts
    if member.is_dir() or not parts or "__MACOSX" in parts:
        return False
    hidden = any(part.startswith(".") and part != ".." for part in parts)
    return not hidden and PurePosixPath(parts[-1]).suffix.lower() in SUFFIXES


def _reason_against(member: zipfile.ZipInfo) -> str | None:
    name = _name(member)
    # Nothing is unpacked, but names are used again: as classes, in reports, perhaps by others as paths.
    if name.startswith("/") or name[1:2] == ":" or ".." in name.split("/"):
        return "its name leads out of the archive"
    if member.flag_bits & _ENCRYPTED:
        return "it is encrypted"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "it is a link"
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "it is neither stored nor deflated"
    if member.file_size > LARGEST_PICTURE_BYTES:
        return f"it claims to have {member.file_size} bytes, more than the limit of {LARGEST_PICTURE_BYTES}"
    return None


def _labels(archive: Archive) -> StoredLabels | None:
    member = next((member for member in archive.members() if member.filename == DATASET_JSON), None)
    if member is None:
        return None
    where = f"{DATASET_JSON} in {archive.path}"
    try:
        content = archive.content(member, LARGEST_JSON_BYTES)
    except UnreadablePictureError as error:
        raise DataError(f"{where} cannot be read: {error}. Make it again, or leave the labels out.") from error
    return parsed_labels(content, where)

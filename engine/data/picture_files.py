"""A picture that can be opened, wherever it lies, and what Pillow may be trusted with.

Knows nothing of pixels or of the size that is wanted. Whatever a decoder raises becomes one kind of error.
"""

from __future__ import annotations

import stat
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from PIL import Image, UnidentifiedImageError

from engine.errors import DataError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"})

_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
"""Only these decoders are tried: a file named .png must not reach one that starts another program."""
_DECODER_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, AttributeError, RuntimeError, ArithmeticError,
    EOFError, struct.error, zlib.error, Image.DecompressionBombError,
)  # fmt: skip
"""What Pillow is known to raise on damaged files."""


class UnreadablePictureError(DataError):
    """A single file that is not a usable picture; the message is the reason alone, without the file's name."""


class PictureFile(Protocol):
    """One picture of a source. `str()` names it to a person."""

    @property
    def name(self) -> str:
        """Its path inside the source, written with "/"; no other picture of the source has it."""

    def read_size(self) -> tuple[int, int]:
        """(width, height) without decoding, before EXIF rotation. Raises UnreadablePictureError."""

    def opened(self) -> AbstractContextManager[Image.Image]:
        """The picture, not yet decoded; errors inside the block become UnreadablePictureError."""


@dataclass(frozen=True, slots=True)
class LooseFile:
    """A picture in a folder."""

    path: Path
    name: str

    def __str__(self) -> str:
        return str(self.path)

    def read_size(self) -> tuple[int, int]:
        """From the header alone."""
        return read_size(self.path)

    def opened(self) -> AbstractContextManager[Image.Image]:
        """From the disk, as far as it is needed."""
        return opened_picture(self.path)


def order_of_names(name: str) -> tuple[str, str]:
    """What names of pictures and of classes are sorted by: macOS may store "é" as two code points."""
    return unicodedata.normalize("NFC", name), name


def read_size(path: Path) -> tuple[int, int]:
    """(width, height) from the header alone, before EXIF rotation. Raises UnreadablePictureError."""
    with opened_picture(path) as image:
        return image.size


@contextmanager
def opened_picture(file: Path | IO[bytes]) -> Iterator[Image.Image]:
    """Opens a file as a picture; whatever its decoder raises in the block becomes UnreadablePictureError."""
    with decoder_errors():
        if isinstance(file, Path):
            _refuse_what_is_no_file(file)
        with Image.open(file, formats=_FORMATS) as image:
            _refuse_bomb(image)
            yield image


@contextmanager
def decoder_errors() -> Iterator[None]:
    """Whatever goes wrong with one picture inside the block becomes UnreadablePictureError."""
    try:
        yield
    except FileNotFoundError as error:
        raise UnreadablePictureError("there is no such file, or it is a link to nothing") from error
    except UnidentifiedImageError as error:
        raise UnreadablePictureError("it is not a picture, or one of a kind that is not known") from error
    except _DECODER_ERRORS as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise UnreadablePictureError(reason) from error


def _refuse_what_is_no_file(path: Path) -> None:
    status = path.stat()
    # Opening a named pipe would wait for ever.
    if not stat.S_ISREG(status.st_mode):
        raise UnreadablePictureError("it is not a file")
    if status.st_size == 0:
        raise UnreadablePictureError("it is empty")


def _refuse_bomb(image: Image.Image) -> None:
    """Pillow itself only warns up to twice its limit."""
    limit = Image.MAX_IMAGE_PIXELS
    if limit is not None and image.width * image.height > limit:
        raise UnreadablePictureError(
            f"{image.width} x {image.height} pixels are more than the limit of {limit} against "
            f"files made to exhaust the memory"
        )

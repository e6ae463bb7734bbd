"""One picture file -> one square uint8 array, whatever the file's colour mode, depth, size and orientation.

Knows nothing of folders, of batches, or of torch. Colour profiles are not applied.
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from engine.errors import ConfigError, DataError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
FITS = ("auto", "crop", "pad")
EXTREME_ASPECT = 2.0
"""fit="auto" pads a picture whose longer side is more than this many times the shorter one"""

_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
"""Only these decoders are tried: a file named .png must not reach one that starts another program."""
_DECODER_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, AttributeError, RuntimeError, ArithmeticError,
    EOFError, struct.error, zlib.error, Image.DecompressionBombError,
)  # fmt: skip
"""What Pillow is known to raise on damaged files."""


class UnreadablePictureError(DataError):
    """A single file that is not a usable picture; the message is the reason alone, without the file's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFormat:
    """What every picture is turned into."""

    resolution: int
    """side of the square, in pixels"""
    channels: int = 3
    """1 (luminance), 3 (RGB) or 4 (RGB and straight alpha, 0 where fully transparent)"""
    background: tuple[int, int, int] = (255, 255, 255)
    """shows through transparency (with 1 or 3 channels) and fills what padding adds"""
    fit: str = "auto"
    """"crop" keeps the central square; "pad" keeps everything and fills up to a square; "auto" pads what has
    transparency or an extreme aspect, and crops the rest"""

    def __post_init__(self) -> None:
        if self.resolution < 1:
            raise ConfigError(f"The resolution of training pictures is at least 1, not {self.resolution}.")
        if self.channels not in (1, 3, 4):
            raise ConfigError(f"Training pictures have 1, 3 or 4 channels, not {self.channels}.")
        if len(self.background) != 3 or not all(0 <= value <= 255 for value in self.background):
            raise ConfigError(
                f"A background colour is three numbers from 0 to 255 (red, green, blue), not {self.background}."
            )
        if self.fit not in FITS:
            raise ConfigError(f"Pictures are fitted by {', '.join(FITS)}, not by {self.fit!r}.")


def read_size(path: Path) -> tuple[int, int]:
    """(width, height) from the header alone, before EXIF rotation. Raises UnreadablePictureError."""
    with _opened(path) as image:
        return image.size


def decode(path: Path, target: PictureFormat) -> np.ndarray:
    """The picture as uint8 [channels, resolution, resolution]; of an animation, the first frame.

    Transparency is composited before resizing, so that the colour hidden under it never bleeds into the
    edges; resizing is Lanczos. Raises UnreadablePictureError.
    """
    with _opened(path) as image:
        # A JPEG many times too large is decoded at 1/2, 1/4 or 1/8, still twice what is needed.
        image.draft(image.mode, (2 * target.resolution, 2 * target.resolution))
        image.load()
        picture = _to_rgb_or_rgba(ImageOps.exif_transpose(image))
    transparent = picture.mode == "RGBA"
    if target.channels == 4:
        picture = picture.convert("RGBA")
    elif transparent:
        canvas = Image.new("RGBA", picture.size, (*target.background, 255))
        picture = Image.alpha_composite(canvas, picture).convert("RGB")
    fitted = _fit(picture, target, transparent)
    if target.channels == 1:
        fitted = fitted.convert("L")
    pixels = np.asarray(fitted).reshape(target.resolution, target.resolution, target.channels)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """Opens a file as a picture; whatever its decoder raises in the block becomes one kind of error."""
    try:
        status = path.stat()
        # Opening a named pipe would wait for ever.
        if not stat.S_ISREG(status.st_mode):
            raise UnreadablePictureError("it is not a file")
        if status.st_size == 0:
            raise UnreadablePictureError("it is empty")
        with Image.open(path, formats=_FORMATS) as image:
            _refuse_bomb(image)
            yield image
    except FileNotFoundError as error:
        raise UnreadablePictureError("there is no such file, or it is a link to nothing") from error
    except UnidentifiedImageError as error:
        raise UnreadablePictureError("it is not a picture, or one of a kind that is not known") from error
    except _DECODER_ERRORS as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise UnreadablePictureError(reason) from error


def _refuse_bomb(image: Image.Image) -> None:
    """Pillow itself only warns up to twice its limit."""
    limit = Image.MAX_IMAGE_PIXELS
    if limit is not None and image.width * image.height > limit:
        raise UnreadablePictureError(
            f"{image.width} x {image.height} pixels are more than the limit of {limit} against "
            f"files made to exhaust the memory"
        )


def _to_rgb_or_rgba(image: Image.Image) -> Image.Image:
    """RGBA if any pixel is less than opaque, else RGB: an alpha channel of 255 throughout does not count."""
    if image.mode == "F" or image.mode.startswith("I"):
        image = _to_eight_bit_grey(image)
    if image.has_transparency_data:
        with_alpha = image.convert("RGBA")
        opaque = np.asarray(with_alpha.getchannel("A")).min() == 255
        return with_alpha.convert("RGB") if opaque else with_alpha
    return image.convert("RGB")


def _to_eight_bit_grey(image: Image.Image) -> Image.Image:
    """Greyscale of more than 8 bits scaled to 8; Pillow's own conversion would clip at 255 instead."""
    levels = np.asarray(image)
    if image.mode == "F":
        if not (levels.min() >= 0 and levels.max() <= 1):
            raise UnreadablePictureError("its floating-point values are not all from 0 to 1")
        return Image.fromarray(np.rint(levels * 255).astype(np.uint8))
    if levels.min() < 0 or levels.max() > 65535:
        raise UnreadablePictureError("its values need more than 16 bits")
    grey = Image.fromarray(((levels.astype(np.int64) + 128) // 257).astype(np.uint8))
    see_through = image.info.get("transparency")  # the one grey level that a PNG declares transparent
    if isinstance(see_through, int):
        grey.putalpha(Image.fromarray(np.where(levels == see_through, 0, 255).astype(np.uint8)))
    return grey


def _fit(image: Image.Image, target: PictureFormat, transparent: bool) -> Image.Image:
    extreme = max(image.size) > EXTREME_ASPECT * min(image.size)
    if target.fit == "pad" or (target.fit == "auto" and (transparent or extreme)):
        return _pad(image, target)
    side = min(image.size)
    # Whole pixels: a picture that is not resized is not resampled either.
    left, top = (image.width - side) // 2, (image.height - side) // 2
    box = (left, top, left + side, top + side)
    return image.resize((target.resolution, target.resolution), Image.Resampling.LANCZOS, box)


def _pad(image: Image.Image, target: PictureFormat) -> Image.Image:
    scale = target.resolution / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    fill = (0, 0, 0, 0) if image.mode == "RGBA" else target.background
    canvas = Image.new(image.mode, (target.resolution, target.resolution), fill)
    corner = ((target.resolution - width) // 2, (target.resolution - height) // 2)
    canvas.paste(image.resize((width, height), Image.Resampling.LANCZOS), corner)
    return canvas

"""One picture -> one square uint8 array, whatever the file's colour mode, depth, size and orientation.

Knows nothing of where pictures lie, of batches, or of torch. Colour profiles are not applied.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from engine.data.fitting import Colour, border_colour, central_corner, crop, detailed_corner, pad
from engine.data.picture_files import PictureFile, UnreadablePictureError, opened_picture
from engine.errors import ConfigError

FITS = ("auto", "crop", "pad", "smart")
EXTREME_ASPECT = 2.0
"""fit="auto" pads a picture whose longer side is more than this many times the shorter one"""
EDGE = "edge"
_WHITE = (255, 255, 255)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFormat:
    """What every picture is turned into."""

    resolution: int
    """side of the square, in pixels"""
    channels: int = 3
    """1 (luminance), 3 (RGB) or 4 (RGB and straight alpha, 0 where fully transparent)"""
    background: Colour | str = _WHITE
    """shows through transparency (with 1 or 3 channels) and fills what padding adds; "edge" is each picture's
    own: the mean colour of the border of what can be seen of it"""
    fit: str = "auto"
    """"crop" keeps the central square, "smart" the square with the most detail; "pad" keeps everything and fills
    up to a square; "auto" pads what has transparency or an extreme aspect, and crops the rest"""

    def __post_init__(self) -> None:
        if self.resolution < 1:
            raise ConfigError(f"The resolution of training pictures is at least 1, not {self.resolution}.")
        if self.channels not in (1, 3, 4):
            raise ConfigError(f"Training pictures have 1, 3 or 4 channels, not {self.channels}.")
        if not _is_background(self.background):
            raise ConfigError(
                f"A background colour is three numbers from 0 to 255 (red, green, blue) or {EDGE!r}, "
                f"not {self.background!r}."
            )
        if self.fit not in FITS:
            raise ConfigError(f"Pictures are fitted by {', '.join(FITS)}, not by {self.fit!r}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A picture in the format that was asked for, and what had to be done to it."""

    pixels: np.ndarray
    """uint8 [channels, resolution, resolution]"""
    cropped: bool
    padded: bool
    composited: bool
    """it had transparency, which was put on the background"""
    enlarged: bool
    """it had fewer pixels than were wanted"""


def decode(picture: Path | PictureFile, target: PictureFormat) -> np.ndarray:
    """The picture as uint8 [channels, resolution, resolution]; of an animation, the first frame.

    Transparency is composited before resizing, so that the colour hidden under it never bleeds into the
    edges; resizing is Lanczos. Raises UnreadablePictureError.
    """
    return decode_and_tell(picture, target).pixels


def decode_and_tell(picture: Path | PictureFile, target: PictureFormat) -> Decoded:
    """`decode`, with what was done."""
    with opened_picture(picture) if isinstance(picture, Path) else picture.opened() as image:
        # A JPEG many times too large is decoded at 1/2, 1/4 or 1/8, still twice what is needed.
        image.draft(image.mode, (2 * target.resolution, 2 * target.resolution))
        image.load()
        upright = _to_rgb_or_rgba(ImageOps.exif_transpose(image))
    transparent = upright.mode == "RGBA"
    background = _background(upright, target)
    if target.channels == 4:
        flat = upright.convert("RGBA")
    elif transparent:
        canvas = Image.new("RGBA", upright.size, (*background, 255))
        flat = Image.alpha_composite(canvas, upright).convert("RGB")
    else:
        flat = upright
    padded = _is_padded(flat, target, transparent)
    fitted = pad(flat, target.resolution, background) if padded else _cropped(flat, target)
    if target.channels == 1:
        fitted = fitted.convert("L")
    pixels = np.asarray(fitted).reshape(target.resolution, target.resolution, target.channels)
    square = flat.width == flat.height
    return Decoded(
        pixels=np.ascontiguousarray(pixels.transpose(2, 0, 1)),
        cropped=not padded and not square,
        padded=padded and not square,
        composited=transparent and target.channels != 4,
        enlarged=(max(flat.size) if padded else min(flat.size)) < target.resolution,
    )


def _is_background(value: Colour | str) -> bool:
    if isinstance(value, str):
        return value == EDGE
    return len(value) == 3 and all(0 <= level <= 255 for level in value)


def _background(image: Image.Image, target: PictureFormat) -> Colour:
    if not isinstance(target.background, str):
        return target.background
    return border_colour(image) or _WHITE


def _is_padded(image: Image.Image, target: PictureFormat, transparent: bool) -> bool:
    extreme = max(image.size) > EXTREME_ASPECT * min(image.size)
    return target.fit == "pad" or (target.fit == "auto" and (transparent or extreme))


def _cropped(image: Image.Image, target: PictureFormat) -> Image.Image:
    left, top = detailed_corner(image) if target.fit == "smart" else central_corner(image.size)
    return crop(image, target.resolution, left, top)


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

"""A picture made small enough to keep with a favourite: bytes there and back."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

THUMBNAIL_SIZE = 128
PREVIEW_SIZE = 512
"""Longest sides in pixels."""
PREVIEW_QUALITY = 92
MAX_PIXELS = 4096 * 4096
"""More is in no file of ours."""
BACKGROUND = (255, 255, 255)
"""What shows through where a picture is transparent."""


def thumbnail_of(pixels: np.ndarray) -> np.ndarray:
    """uint8 [h, w, 3], at most THUMBNAIL_SIZE on a side, of a picture uint8 [H, W, 3 or 4]."""
    return np.array(_reduced(pixels, THUMBNAIL_SIZE))


def preview_of(pixels: np.ndarray) -> bytes | None:
    """A JPEG of at most PREVIEW_SIZE on a side; None where the thumbnail is all there is to see."""
    if max(pixels.shape[:2]) <= THUMBNAIL_SIZE:
        return None
    buffer = io.BytesIO()
    _reduced(pixels, PREVIEW_SIZE).save(buffer, "JPEG", quality=PREVIEW_QUALITY, subsampling=0)
    return buffer.getvalue()


def to_png(thumbnail: np.ndarray) -> bytes:
    """The thumbnail as a PNG file's bytes."""
    buffer = io.BytesIO()
    Image.fromarray(thumbnail).save(buffer, "PNG")
    return buffer.getvalue()


def from_image(content: bytes) -> np.ndarray:
    """uint8 [h, w, 3] of a PNG or a JPEG. Raises OSError, ValueError or SyntaxError if the bytes are no picture."""
    with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise ValueError(f"a picture of {picture.width} x {picture.height} is none of ours")
        return np.array(picture.convert("RGB"))


def _reduced(pixels: np.ndarray, side: int) -> Image.Image:
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    if picture.mode == "RGBA":
        backed = Image.new("RGBA", picture.size, BACKGROUND)
        backed.alpha_composite(picture)
        picture = backed
    picture = picture.convert("RGB")
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    return picture

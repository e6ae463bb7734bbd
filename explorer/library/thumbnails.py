"""A picture made small enough to keep with a favourite: PNG bytes there and back."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

THUMBNAIL_SIZE = 128
"""Longest side in pixels."""
BACKGROUND = (255, 255, 255)
"""What shows through where a picture is transparent."""


def thumbnail_of(pixels: np.ndarray) -> np.ndarray:
    """uint8 [h, w, 3], at most THUMBNAIL_SIZE on a side, of a picture uint8 [H, W, 3 or 4]."""
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    if picture.mode == "RGBA":
        backed = Image.new("RGBA", picture.size, BACKGROUND)
        backed.alpha_composite(picture)
        picture = backed
    picture = picture.convert("RGB")
    picture.thumbnail((THUMBNAIL_SIZE, THUMBNAIL_SIZE), Image.Resampling.LANCZOS)
    return np.array(picture)


def to_png(thumbnail: np.ndarray) -> bytes:
    """The thumbnail as a PNG file's bytes."""
    buffer = io.BytesIO()
    Image.fromarray(thumbnail).save(buffer, "PNG")
    return buffer.getvalue()


def from_png(png: bytes) -> np.ndarray:
    """uint8 [h, w, 3]. Raises OSError, ValueError or SyntaxError if the bytes are no picture."""
    with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
        return np.array(picture.convert("RGB"))

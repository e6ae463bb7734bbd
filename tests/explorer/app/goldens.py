"""Golden screenshots: what they are compared by, and how they are written anew.

    GOLDENS=write python -m pytest tests/explorer/app/test_goldens.py -n 0

writes all of them into tests/explorer/goldens; look at them before they are committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pygame
from PIL import Image, ImageFilter

FOLDER = Path(__file__).parents[1] / "goldens"
WRITING = os.environ.get("GOLDENS") == "write"
COLOURS = 64
BLUR_PIXELS = 1
"""Radius of the means that are compared: edges that are smoothed a little otherwise look the same"""
FAR = 24
"""Levels of 255 by which such a mean may differ before it counts as another colour"""
SHARE = 0.001
"""of all pixels that may do so; a button that moves by two pixels changes more"""


def shot(surface: pygame.Surface, place: pygame.Rect, scale: int = 1) -> Image.Image:
    """A part of the window, made smaller by a whole number."""
    part = surface.subsurface(place.clip(surface.get_rect()))
    image = Image.frombytes("RGB", part.get_size(), pygame.image.tobytes(part, "RGB"))
    return image if scale == 1 else image.reduce(scale)


def difference(image: Image.Image, golden: Image.Image) -> float:
    """The share of pixels with another colour; 1 if the sizes differ."""
    if image.size != golden.size:
        return 1.0
    a, b = (
        np.asarray(each.convert("RGB").filter(ImageFilter.BoxBlur(BLUR_PIXELS))).astype(int) for each in (image, golden)
    )
    return float((np.abs(a - b).max(axis=2) > FAR).mean())


def stored(image: Image.Image) -> Image.Image:
    """As a golden is: with few colours."""
    return image.quantize(COLOURS, dither=Image.Dither.NONE)


def mismatch(name: str, image: Image.Image, failures: Path) -> str:
    """ "" if the image is like its golden; else what is wrong, and the image is written to `failures`."""
    path = FOLDER / f"{name}.png"
    if WRITING:
        path.parent.mkdir(parents=True, exist_ok=True)
        stored(image).save(path, optimize=True)
        return ""
    if not path.is_file():
        return f"{name}: there is no {path.name}"
    share = difference(image, Image.open(path))
    if share <= SHARE:
        return ""
    image.save(failures / f"{name.replace('/', '-')}.png")
    return f"{name}: {share:.2%} of the pixels are of another colour (see {failures})"

"""A picture of any shape -> a square of the size that is wanted: cropped, padded, resized. Knows no files."""

from __future__ import annotations

import numpy as np
from PIL import Image

EDGE_SHRUNK_SIDE = 256
"""where the most detailed square lies is looked for in a copy with at most this long a side"""
_NEARLY_BEST = 0.98
"""squares with this share of the most detail count as equals"""

Colour = tuple[int, int, int]


def crop(image: Image.Image, resolution: int, left: int, top: int) -> Image.Image:
    """The square with the picture's shorter side whose corner is (left, top), resized by Lanczos."""
    side = min(image.size)
    # Whole pixels: a picture that is not resized is not resampled either.
    box = (left, top, left + side, top + side)
    return image.resize((resolution, resolution), Image.Resampling.LANCZOS, box)


def pad(image: Image.Image, resolution: int, background: Colour) -> Image.Image:
    """The whole picture, resized by Lanczos and centred on `background` (an RGBA picture: on transparency)."""
    scale = resolution / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    fill = (0, 0, 0, 0) if image.mode == "RGBA" else background
    canvas = Image.new(image.mode, (resolution, resolution), fill)
    corner = ((resolution - width) // 2, (resolution - height) // 2)
    canvas.paste(image.resize((width, height), Image.Resampling.LANCZOS), corner)
    return canvas


def central_corner(size: tuple[int, int]) -> tuple[int, int]:
    """(left, top) of the central square."""
    side = min(size)
    return (size[0] - side) // 2, (size[1] - side) // 2


def detailed_corner(image: Image.Image) -> tuple[int, int]:
    """(left, top) of the square that holds the most detail; the central one where detail is even.

    Detail is gradient energy: the sum over the square of the squared differences of brightness between
    neighbouring pixels, in a copy whose longer side has at most 256 pixels. The squares beside the best one that
    come within 2 % of it count as equals; of these the one is taken that has the detail in its middle.
    """
    width, height = image.size
    if width == height:
        return 0, 0
    energy = _gradient_energy(image)  # [h, w]
    along = energy.sum(axis=0) if width > height else energy.sum(axis=1)
    window = min(energy.shape)
    total = np.concatenate([[0.0], np.cumsum(along)])
    inside = total[window:] - total[:-window]  # of the square that begins at each place
    first, last = _run_around_best(inside)
    reached = along[first : last + window]
    weights = reached if reached.sum() > 0 else np.ones_like(reached)
    middle = first + np.average(np.arange(len(reached)), weights=weights)
    best = min(max(middle - (window - 1) / 2, first), last)
    free = max(width, height) - min(width, height)
    offset = round(float(best) * free / max(1, len(inside) - 1))
    return (offset, 0) if width > height else (0, offset)


def border_colour(image: Image.Image) -> Colour | None:
    """The mean colour of the outermost ring of pixels of what can be seen of an RGB or RGBA picture.

    The ring is that of the smallest box around all pixels that are not fully transparent, each pixel counting as
    much as it is opaque. None if nothing of the ring can be seen, as in an invisible picture.
    """
    levels = np.asarray(image.convert("RGBA")).astype(np.float64)
    rows, columns = (np.flatnonzero(levels[:, :, 3].any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    seen = levels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    on_ring = np.zeros(seen.shape[:2], dtype=bool)
    on_ring[[0, -1]] = on_ring[:, [0, -1]] = True
    ring = seen[on_ring]  # [pixels, 4]
    red, green, blue = (ring[:, :3] * ring[:, 3:]).sum(axis=0) / ring[:, 3].sum()
    return round(red), round(green), round(blue)


def _run_around_best(values: np.ndarray) -> tuple[int, int]:
    """The first and the last of the places without a gap that are nearly as good as the best one among them."""
    best = int(np.argmax(values))
    poor = np.flatnonzero(values < _NEARLY_BEST * values[best])
    before, after = poor[poor < best], poor[poor > best]
    return (int(before[-1]) + 1 if len(before) else 0), (int(after[0]) - 1 if len(after) else len(values) - 1)


def _gradient_energy(image: Image.Image) -> np.ndarray:
    """float64 [h, w] of a small copy. What transparency hides has no brightness."""
    small = image.copy()
    small.thumbnail((EDGE_SHRUNK_SIDE, EDGE_SHRUNK_SIDE), Image.Resampling.BOX)
    levels = np.asarray(small.convert("L")).astype(np.float64)
    if small.mode == "RGBA":
        levels *= np.asarray(small.getchannel("A")) / 255
    energy = np.zeros_like(levels)
    across, down = np.diff(levels, axis=1) ** 2, np.diff(levels, axis=0) ** 2
    # Each difference is shared between the two pixels that it lies between.
    energy[:, 1:] += across / 2
    energy[:, :-1] += across / 2
    energy[1:] += down / 2
    energy[:-1] += down / 2
    return energy

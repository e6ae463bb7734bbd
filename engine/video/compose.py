"""Rendered pictures to the frames of a video: averaged, fitted, side by side.

Knows nothing of models or of encoders; arrays in, arrays out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from engine.inference.compositing import over_white


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """How the pictures of one frame become one picture."""

    width: int
    height: int
    rows: int = 1
    columns: int = 1
    fit: str = "letterbox"

    def compose(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        """One picture [H, W, 3 or 4] for each cell, in reading order -> uint8 [height, width, 3]."""
        if len(pictures) == 1:
            return fitted(over_white(pictures[0]), self.width, self.height, self.fit)
        canvas = np.zeros((self.height, self.width, 3), np.uint8)
        for index, picture in enumerate(pictures):
            row, column = divmod(index, self.columns)
            top, bottom = (self.height * edge // self.rows for edge in (row, row + 1))
            left, right = (self.width * edge // self.columns for edge in (column, column + 1))
            canvas[top:bottom, left:right] = fitted(over_white(picture), right - left, bottom - top, self.fit)
        return canvas


def averaged(pictures: np.ndarray) -> np.ndarray:
    """uint8 [N, H, W, C] -> uint8 [H, W, C]: the rounded mean of the pixel values."""
    if len(pictures) == 1:
        return np.asarray(pictures[0])
    total = pictures.astype(np.uint32).sum(axis=0)
    return ((total + len(pictures) // 2) // len(pictures)).astype(np.uint8)


def fitted(pixels: np.ndarray, width: int, height: int, fit: str) -> np.ndarray:
    """uint8 [H, W, 3] -> [height, width, 3]: whole, with black bars around it, or cut off at two sides."""
    across, down = width / pixels.shape[1], height / pixels.shape[0]
    scale = min(across, down) if fit == "letterbox" else max(across, down)
    inner_width, inner_height = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    scaled = _resized(pixels, inner_width, inner_height)
    if (inner_width, inner_height) == (width, height):
        return scaled
    if fit == "crop":
        top, left = (inner_height - height) // 2, (inner_width - width) // 2
        return scaled[top : top + height, left : left + width]
    canvas = np.zeros((height, width, 3), np.uint8)
    top, left = (height - inner_height) // 2, (width - inner_width) // 2
    canvas[top : top + inner_height, left : left + inner_width] = scaled
    return canvas


def _resized(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """Whole factors repeat pixels; anything else is resampled with Lanczos."""
    if pixels.shape[:2] == (height, width):
        return pixels
    whole = height % pixels.shape[0] == 0 and width % pixels.shape[1] == 0
    method = Image.Resampling.NEAREST if whole else Image.Resampling.LANCZOS
    return np.asarray(Image.fromarray(pixels).resize((width, height), method))

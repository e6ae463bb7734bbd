"""Many pictures on one sheet, row by row; for sample grids. Knows nothing of where the pictures come from."""

from __future__ import annotations

import numpy as np
from PIL import Image


def contact_sheet(pixels: np.ndarray, columns: int) -> Image.Image:
    """The pictures [N, C, H, W] (uint8, C = 1, 3 or 4) side by side, `columns` in a row, without gaps.

    Places that are left over in the last row are white (with 4 channels, transparent).
    """
    count, channels, height, width = pixels.shape
    if columns < 1 or count < 1:
        raise ValueError(f"a sheet needs at least one picture and one column, not {count} and {columns}")
    rows = -(-count // columns)
    places = np.full((rows * columns, channels, height, width), 0 if channels == 4 else 255, dtype=np.uint8)
    places[:count] = pixels
    sheet = places.reshape(rows, columns, channels, height, width).transpose(0, 3, 1, 4, 2)
    sheet = sheet.reshape(rows * height, columns * width, channels)
    return Image.fromarray(sheet[:, :, 0] if channels == 1 else sheet)

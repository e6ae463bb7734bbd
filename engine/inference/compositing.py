"""Pictures with transparency on a ground. Arrays in, arrays out."""

from __future__ import annotations

import numpy as np


def over_white(pixels: np.ndarray) -> np.ndarray:
    """uint8 [..., 4] composited on white, as uint8 [..., 3]; [..., 3] comes back as it is."""
    if pixels.shape[-1] == 3:
        return pixels
    alpha = pixels[..., 3:].astype(np.uint16)
    return ((pixels[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)

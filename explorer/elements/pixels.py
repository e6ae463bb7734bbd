"""Pictures as arrays, made into surfaces, and scaled. Knows nothing of elements."""

from __future__ import annotations

import numpy as np
import pygame
from PIL import Image

_CHECK_SIZE = 8
_CHECK_LIGHT = (92, 95, 100)
_CHECK_DARK = (72, 75, 80)


def surface_of(pixels: np.ndarray) -> pygame.Surface:
    """An opaque surface from uint8 [height, width, 3 or 4]; what is transparent shows a chequerboard."""
    height, width, channels = pixels.shape
    data = np.ascontiguousarray(pixels).tobytes()
    if channels == 3:
        return pygame.image.frombytes(data, (width, height), "RGB")
    ground = _chequerboard(width, height)
    ground.blit(pygame.image.frombytes(data, (width, height), "RGBA"), (0, 0))
    return ground


def scaled_to(picture: pygame.Surface, side: int) -> pygame.Surface:
    """The picture as a square of `side` pixels, by Lanczos: smooth, yet crisper than averaging neighbours."""
    if picture.get_size() == (side, side):
        return picture.copy()
    image = Image.frombytes("RGB", picture.get_size(), pygame.image.tobytes(picture, "RGB"))
    resized = image.resize((side, side), Image.Resampling.LANCZOS)
    return pygame.image.frombytes(resized.tobytes(), resized.size, "RGB")


def quickly_scaled_to(picture: pygame.Surface, side: int) -> pygame.Surface:
    """The same in a tenth of the time, by averaging neighbours: for a picture that another one will soon replace."""
    return pygame.transform.smoothscale(picture, (side, side))


def _chequerboard(width: int, height: int) -> pygame.Surface:
    board = pygame.Surface((width, height))
    board.fill(_CHECK_DARK)
    for y in range(0, height, _CHECK_SIZE):
        for x in range(0, width, _CHECK_SIZE):
            if (x + y) // _CHECK_SIZE % 2:
                board.fill(_CHECK_LIGHT, (x, y, _CHECK_SIZE, _CHECK_SIZE))
    return board

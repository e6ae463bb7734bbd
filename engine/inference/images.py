"""Pictures from the synthesis to pixels, and pixels to PNG files that carry their recipe.

Does not import torch (it only calls methods of the tensors it is given), and does not know how a picture came
to be: a recipe is whatever JSON-ready dict the caller gives.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, PngImagePlugin

from engine.errors import DataError
from engine.inference.new_file import free_path as free_path  # part of this module's interface
from engine.inference.new_file import new_file

if TYPE_CHECKING:
    import torch

RECIPE_KEYWORD = "stylegan-explorer"
"""keyword of the PNG text chunk that holds the recipe as JSON"""


def to_uint8(img: torch.Tensor) -> np.ndarray:
    """Float pictures [N, C, H, W] in [-1, 1] to uint8 [N, H, W, 3 or 4]; grey becomes RGB, RGBA stays.

    clamp(127.5 x + 128, 0, 255), truncated: the rounding that everyone in this field uses.
    """
    return in_colour((img * 127.5).add_(128).clamp_(0, 255).byte().permute(0, 2, 3, 1).cpu().numpy())


def in_colour(pixels: np.ndarray) -> np.ndarray:
    """uint8 [N, H, W, C] to [N, H, W, 3 or 4]: grey becomes RGB, RGBA stays."""
    return np.ascontiguousarray(pixels.repeat(3, axis=3) if pixels.shape[3] == 1 else pixels)


def save_png(path: Path, pixels: np.ndarray, recipe: dict[str, Any]) -> None:
    """Writes uint8 [H, W, 3 or 4] with its recipe; raises ExportError instead of overwriting anything."""
    content = png_bytes(pixels, recipe)
    with new_file(path) as temporary:
        temporary.write_bytes(content)


def png_bytes(pixels: np.ndarray, recipe: dict[str, Any]) -> bytes:
    """uint8 [H, W, 3 or 4] with its recipe, as a PNG file has it."""
    info = PngImagePlugin.PngInfo()
    info.add_text(RECIPE_KEYWORD, json.dumps(recipe))  # ASCII, as text chunks want it
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", pnginfo=info)
    return buffer.getvalue()


def read_recipe(path: Path) -> dict[str, Any]:
    """The recipe inside a PNG file; raises DataError if it cannot be read or has none."""
    try:
        with Image.open(path, formats=["PNG"]) as image:
            image.load()  # a text chunk may stand behind the pixels
            text = image.info.get(RECIPE_KEYWORD)
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist: give the name of a PNG that this program saved") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{path} cannot be read as a PNG ({error}): choose one that this program saved") from error
    if text is None:
        raise DataError(f"{path} carries no recipe: choose a PNG that this program saved and nothing re-encoded")
    try:
        recipe = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"the recipe inside {path} is not JSON ({error}): the file was changed or damaged") from error
    if not isinstance(recipe, dict):
        raise DataError(f"the recipe inside {path} is not one of ours: choose a PNG that this program saved")
    return recipe

"""A picture that shows samples beside their nearest training pictures, so that copies can be seen.

Knows nothing of how neighbours were found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from engine.inference.compositing import over_white

PAIRS = 48
COLUMNS = 6
SMALLEST_SIDE = 96
LARGEST_SIDE = 256
MARGIN = 12
CAPTION_HEIGHT = 20
FONT_SIZE = 13
INK = (40, 40, 40)
FRAME = (210, 210, 210)
"""around each pair, since many pictures end in white"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pair:
    """A sample and the training picture that comes nearest to it."""

    sample: np.ndarray
    """uint8 [C, H, W]"""
    real: np.ndarray
    """uint8 [C, H, W]"""
    caption: str


def pairs_sheet(title: str, pairs: list[Pair]) -> Image.Image:
    """The title, and below it the pairs in rows: on the left of each the sample, on the right the real picture."""
    side = _shown_side(pairs[0].sample.shape[1])
    columns = min(COLUMNS, len(pairs))
    rows = -(-len(pairs) // columns)
    pair_width, pair_height = 2 * side + 2 + MARGIN, side + CAPTION_HEIGHT + MARGIN
    font = ImageFont.load_default(size=FONT_SIZE)
    lines = _wrapped(title, columns * pair_width - MARGIN, font)
    top = 2 * MARGIN + len(lines) * CAPTION_HEIGHT
    sheet = Image.new("RGB", (MARGIN + columns * pair_width, top + rows * pair_height), (255, 255, 255))
    draw = ImageDraw.Draw(sheet)
    for number, line in enumerate(lines):
        draw.text((MARGIN, MARGIN + number * CAPTION_HEIGHT), line, INK, font)
    for index, pair in enumerate(pairs):
        x, y = MARGIN + index % columns * pair_width, top + index // columns * pair_height
        draw.rectangle((x - 1, y - 1, x + 2 * side + 2, y + side), outline=FRAME)
        sheet.paste(_shown(pair.sample, side), (x, y))
        sheet.paste(_shown(pair.real, side), (x + side + 2, y))
        draw.text((x, y + side + 2), pair.caption, INK, font)
    return sheet


def _shown_side(resolution: int) -> int:
    """Small pictures grow by a whole factor, so that their pixels stay visible as they are."""
    return min(resolution * max(1, -(-SMALLEST_SIDE // resolution)), LARGEST_SIDE)


def _shown(pixels: np.ndarray, side: int) -> Image.Image:
    picture = pixels.transpose(1, 2, 0)
    if picture.shape[2] == 1:
        picture = picture.repeat(3, axis=2)
    image = Image.fromarray(over_white(np.ascontiguousarray(picture)))
    method = Image.Resampling.NEAREST if side >= image.width else Image.Resampling.LANCZOS
    return image.resize((side, side), method)


def _wrapped(text: str, width: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines

"""Text that pygame_gui has laid out in points, written in pixels. Knows the library's layouts, not whose they are.

A line that is only read looks best as the font has it. One that is edited is made as wide as the layout has it, so that
a click meets the letter that is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import pygame
from pygame_gui.core.text import TextBoxLayout, TextLineChunkFTFont
from pygame_gui.core.text.text_box_layout_row import TextBoxLayoutRow

from explorer.elements.letters import Letters
from explorer.elements.pen import Pen


@dataclass(frozen=True, slots=True, kw_only=True)
class TextStyle:
    """What a layout does not know of its text."""

    letters: Callable[[TextLineChunkFTFont], Letters]
    colour: pygame.Color | None = None
    """of text that has no colour of its own; None: every piece knows its own"""
    origin: tuple[int, int] = (0, 0)
    """where the layout begins, in points relative to the element"""
    right: int
    """where the room for a line ends"""
    edited: bool = False
    """whether its letters have to stand where the layout has them"""


def paint_text(pen: Pen, layout: TextBoxLayout, style: TextStyle) -> None:
    """All lines, the selection, and the cursor."""
    for row in layout.layout_rows:
        chunks = [chunk for chunk in row.items if isinstance(chunk, TextLineChunkFTFont) and chunk.text]
        lines: list[_Line] = []
        for chunk in chunks:
            if not lines or not lines[-1].joined(chunk):
                lines.append(_Line(pen, chunk, layout, style))
        for number, line in enumerate(lines, start=1):
            line.paint(lines[number].left if number < len(lines) else style.right)
        if row.edit_cursor_active:
            _paint_cursor(pen, layout, row, lines)


def _paint_cursor(pen: Pen, layout: TextBoxLayout, row: TextBoxLayoutRow, lines: list[_Line]) -> None:
    x, index = float(row.x - layout.x_scroll_offset), row.cursor_index
    for line in lines:
        if index <= len(line.text):
            x = line.x_of(index)
            break
        index -= len(line.text)
    cursor = pygame.Rect(round(x), row.y, layout.edit_cursor_width, max(0, row.height - 2))
    pixels = pen.scale.place(cursor)
    pixels.left = round(x * pen.scale.factor)
    pen.surface.fill(cast(pygame.Color, layout.get_cursor_colour()), pixels)


class _Line:
    """A piece of text in one style."""

    def __init__(self, pen: Pen, chunk: TextLineChunkFTFont, layout: TextBoxLayout, style: TextStyle) -> None:
        self.text, self._width = chunk.text, chunk.width
        self.left = float(style.origin[0] + chunk.left - layout.x_scroll_offset)
        self._pen, self._chunk = pen, chunk
        self._letters = style.letters(chunk)
        self._edited, self._alignment = style.edited, layout.horiz_alignment
        self._top = style.origin[1] + chunk.top - chunk.origin_row_y_adjust
        own = style.colour is None or not chunk.using_default_text_colour
        self._colour = cast(pygame.Color, chunk.colour if own else style.colour)  # the theme has no gradients

    def joined(self, chunk: TextLineChunkFTFont) -> bool:
        """Takes in what follows if it looks the same: where text is wrapped every word is a piece of its own."""
        selected = self._chunk.selected_text or chunk.selected_text
        joins = not (self._edited or selected) and self._chunk.style_match(chunk)
        if joins:
            self.text, self._width = self.text + chunk.text, self._width + chunk.width
        return bool(joins)

    def paint(self, right: float) -> None:
        """With what is selected in it; right: where what comes after it begins."""
        self._write(self._colour, right)
        selected = self._selection()
        if selected is not None:
            self._pen.surface.fill(self._chunk.selection_colour, selected)
            before = self._pen.surface.get_clip()
            self._pen.surface.set_clip(selected.clip(before))
            self._write(self._chunk.selection_text_colour, right)
            self._pen.surface.set_clip(before)

    def x_of(self, index: int) -> float:
        """Where a letter begins, in points."""
        before, whole = (self._letters.font.size(text)[0] for text in (self.text[:index], self.text))
        return self.left + self._width * before / max(whole, 1)

    def _selection(self) -> pygame.Rect | None:
        """In pixels."""
        if not self._chunk.selected_text:
            return None
        first = self._chunk.selection_start_index
        ends = (self.x_of(first), self.x_of(first + len(self._chunk.selected_text)))
        left, right = (round(x * self._pen.scale.factor) for x in ends)
        lines = self._pen.scale.place(pygame.Rect(0, self._top, 1, self._chunk.row_bg_height))
        return pygame.Rect(left, lines.top, right - left, lines.height)

    def _write(self, colour: pygame.Color, right: float) -> None:
        self._letters.font.underline = self._chunk.underlined
        if self._edited:
            rendered = self._letters.render(self.text, colour)
            size = round(self._width * self._pen.scale.factor), rendered.get_height()
            self._place(pygame.transform.smoothscale(rendered, size), self.left)
        else:
            self._write_whole(colour, right)
        self._letters.font.underline = False

    def _write_whole(self, colour: pygame.Color, right: float) -> None:
        """A little narrower if it does not fit: hinting makes letters wider in some sizes than in others."""
        rendered = self._letters.render(self.text, colour)
        spare = self._width - rendered.get_width() / self._pen.scale.factor
        shift = {"left": 0.0, "right": spare}.get(self._alignment, spare / 2)
        left = max(self.left + shift, 0.0) if self._alignment != "left" else self.left
        room = int((max(right, self.left + self._width) - left) * self._pen.scale.factor)
        if rendered.get_width() > room > 0:
            rendered = pygame.transform.smoothscale(rendered, (room, rendered.get_height()))
        self._place(rendered, left)

    def _place(self, rendered: pygame.Surface, left: float) -> None:
        factor = self._pen.scale.factor
        top = round(self._baseline * factor) - self._letters.font.get_rect("A").y
        spot = round(left * factor), top
        self._pen.surface.blit(rendered, spot, special_flags=pygame.BLEND_PREMULTIPLIED)

    @property
    def _baseline(self) -> int:
        """Where the layout has it, as the library reckons it."""
        chunk = self._chunk
        middle = chunk.row_bg_height // 2
        if chunk.should_centre_from_baseline:
            above = middle - chunk.font_y_padding - round(0.5 * (chunk.y_origin - chunk.font_y_padding))
        else:
            above = middle - chunk.row_chunk_height // 2
        return int(self._top + above + chunk.row_chunk_origin)

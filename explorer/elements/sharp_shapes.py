"""What pygame_gui draws in points, drawn once more in pixels. Knows the library's elements and shapes, not their use.

The library's own picture of an element is the sign that it has changed: then it is a new one.
"""

from __future__ import annotations

from functools import partial
from typing import Protocol, runtime_checkable

import pygame
from pygame_gui.core import UIElement
from pygame_gui.core.drawable_shapes import RoundedRectangleShape
from pygame_gui.core.drawable_shapes.drawable_shape import DrawableShape
from pygame_gui.core.text import TextLineChunkFTFont
from pygame_gui.elements import UITextBox, UITextEntryLine

from explorer.elements.drawn import DrawnElement
from explorer.elements.letters import Letters
from explorer.elements.pen import Pen
from explorer.elements.points import Scale
from explorer.elements.sharp_text import TextStyle, paint_text


@runtime_checkable
class Paintable(Protocol):
    """An element of the library's kind that draws itself, with the pen that it is given."""

    def paint(self, pen: Pen) -> None:
        """On a transparent ground."""


class SharpPictures:
    """The pictures of elements at one scale. At scale 1 they are the library's own."""

    def __init__(self, scale: Scale) -> None:
        self._scale = scale
        self._known: dict[UIElement, tuple[pygame.Surface, pygame.Surface]] = {}

    def keep(self, elements: list[UIElement]) -> None:
        """Others are gone."""
        if len(self._known) > len(elements):
            there = set(elements)
            self._known = {element: pictures for element, pictures in self._known.items() if element in there}

    def of(self, element: UIElement) -> pygame.Surface:
        """All of it, whatever is cut off. It must have a picture."""
        if self._scale.factor == 1.0 or isinstance(element, DrawnElement):
            return element.image
        size = element.image.get_size()
        pixels = self._scale.place(pygame.Rect(element.rect.topleft, size)).size
        known = self._known.get(element)
        if known is None or known[0] is not element.image or known[1].get_size() != pixels:
            pen = Pen(pygame.Surface(pixels, pygame.SRCALPHA, 32), size, self._scale)
            _paint(element, pen)
            known = self._known[element] = element.image, pen.surface
        return known[1]


def extent(element: UIElement) -> pygame.Rect:
    """Where an element's picture lies in the window, in points."""
    size = element.rect.size if isinstance(element, DrawnElement) else element.image.get_size()
    return pygame.Rect(element.rect.topleft, size)


def _paint(element: UIElement, pen: Pen) -> None:
    if isinstance(element, Paintable):
        element.paint(pen)
    elif element.drawable_shape is None:
        pen.surface.blit(pygame.transform.smoothscale(element.image, pen.surface.get_size()), (0, 0))
    else:
        _paint_ground(pen, element.drawable_shape)
        _paint_text(pen, element, element.drawable_shape)


def _paint_ground(pen: Pen, shape: DrawableShape) -> None:
    state, theming, length = shape.active_state.state_id, shape.theming, pen.scale.length
    colours = theming[f"{state}_border"], theming[f"{state}_bg"]
    widths = {side: length(width) for side, width in shape.border_widths.items()}
    if isinstance(shape, RoundedRectangleShape):
        radii = [length(radius) for radius in shape.shape_corner_radius]
        size = pen.surface.get_size()
        cache = shape.shape_cache
        key = cache.build_cache_id("rounded_rectangle", size, shape.shadow_width, widths, *colours, radii)
        ground = cache.find_surface_in_cache(key)
        if ground is not None:
            pen.surface.blit(ground, (0, 0), special_flags=pygame.BLEND_PREMULTIPLIED)
        return
    inside = pen.surface.get_rect()
    pen.surface.fill(colours[0])
    inside.update(
        widths["left"],
        widths["top"],
        inside.width - widths["left"] - widths["right"],
        inside.height - widths["top"] - widths["bottom"],
    )
    pen.surface.fill(colours[1], inside)


def _paint_text(pen: Pen, element: UIElement, shape: DrawableShape) -> None:
    letters = partial(_letters_of, element, pen.scale)
    if isinstance(element, UITextBox) and element.text_box_layout is not None:
        left, top = element.get_text_layout_top_left()
        area = pygame.Rect(left - element.rect.left, top - element.rect.top, *element.text_wrap_rect.size)
        over = 0
        if element.scroll_bar is not None:
            over = int(element.scroll_bar.start_percentage * element.text_box_layout.layout_rect.height)
        pen.within(pygame.Rect(0, area.top, pen.area.width, pen.area.height - area.top) if over else None)
        origin = area.left, area.top - over
        paint_text(pen, element.text_box_layout, TextStyle(letters=letters, origin=origin, right=area.right))
    elif shape.text_box_layout is not None:
        layout = shape.text_box_layout
        colour = shape.theming[f"{shape.active_state.state_id}_text"]
        view = pygame.Rect(layout.view_rect.left, 0, layout.view_rect.width, pen.area.height)
        pen.within(view if isinstance(element, UITextEntryLine) else None)
        edited = isinstance(element, UITextEntryLine) and element.is_focused and bool(element.text)
        paint_text(pen, layout, TextStyle(letters=letters, colour=colour, right=view.right, edited=edited))
    pen.within(None)


def _letters_of(element: UIElement, scale: Scale, chunk: TextLineChunkFTFont) -> Letters:
    return Letters(chunk.font, scale, element.ui_theme)

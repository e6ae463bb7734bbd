"""The display's surface, and how elements that lie in points are drawn on it in pixels.

Knows elements only as pictures with places. On a small display a large scale is as large as the smallest window allows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pygame
from pygame_gui.core import UIElement
from pygame_gui.core.layered_gui_group import GUISprite

from explorer.app.display import open_window, set_size
from explorer.app.options import MIN_SIZE
from explorer.app.repaint import Repaint
from explorer.app.window_values import WindowStyle
from explorer.elements.pen import Pen
from explorer.elements.points import Scale
from explorer.elements.sharp_shapes import SharpPictures, extent


class Screen:
    """Draws what looks different than before, and nothing else."""

    def __init__(self, size: tuple[int, int], style: WindowStyle, theme: dict[str, Any]) -> None:
        """Raises WindowError. size: of the display, in pixels."""
        colours = theme["defaults"]["colours"]
        self.ground = pygame.Color(colours["canvas"])
        self.accent = pygame.Color(colours["accent"])
        self._wanted = style.scale
        self._repaint = Repaint()
        self._show_on(open_window(size, visible=style.visible))

    @property
    def size(self) -> tuple[int, int]:
        """In points: what layouts and elements see."""
        width, height = self.scale.room(self.surface.get_size())
        return max(width, MIN_SIZE[0]), max(height, MIN_SIZE[1])

    def in_points(self, event: pygame.event.Event) -> pygame.event.Event:
        """An event as the elements understand it."""
        if self.scale.factor == 1.0 or not hasattr(event, "pos"):
            return event
        values = dict(event.dict)
        x, y = event.pos
        values["pos"] = self.scale.point(x), self.scale.point(y)
        if "rel" in values:
            before = self.scale.point(x - event.rel[0]), self.scale.point(y - event.rel[1])
            values["rel"] = values["pos"][0] - before[0], values["pos"][1] - before[1]
        return pygame.event.Event(event.type, values)

    def resize(self, size: tuple[int, int], *, full_screen: bool) -> None:
        """To a display of another size, in pixels."""
        self._show_on(set_size(size, full_screen=full_screen))

    def follow(self) -> None:
        """The system has given the display another size, as it does while its edge is dragged."""
        if Scale.fitted(self._wanted, self.surface.get_size(), MIN_SIZE) != self.scale:
            self._show_on(self.surface)

    def expose(self) -> None:
        """The display may have lost what it showed: everything is drawn again."""
        self._repaint.forget()

    def draw(self, sprites: Iterable[GUISprite], outline: pygame.Rect | None) -> None:
        """These elements, from the back to the front; outline: around what has the keyboard."""
        seen = (each for each in sprites if each.visible and each.image is not None)
        elements = [each for each in seen if isinstance(each, UIElement)]
        self._pictures.keep(elements)
        parts = self._repaint.parts(elements, outline, self.size)
        pen = Pen(self.surface, self.size, self.scale)
        places = [(element, extent(element)) for element in elements] if parts else []
        for part in parts:
            pen.within(part)
            pen.fill(self.ground)
            self.surface.blits([self._seen(element, place) for element, place in places if part.colliderect(place)])
            if outline is not None:
                pen.rect(self.accent, outline, width=2, radius=5)
        pen.within(None)
        if parts:
            pygame.display.update([self.scale.place(part) for part in parts])

    def _seen(self, element: UIElement, place: pygame.Rect) -> tuple[pygame.Surface, pygame.Rect, pygame.Rect, int]:
        """(picture, where it is drawn, which part of it, how), in pixels."""
        cut = element.get_image_clipping_rect()
        seen = self.scale.place(place if cut is None else cut.move(place.topleft))
        area = seen.move(-self.scale.px(place.left), -self.scale.px(place.top))
        return self._pictures.of(element), seen, area, element.blendmode

    def _show_on(self, surface: pygame.Surface) -> None:
        self.surface = surface
        self.scale = Scale.fitted(self._wanted, surface.get_size(), MIN_SIZE)
        self._pictures = SharpPictures(self.scale)

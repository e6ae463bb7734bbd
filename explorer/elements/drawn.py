"""The base of the elements that draw themselves: one retained surface, redrawn only where something changed."""

from __future__ import annotations

from dataclasses import dataclass

import pygame
from pygame_gui.core import UIElement
from pygame_gui.core.gui_type_hints import Coordinate
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.ui_manager import UIManager

CLICK_TOLERANCE = 6
"""Pixels that the mouse may move between down and up and still have clicked."""


@dataclass(slots=True, kw_only=True)
class Press:
    """A left mouse button that went down on an element and is not yet up."""

    start: tuple[int, int]
    tile: int | None = None
    dragging: bool = False

    def moved(self, position: tuple[int, int]) -> tuple[int, int]:
        """Pixels from where it went down; from a tolerance on this is a drag, for good."""
        offset = (position[0] - self.start[0], position[1] - self.start[1])
        if max(abs(offset[0]), abs(offset[1])) > CLICK_TOLERANCE:
            self.dragging = True
        return offset


class DrawnElement(UIElement):
    """Subclasses call `touch()` when they changed, and draw in `paint`."""

    takes_keys = False
    """whether the keyboard can do anything with it"""

    def __init__(
        self,
        rect: pygame.Rect,
        manager: UIManager,
        container: IContainerLikeInterface | None,
        element_id: str,
    ) -> None:
        super().__init__(rect, manager, container, starting_height=1, layer_thickness=1, element_id=[element_id])
        self._touched = True
        self._touched_parts: list[pygame.Rect] = []
        self._painted: list[pygame.Rect] = []
        self.blendmode = 0  # opaque: drawing the window then copies it instead of blending it
        self.repaint()

    def touch(self, part: pygame.Rect | None = None) -> None:
        """Asks for a repaint at the next update: of one part, relative to the element, or of all."""
        if part is None:
            self._touched = True
        else:
            self._touched_parts.append(part)

    def take_painted(self) -> list[pygame.Rect]:
        """Where in the window it was painted over since the last call, without becoming another surface."""
        painted, self._painted = self._painted, []
        return painted

    def focus(self) -> None:
        """The keyboard is here."""
        super().focus()
        self.touch()

    def unfocus(self) -> None:
        """The keyboard is not here any more."""
        super().unfocus()
        self.touch()

    def paint(self, surface: pygame.Surface) -> None:
        """Draws the element; the surface has its size and is already filled with the ground colour.

        What lies outside of the surface's clip is not wanted, and costs nothing but the time to draw it.
        """
        raise NotImplementedError

    def ground(self) -> pygame.Color:
        """The colour below everything."""
        return self.colour("canvas")

    def colour(self, name: str) -> pygame.Color:
        """A colour of the theme."""
        return self.ui_theme.get_colour(name, self.combined_element_ids)

    def update(self, time_delta: float) -> None:
        """Repaints if asked to."""
        super().update(time_delta)
        if self._touched:
            self.repaint()
        elif self._touched_parts:
            self._repaint_parts()

    def repaint(self) -> None:
        """Draws now."""
        self._touched = False
        self._touched_parts.clear()
        size = (max(int(self.rect.width), 1), max(int(self.rect.height), 1))
        surface = pygame.Surface(size)
        surface.fill(self.ground())
        self.paint(surface)
        if self.get_image_clipping_rect() is None:
            self.image = surface  # the library's own way would copy it
            self._pre_clipped_image = None
        else:
            self._set_image(surface)

    def _repaint_parts(self) -> None:
        if self.image is None or self.get_image_clipping_rect() is not None:  # then what is seen is only a copy
            self.repaint()
            return
        for part in self._touched_parts:
            self.image.set_clip(part)
            self.image.fill(self.ground())
            self.paint(self.image)
            self._painted.append(part.move(self.rect.topleft))
        self.image.set_clip(None)
        self._touched_parts.clear()

    def set_dimensions(self, dimensions: Coordinate, clamp_to_container: bool = False) -> None:
        """Repaints at the new size."""
        super().set_dimensions(dimensions, clamp_to_container)
        self.repaint()

    def _set_image_clip(self, rect: pygame.Rect | None) -> None:
        """What is scrolled out of view is left out; the library would paint it black where an image has no alpha."""
        if rect is not None and self.image is not None and not self.image.get_flags() & pygame.SRCALPHA:
            if self._pre_clipped_image is None:
                self._pre_clipped_image = self.image
            self.image = pygame.Surface(self.image.get_size(), pygame.SRCALPHA, 32)
        super()._set_image_clip(rect)

    def write(self, surface: pygame.Surface, text: str, colour: str, centre: tuple[float, float]) -> pygame.Rect:
        """One line of text in the element's font, centred; returns where it stands."""
        font = self.ui_theme.get_font(self.combined_element_ids)
        rendered = font.render_premul(text, self.colour(colour))
        place = rendered.get_rect(center=(round(centre[0]), round(centre[1])))
        surface.blit(rendered, place, special_flags=pygame.BLEND_PREMULTIPLIED)
        return place

    def mouse(self) -> tuple[int, int] | None:
        """Where the mouse is, relative to the element; None if it is elsewhere or something lies over it."""
        if not self.hovered:
            return None
        x, y = self.ui_manager.get_mouse_position()
        return int(x - self.rect.x), int(y - self.rect.y)

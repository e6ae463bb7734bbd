"""The base of the elements that draw themselves: one retained surface, redrawn only where something changed."""

from __future__ import annotations

from dataclasses import dataclass

import pygame
from pygame_gui.core import UIElement
from pygame_gui.core.gui_type_hints import Coordinate
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.ui_manager import UIManager

from explorer.elements.letters import Letters
from explorer.elements.pen import Anchor, Pen, Spot
from explorer.elements.points import Scale
from explorer.elements.scaled_manager import scale_of

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
    """Subclasses call `touch()` when they changed, and draw in `paint`.

    Its image is in pixels and never cut off: whoever draws the window asks `get_image_clipping_rect` for what is seen.
    """

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

    @property
    def scale(self) -> Scale:
        """At which it is drawn."""
        return scale_of(self.ui_manager)

    @property
    def letters(self) -> Letters:
        """Its font."""
        return Letters(self.ui_theme.get_font(self.combined_element_ids), self.scale, self.ui_theme)

    def paint(self, pen: Pen) -> None:
        """Draws the element; the pen's area has its size and is already filled with the ground colour.

        What lies outside of the pen's clip is not wanted, and costs nothing but the time to draw it.
        """
        raise NotImplementedError

    def ground(self) -> pygame.Color:
        """The colour below everything."""
        return self.colour("canvas")

    def colour(self, name: str) -> pygame.Color:
        """A colour of the theme."""
        return self.ui_theme.get_colour(name, self.combined_element_ids)

    def update(self, time_delta: float) -> None:
        """Repaints if asked to; what is hidden waits until it is shown."""
        super().update(time_delta)
        if not self.visible:
            return
        if self._touched:
            self.repaint()
        elif self._touched_parts:
            self._repaint_parts()

    def repaint(self) -> None:
        """Draws now."""
        self._touched = False
        self._touched_parts.clear()
        size = max(int(self.rect.width), 1), max(int(self.rect.height), 1)
        pen = Pen(pygame.Surface(self.scale.most(size)), size, self.scale)
        pen.surface.fill(self.ground())
        self.paint(pen)
        self.image = pen.surface

    def _repaint_parts(self) -> None:
        if self.image is None:
            self.repaint()
            return
        pen = Pen(self.image, (int(self.rect.width), int(self.rect.height)), self.scale)
        for part in self._touched_parts:
            pen.within(part)
            pen.surface.fill(self.ground())
            self.paint(pen)
            self._painted.append(part.move(self.rect.topleft))
        pen.within(None)
        self._touched_parts.clear()

    def set_dimensions(self, dimensions: Coordinate, clamp_to_container: bool = False) -> None:
        """Repaints at the new size, at the next update."""
        super().set_dimensions(dimensions, clamp_to_container)
        self.touch()

    def _set_image_clip(self, rect: pygame.Rect | None) -> None:
        """The library's own way would make a copy that is empty where nothing is seen."""
        self._image_clip = rect

    def write(self, pen: Pen, text: str, colour: str, centre: Spot) -> pygame.Rect:
        """One line of text in the element's font, centred; returns where it stands."""
        return self.write_at(pen, text, colour, ("center", centre))

    def write_at(self, pen: Pen, text: str, colour: str, place: tuple[Anchor, Spot]) -> pygame.Rect:
        """One line of text; place: which part of it is where."""
        return pen.write(self.letters.render(text, self.colour(colour)), *place)

    def mouse(self) -> tuple[int, int] | None:
        """Where the mouse is, relative to the element; None if it is elsewhere or something lies over it."""
        if not self.hovered:
            return None
        x, y = self.ui_manager.get_mouse_position()
        return int(x - self.rect.x), int(y - self.rect.y)

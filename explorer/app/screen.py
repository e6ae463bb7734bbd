"""The surface that elements are drawn on, and what a person sees of it. Knows elements only as pictures with places."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pygame
from pygame_gui.core import UIElement
from pygame_gui.core.layered_gui_group import GUISprite

from explorer.app.display import open_window, set_size
from explorer.app.magnifier import Magnifier
from explorer.app.repaint import Repaint
from explorer.app.window_values import WindowStyle


class Screen:
    """Draws what looks different than before, and nothing else."""

    def __init__(self, size: tuple[int, int], style: WindowStyle, theme: dict[str, Any]) -> None:
        """Raises WindowError. size: of the display, in its own pixels."""
        colours = theme["defaults"]["colours"]
        self.ground = pygame.Color(colours["canvas"])
        self.accent = pygame.Color(colours["accent"])
        self._magnifier = Magnifier(open_window(size, visible=style.visible), style.scale)
        self._repaint = Repaint()

    @property
    def surface(self) -> pygame.Surface:
        """What everything is drawn on, in the window's own pixels: those of events, elements and layouts."""
        return self._magnifier.canvas

    @property
    def display(self) -> pygame.Surface:
        """What is seen, in the display's pixels."""
        return self._magnifier.display

    def in_own_pixels(self, event: pygame.event.Event) -> pygame.event.Event:
        """An event as the elements understand it."""
        return self._magnifier.translated(event)

    def resize(self, size: tuple[int, int], *, full_screen: bool) -> None:
        """To a display of another size, in its own pixels."""
        self._magnifier.show_on(set_size(size, full_screen=full_screen))

    def expose(self) -> None:
        """The display may have lost what it showed: everything is drawn again."""
        self._repaint.forget()

    def draw(self, sprites: Iterable[GUISprite], outline: pygame.Rect | None) -> None:
        """These elements, from the back to the front; outline: around what has the keyboard."""
        surface = self.surface
        seen = (each for each in sprites if each.visible and each.image is not None)
        elements = [each for each in seen if isinstance(each, UIElement)]
        parts = self._repaint.parts(elements, outline, surface.get_size())
        for part in parts:
            surface.set_clip(part)
            surface.fill(self.ground)
            there = (each for each in elements if part.colliderect((each.rect.topleft, each.image.get_size())))
            for each in there:
                cut = each.get_image_clipping_rect()
                cut = each.image.get_rect() if cut is None else cut
                surface.blit(each.image, each.rect.move(cut.topleft), cut, each.blendmode)
            if outline is not None:
                pygame.draw.rect(surface, self.accent, outline, width=2, border_radius=5)
        surface.set_clip(None)
        if parts:
            self._magnifier.show(parts)

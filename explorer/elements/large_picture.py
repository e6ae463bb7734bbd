"""One picture that has all the room there is, with a line below it. Knows pixels, nothing of where they come from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pygame
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.ui_manager import UIManager

from explorer.elements.drawn import DrawnElement
from explorer.elements.pen import Pen
from explorer.elements.pixels import surface_of

MARGIN = 12
LINE_HEIGHT = 28


class LargePicture(DrawnElement):
    """Lies over the grid; a click closes it."""

    def __init__(
        self,
        rect: pygame.Rect,
        manager: UIManager,
        close: Callable[[], object],
        container: IContainerLikeInterface | None = None,
        margin: int = MARGIN,
    ) -> None:
        """margin: pixels around the picture; 0 leaves no room for the line either."""
        self._margin = margin
        self._line = LINE_HEIGHT if margin else 0
        self._close = close
        self.picture: pygame.Surface | None = None
        """unscaled"""
        self._text = ""
        super().__init__(rect, manager, container, "large_picture")

    def show_pixels(self, pixels: np.ndarray | None) -> None:
        """uint8 [height, width, 3 or 4]; None for none yet."""
        self.picture = None if pixels is None else surface_of(pixels)
        self.touch()

    def show_text(self, text: str) -> None:
        """Below the picture."""
        if text != self._text:
            self._text = text
            self.touch()

    def process_event(self, event: pygame.event.Event) -> bool:
        """A click closes."""
        if event.type == pygame.MOUSEBUTTONDOWN and self.hover_point(*event.pos):
            if event.button == pygame.BUTTON_LEFT:
                self._close()
            return True
        return False

    def paint(self, pen: Pen) -> None:
        """The picture in the middle."""
        width, height = pen.area.size
        side = max(min(width - 2 * self._margin, height - self._margin - self._line), 1)
        place = pygame.Rect((width - side) // 2, (height - self._line + self._margin - side) // 2, side, side)
        if self.picture is None:
            pen.rect(self.colour("panel" if self._margin else "control"), place, radius=4 if self._margin else 0)
        else:
            # Every frame of a film is scaled anew: what is smooth and fast is better here than what is crisp.
            pen.picture(pygame.transform.smoothscale(self.picture, pen.scale.place(place).size), place)
        if self._line:
            self.write(pen, self._text, "muted", (width / 2, height - LINE_HEIGHT / 2 + 2))

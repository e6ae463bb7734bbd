"""A picture laid over another element, that lets the mouse through."""

from __future__ import annotations

from collections.abc import Callable

import pygame
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.elements import UIImage
from pygame_gui.ui_manager import UIManager

from explorer.elements.pen import Pen


class Icon(UIImage):
    """What lies below it keeps its hover, its tooltip and its clicks."""

    def __init__(
        self,
        rect: pygame.Rect,
        draw: Callable[[int], pygame.Surface],
        manager: UIManager,
        container: IContainerLikeInterface | None,
    ) -> None:
        """draw: makes the picture, so many pixels wide."""
        self._draw = draw
        super().__init__(rect, draw(rect.width), manager, container=container, starting_height=3)

    def paint(self, pen: Pen) -> None:
        """In pixels."""
        pen.picture(self._draw(pen.side(pen.area)).premul_alpha(), (0, 0))

    def hover_point(self, hover_x: float, hover_y: float) -> bool:
        """Nowhere."""
        return False

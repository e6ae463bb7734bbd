"""A picture laid over another element, that lets the mouse through."""

from __future__ import annotations

import pygame
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.elements import UIImage
from pygame_gui.ui_manager import UIManager


class Icon(UIImage):
    """What lies below it keeps its hover, its tooltip and its clicks."""

    def __init__(
        self,
        rect: pygame.Rect,
        image: pygame.Surface,
        manager: UIManager,
        container: IContainerLikeInterface | None,
    ) -> None:
        super().__init__(rect, image, manager, container=container, starting_height=3)

    def hover_point(self, hover_x: float, hover_y: float) -> bool:
        """Nowhere."""
        return False

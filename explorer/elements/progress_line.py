"""A thin bar that fills from the left. Knows a share of 1."""

from __future__ import annotations

import pygame
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.ui_manager import UIManager

from explorer.elements.drawn import DrawnElement
from explorer.elements.pen import Pen


class ProgressLine(DrawnElement):
    """As wide and high as its place."""

    def __init__(self, rect: pygame.Rect, manager: UIManager, container: IContainerLikeInterface) -> None:
        self.share = 0.0
        super().__init__(rect, manager, container, "progress_line")

    def show_share(self, share: float) -> None:
        """0 to 1; what differs by less than a pixel is not drawn anew."""
        if round(share * self.rect.width) != round(self.share * self.rect.width):
            self.share = share
            self.touch()

    def ground(self) -> pygame.Color:
        """The part that is still to come."""
        return self.colour("control")

    def paint(self, pen: Pen) -> None:
        """The part that is done."""
        width, height = pen.area.size
        pen.fill(self.colour("accent"), (0, 0, round(width * self.share), height))

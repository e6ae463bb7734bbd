"""What stands beside a lane of the timeline: a few elements that move, appear and vanish together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import pygame
from pygame_gui.core import UIElement

from explorer.elements.placing import shift

ROW = 24


class SideColumn(ABC):
    """Its elements are made by whoever derives from it."""

    def __init__(self, place: pygame.Rect) -> None:
        self._place = place
        self._elements: Sequence[UIElement] = ()
        self._visible = True

    def move(self, place: pygame.Rect) -> None:
        """Another place, of the same size."""
        shift(self._elements, self._place, place)
        self._place = place

    def show(self, visible: bool) -> None:
        """Shows the values, or nothing."""
        if visible != self._visible:
            self._visible = visible
            for element in self._elements:
                (element.show if visible else element.hide)()
        if visible:
            self.show_values()

    @abstractmethod
    def show_values(self) -> None:
        """What the elements say now."""

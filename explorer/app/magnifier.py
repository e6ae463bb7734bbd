"""Everything larger, for displays with small pixels and for tired eyes. Knows surfaces and positions, no elements.

The window is drawn at its own size and enlarged as a whole, so that no element has to know of it. It never shrinks
below the smallest window: on a small display a large scale is as large as fits.
"""

from __future__ import annotations

import pygame

from explorer.app.options import MIN_SIZE

POSITIONS = ("pos", "rel")


class Magnifier:
    """A canvas, and the display that shows it enlarged. At scale 1 they are the same surface."""

    def __init__(self, display: pygame.Surface, scale: float) -> None:
        self._wanted = scale
        self.display = display
        self.canvas = display
        self.show_on(display)

    def show_on(self, display: pygame.Surface) -> None:
        """Another display, or another size of it."""
        self.display = display
        width, height = display.get_size()
        scale = max(min(self._wanted, width / MIN_SIZE[0], height / MIN_SIZE[1]), 1.0)
        size = max(round(width / scale), MIN_SIZE[0]), max(round(height / scale), MIN_SIZE[1])
        self.canvas = display if size == (width, height) or scale == 1.0 else pygame.Surface(size)

    @property
    def factors(self) -> tuple[float, float]:
        """Pixels of the display for one of the canvas, across and down."""
        (wide, high), (width, height) = self.display.get_size(), self.canvas.get_size()
        return wide / width, high / height

    def show(self, parts: list[pygame.Rect]) -> None:
        """Brings what was drawn onto the display; parts: where on the canvas something was drawn."""
        if self.canvas is self.display:
            pygame.display.update(parts)
            return
        pygame.transform.smoothscale(self.canvas, self.display.get_size(), self.display)
        pygame.display.flip()

    def translated(self, event: pygame.event.Event) -> pygame.event.Event:
        """With positions on the canvas in place of those on the display."""
        if self.canvas is self.display or not hasattr(event, "pos"):
            return event
        across, down = self.factors
        values = dict(event.dict)
        for name in POSITIONS:
            if name in values:
                values[name] = round(values[name][0] / across), round(values[name][1] / down)
        return pygame.event.Event(event.type, values)

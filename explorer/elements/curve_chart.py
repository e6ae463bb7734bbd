"""A quiet chart: a few curves over one axis, their last values beside the title. Knows numbers, not what they mean."""

from __future__ import annotations

import pygame
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.ui_manager import UIManager

from explorer.elements.drawn import DrawnElement
from explorer.elements.pen import Anchor, Pen
from explorer.runs.run_state import Chart, Curve

TITLE = 20
EDGE = 4
COLOURS = ("accent", "text", "muted")
"""of the theme; further curves begin again"""


class CurveChart(DrawnElement):
    """From the lowest to the highest value, over the whole width; under the mouse, the values there."""

    def __init__(self, rect: pygame.Rect, manager: UIManager, container: IContainerLikeInterface) -> None:
        self._chart = Chart(title="", curves=())
        self._pointed: float | None = None
        super().__init__(rect, manager, container, "curve_chart")

    @property
    def chart(self) -> Chart:
        """What is shown."""
        return self._chart

    def show_chart(self, chart: Chart) -> None:
        """Other curves."""
        if chart != self._chart:
            if chart.meaning != self._chart.meaning:
                self.set_tooltip(chart.meaning)
            self._chart = chart
            self.touch()

    def update(self, time_delta: float) -> None:
        """Follows the mouse."""
        mouse = self.mouse()
        pointed = None if mouse is None else mouse[0] / max(int(self.rect.width), 1)
        if pointed != self._pointed:
            self._pointed = pointed
            self.touch()
        super().update(time_delta)

    def ground(self) -> pygame.Color:
        """That of the panels."""
        return self.colour("panel")

    def legend(self) -> tuple[str, tuple[str, ...]]:
        """(title, what is said of each curve): of the last point, or of the one under the mouse."""
        points = [self._point_of(curve) for curve in self._chart.curves]
        said = tuple(f"{curve.name} {value:.3g}" for curve, (_, value) in zip(self._chart.curves, points, strict=True))
        if self._pointed is None or not points:
            return self._chart.title, said
        return f"At {points[0][0]:.1f} kimg", said

    def paint(self, pen: Pen) -> None:
        """Title and values above, curves below."""
        title, said = self.legend()
        self._text(pen, title, "muted", 0)
        right = pen.area.width
        for index in reversed(range(len(said))):
            right -= self._text(pen, said[index], COLOURS[index % len(COLOURS)], right, from_right=True) + 10
        plot = pygame.Rect(0, TITLE, pen.area.width, pen.area.height - TITLE)
        pen.rect(self.colour("canvas"), plot, radius=3)
        plot.inflate_ip(-2 * EDGE, -2 * EDGE)
        if self._pointed is not None:
            across = min(max(round(self._pointed * pen.area.width), plot.left), plot.right - 1)
            pen.line(self.colour("line"), (across, plot.top), (across, plot.bottom - 1))
        for index, curve in enumerate(self._chart.curves):
            colour = self.colour(COLOURS[index % len(COLOURS)])
            places = [self._place(point, plot) for point in curve.points]
            if len(places) == 1:
                pen.circle(colour, places[0], 2)
            else:
                pen.smooth_lines(colour, places)

    def _span(self) -> tuple[float, float, float, float]:
        """(first kimg, last kimg, lowest value, highest value), never empty."""
        points = [point for curve in self._chart.curves for point in curve.points]
        across, up = [x for x, _ in points], [y for _, y in points]
        low, high = min(up), max(up)
        return min(across), max(max(across), min(across) + 1e-9), low, high if high > low else low + 1.0

    def _place(self, point: tuple[float, float], plot: pygame.Rect) -> tuple[float, float]:
        first, last, low, high = self._span()
        across, up = (point[0] - first) / (last - first), (point[1] - low) / (high - low)
        return plot.left + across * (plot.width - 1), plot.bottom - 1 - up * (plot.height - 1)

    def _point_of(self, curve: Curve) -> tuple[float, float]:
        if self._pointed is None:
            return curve.points[-1]
        first, last, _, _ = self._span()
        wanted = first + self._pointed * (last - first)
        return min(curve.points, key=lambda point: abs(point[0] - wanted))

    def _text(self, pen: Pen, text: str, colour: str, across: int, *, from_right: bool = False) -> int:
        """One line in the title's row; its width."""
        anchor: Anchor = "midright" if from_right else "midleft"
        return int(self.write_at(pen, text, colour, (anchor, (across, TITLE // 2))).width)

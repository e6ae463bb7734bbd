"""Where times and keys lie on a timeline's track. Numbers only: no widgets."""

from __future__ import annotations

from dataclasses import dataclass

MARGIN = 16
RULER_HEIGHT = 22
SIDE = 52
"""of a key's picture"""
BAR_HEIGHT = 10
"""of the hold below it"""
LANE_HEIGHT = 40
"""of the sound below the keys"""
MOST_PIXELS = 2000.0
"""a second at the largest magnification"""
TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 18000)
TICK_PIXELS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackGeometry:
    """Seconds to pixels, relative to the element."""

    width: int
    duration: float
    """what is to be seen when nothing is magnified"""
    magnification: float = 1.0
    offset: float = 0.0
    """seconds at the left margin"""

    @property
    def scale(self) -> float:
        """Pixels a second."""
        return self.magnification * self.room / max(self.duration, 1.0)

    @property
    def room(self) -> int:
        """Pixels from time 0 to the end, with place for the picture of a key that stands there."""
        return max(self.width - 2 * MARGIN - SIDE, 1)

    @property
    def most_offset(self) -> float:
        """Seconds; where the end comes into view."""
        return max(0.0, self.duration - self.room / self.scale)

    def x(self, seconds: float) -> int:
        """Where a time lies."""
        return MARGIN + round((seconds - self.offset) * self.scale)

    def seconds(self, x: float) -> float:
        """Which time lies there; may be before 0."""
        return self.offset + (x - MARGIN) / self.scale

    @property
    def tick(self) -> float:
        """Seconds between two numbers of the ruler."""
        return next((step for step in TICKS if step * self.scale >= TICK_PIXELS), TICKS[-1])


def shown_seconds(seconds: float, step: float = 0.1) -> str:
    """0:02.5 as people write times; without the tenths on a ruler of whole seconds."""
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    if step >= 1:
        return f"{minutes}:{rest // 100:02d}"
    if step < 0.1 or rest % 10:
        return f"{minutes}:{rest // 100:02d}.{rest % 100:02d}"
    return f"{minutes}:{rest // 100:02d}.{rest % 100 // 10}"

"""When the loop acts and when it draws. Knows neither events nor windows; all times are seconds of one clock."""

from __future__ import annotations

AWAKE_SECONDS = 1.2
"""How long the window keeps drawing after something happened: tooltips and hovering need a moment."""
FRAME_SECONDS = 1 / 60
POLL_SECONDS = 1 / 60
"""Between looks into the worker's replies while some are to come."""
AWAKE_FRAME_SECONDS = 1 / 30
"""Between frames while nothing happens, but may be about to."""
QUIET_FRAME_SECONDS = 1 / 15
"""Between frames of the loading animation and of a text cursor."""
IDLE_SECONDS = 0.25


class Pace:
    """Of one loop, which takes its events at the beginning of a step and may draw at the end of it."""

    def __init__(self, now: float) -> None:
        self.stepped = now
        """when the last step had its events; it has worked since"""
        self._drawn = now
        self._awake_until = 0.0

    def step(self, now: float) -> None:
        """A step has its events."""
        self.stepped = now

    def happened(self, now: float) -> None:
        """Something that may be seen."""
        self._awake_until = now + AWAKE_SECONDS

    def draw(self, now: float) -> float:
        """A frame is begun; the seconds since the one before."""
        since, self._drawn = now - self._drawn, now
        return since

    def patience(self, now: float, *, moving: bool, quiet: bool) -> float:
        """For how long nothing has to be done unless an event comes. From IDLE_SECONDS on nothing is to be drawn.

        moving: whether something moves by itself; quiet: whether it does so slowly.
        """
        if moving:
            return FRAME_SECONDS
        if now < self._awake_until:
            return AWAKE_FRAME_SECONDS
        return QUIET_FRAME_SECONDS if quiet else IDLE_SECONDS

    def rest(self, now: float) -> float:
        """For how long even events have to wait: what comes faster than frames is taken in together.

        The engine, which shares the interpreter with the window, has this time for itself.
        """
        return max(0.0, self._drawn + FRAME_SECONDS - now)

    def left(self, now: float, patience: float) -> float:
        """What is left of a patience that began with the last step."""
        return max(0.0, self.stepped + patience - now)

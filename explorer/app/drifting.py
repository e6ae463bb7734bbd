"""Wandering by itself: moves the pad a little whenever all pictures, or drafts, have followed. Knows no widgets."""

from __future__ import annotations

import math

from explorer.panels.states import DriftState
from explorer.session.edits import with_pad
from explorer.session.session import Session

LONGEST_STEP_SECONDS = 0.25
"""Of time that passed while pictures were being made, so that a slow machine drifts slowly instead of jumping."""


class DriftDesk:
    """Holds a DriftState. All of a drift is one step of undo, unless something else is done on the way."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._state = DriftState()
        self._before: float | None = None
        self._start = (0.0, 0.0)
        self._way = 0.0

    def state(self) -> DriftState:
        """As it is now."""
        return self._state

    @property
    def running(self) -> bool:
        """Whether pictures are on their way."""
        return self._state.kind != "still"

    def change(self, state: DriftState) -> None:
        """Another kind begins where the pad stands; another speed goes on from there."""
        if (state.kind, state.radius) != (self._state.kind, self._state.radius):
            self._session.complete()
            self._before, self._way = None, 0.0
            self._start = self._session.document.pad
        self._state = state

    def stop(self) -> bool:
        """False if nothing was moving."""
        was_running = self.running
        self.change(DriftState(speed=self._state.speed, radius=self._state.radius))
        return was_running

    def pass_time(self, now: float) -> None:
        """Moves on, if every picture shows where the pad stands, be it as a draft."""
        session = self._session
        if not self.running or session.missing or session.failure is not None or session.comparing:
            return
        if self._before is not None:
            self._way += self._state.speed * min(now - self._before, LONGEST_STEP_SECONDS)
            session.edit(with_pad(session.document, *self._place()), "drag")
        self._before = now

    def _place(self) -> tuple[float, float]:
        x, y = self._start
        if self._state.kind == "straight":
            return x + self._way, y
        radius = self._state.radius
        angle = self._way / radius  # a circle through the place where it began: after one round it is there again
        return x + radius * (math.cos(angle) - 1), y + radius * math.sin(angle)

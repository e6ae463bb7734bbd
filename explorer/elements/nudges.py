"""Small steps by wheel and arrow keys: which of them are meant for a control, and which make one gesture.

Knows numbers of steps, nothing of values or of widgets.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pygame

SETTLE_SECONDS = 0.6
"""Steps that follow each other more quickly than this are one gesture."""
SCROLL_SECONDS = 0.4
"""For so long after a turn of the wheel, moving the mouse does not turn scrolling into stepping."""
LARGE_STEP = 10
KEY_STEPS = {pygame.K_RIGHT: 1, pygame.K_UP: 1, pygame.K_LEFT: -1, pygame.K_DOWN: -1}


def key_steps(event: pygame.event.Event) -> int:
    """Steps that an arrow key means, ten times as many with Shift; 0 for any other key."""
    if event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META | pygame.KMOD_ALT):
        return 0
    return KEY_STEPS.get(event.key, 0) * (LARGE_STEP if event.mod & pygame.KMOD_SHIFT else 1)


class WheelGuard:
    """The wheel is for a control only if the mouse was moved onto it, not if it came below a scrolling mouse."""

    def __init__(self) -> None:
        self._armed = False
        self._scrolled_at = -SCROLL_SECONDS

    def steps(self, event: pygame.event.Event, *, under_mouse: bool) -> int:
        """To be shown every event; how many steps up it means, 0 for most events."""
        if event.type == pygame.MOUSEMOTION:
            still_scrolling = time.monotonic() - self._scrolled_at < SCROLL_SECONDS
            self._armed = under_mouse and (self._armed or not still_scrolling)
        elif event.type == pygame.MOUSEWHEEL:
            if self._armed and under_mouse:
                return int(event.y or event.x)
            self._scrolled_at = time.monotonic()
        return 0


class Nudges:
    """Joins steps into one gesture: each is told as a "drag", and the last one as a "drop" once nothing follows."""

    def __init__(self, drop: Callable[[], None]) -> None:
        self._drop = drop
        self._left = 0.0

    @property
    def pending(self) -> bool:
        """Whether a drop is still to come."""
        return self._left > 0

    def step(self) -> None:
        """A step was made."""
        self._left = SETTLE_SECONDS

    def pass_time(self, seconds: float) -> None:
        """Tells the drop when it is due."""
        if self._left > 0:
            self._left -= seconds
            if self._left <= 0:
                self._drop()

    def forget(self) -> None:
        """The gesture was ended by something else."""
        self._left = 0.0

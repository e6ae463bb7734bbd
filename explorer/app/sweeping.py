"""Sweeps up the elements of closed dialogs and rebuilt panels, which refer to each other in circles.

Python would find them only after tens of thousands of new objects, and in the meantime their surfaces fill the memory:
ten megabytes for a dialog. And it would look through all that the engine consists of, which takes a tenth of a second.
So what is there once the engine runs is taken out of the search for good (`gc.freeze`), and the rest is swept often,
which takes a millisecond or two. Knows no elements.
"""

from __future__ import annotations

import gc

SWEEP_SECONDS = 1.0


class Sweeper:
    """Belongs to the main loop."""

    def __init__(self) -> None:
        self._sweep_at = 0.0
        self._freezes = True

    def hurry(self) -> None:
        """There is much to sweep up: a whole window, for instance."""
        self._sweep_at = 0.0

    def pass_time(self, now: float, *, engine_runs: bool) -> None:
        """To be called while something happens. now: seconds of a monotonic clock."""
        if not engine_runs or now < self._sweep_at:
            return
        self._sweep_at = now + SWEEP_SECONDS
        if self._freezes:
            self._freezes = False
            if gc.get_freeze_count() == 0:  # asked once: it counts them all, which takes as long as a sweep without it
                gc.freeze()
        else:
            gc.collect()

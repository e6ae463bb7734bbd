"""How large pictures may be while something is dragged, so that they follow the hand. Measured, never assumed.

A smaller picture is a whole one that stops early: the sum of the RGB layers so far (StyleGAN2 paper, section 4.1).
Knows nothing of models or threads.
"""

from __future__ import annotations

from collections.abc import Sequence

PICTURE_SECONDS = 1 / 30
"""a picture that follows the hand takes no longer"""
GRID_SECONDS = 0.12
"""nor do all pictures of the grid together"""
SMALLEST_SHARE = 8
"""drafts are no smaller than the model's side divided by this: less tells nothing of a picture"""
COST_OF_HALF = 0.6
"""what half the side is thought to cost until it is measured, as a share"""
BELIEVED = 0.3
"""how much of another cost than before is believed at once: a single picture may have met the window's own work"""
HOPE = 0.9
"""what is left of the next larger size's cost after each picture so fast that, in proportion, that one would do, too"""


class DraftSizes:
    """Learns what each size costs, and chooses one."""

    def __init__(self, resolutions: Sequence[int]) -> None:
        """resolutions: the sides that the model can stop at, ascending; the last is its own."""
        smallest = resolutions[-1] // SMALLEST_SHARE
        self._sizes = [side for side in resolutions if side >= smallest]
        self._seconds: dict[int, float] = {}

    def choose(self, count: int) -> int:
        """The side for each of `count` pictures, at least 1: the largest that is fast enough, or the smallest."""
        allowed = self._allowed(count)
        fast = [side for side in self._sizes if self.expected(side) <= allowed]
        return fast[-1] if fast else self._sizes[0]

    def expected(self, side: int) -> float:
        """Seconds that a picture of this side takes; 0 while nothing was measured."""
        if side in self._seconds:
            return self._seconds[side]
        larger = [known for known in self._sizes if known > side and known in self._seconds]
        if not larger:
            return 0.0
        steps = self._sizes.index(larger[0]) - self._sizes.index(side)
        return float(self._seconds[larger[0]] * COST_OF_HALF**steps)

    def learn(self, side: int, seconds: float, count: int) -> None:
        """A picture of this side, one of `count`, has taken so long."""
        before = self._seconds.get(side, seconds)
        self._seconds[side] = before + BELIEVED * (seconds - before)
        next_larger = self._sizes.index(side) + 1
        if next_larger < len(self._sizes) and seconds / COST_OF_HALF <= self._allowed(count):
            # What is kept between pictures may have made the larger ones cheap, too: only trying tells.
            self._seconds[self._sizes[next_larger]] = self.expected(self._sizes[next_larger]) * HOPE

    def _allowed(self, count: int) -> float:
        return min(PICTURE_SECONDS, GRID_SECONDS / max(count, 1))

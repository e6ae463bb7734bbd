"""How a seed stands in a field. Seeds wrap around, so that the one before 0 is 4294967295: it is written as −1."""

from __future__ import annotations

from dataclasses import dataclass

from engine.inference.requests import MAX_SEED
from explorer.elements.number_entry import NumberFormat
from explorer.session.seed_plane import WRITTEN_BELOW_ZERO, friendly_seed, wrapped


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedNumbers(NumberFormat):
    """Going below 0 goes on from the other end."""

    low: float = 0
    high: float = MAX_SEED

    def write(self, value: float) -> str:
        """With a sign just below 0."""
        return friendly_seed(wrapped(round(value)))

    def within(self, value: float) -> float:
        """The seed that a number a little beyond the ends means; the end itself for one far beyond."""
        if value < -WRITTEN_BELOW_ZERO:
            return self.low
        return self.high if value > self.high + WRITTEN_BELOW_ZERO else float(wrapped(round(value)))

    def read(self, text: str) -> float | None:
        """A number with either minus sign."""
        return NumberFormat.read(self, text.replace("\N{MINUS SIGN}", "-"))

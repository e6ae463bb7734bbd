"""Seeds as people write them: 0-8,42. Knows nothing of what is done with them."""

from __future__ import annotations

import re

import click

from engine.errors import ConfigError
from engine.inference.requests import MAX_SEED

MAX_SEEDS = 100_000
"""More than anybody means; a slip such as 0-4294967295 is refused instead of filling the memory."""


def parse_seeds(text: str) -> tuple[int, ...]:
    """'0-2,42' -> (0, 1, 2, 42): commas between seeds and ranges, both ends included, in the order written.

    Raises ConfigError with a sentence for anything else.
    """
    seeds: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,10})\s*(?:-\s*([0-9]{1,10})\s*)?", part)
        if match is None:
            raise ConfigError(f"{part.strip()!r} in {text!r} is no seed: write seeds and ranges like 0-8,42")
        first = int(match[1])
        last = first if match[2] is None else int(match[2])
        if last > MAX_SEED or first > MAX_SEED:
            raise ConfigError(f"a seed is a whole number from 0 to {MAX_SEED}, unlike {part.strip()!r}")
        if last < first:
            raise ConfigError(f"the range {part.strip()!r} ends before it begins: write {last}-{first}")
        if len(seeds) + last - first + 1 > MAX_SEEDS:
            raise ConfigError(f"{text!r} asks for more than {MAX_SEEDS} seeds: ask for fewer at a time")
        seeds.extend(range(first, last + 1))
    return tuple(seeds)


class Seeds(click.ParamType):
    """The type of a --seeds option."""

    name = "SEEDS"

    def convert(
        self, value: str | tuple[int, ...], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Fails with the sentence of `parse_seeds`."""
        if isinstance(value, tuple):
            return value
        try:
            return parse_seeds(value)
        except ConfigError as error:
            self.fail(str(error), param, ctx)

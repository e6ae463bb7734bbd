"""The random numbers of one batch of augmentations, one for each picture. Knows no augmentation.

They are drawn on the CPU, so that a seed means the same on every device, and from a generator of their own that is
seeded by one draw of the caller's: what the caller draws next does not depend on p or on which augmentations there
are.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.errors import ConfigError

MAX_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where in a batch some pictures are. Numbers are drawn for the whole batch and taken at these places, so a batch
    that is divided over parts and processes meets the same ones."""

    chosen: range
    """positions in the batch, in the order of the pictures"""
    total: int
    """pictures in the whole batch"""

    @staticmethod
    def whole(count: int) -> Places:
        """All of a batch."""
        return Places(chosen=range(count), total=count)

    def part(self, here: slice) -> Places:
        """Those of these pictures that the slice takes."""
        return Places(chosen=self.chosen[here], total=self.total)

    def of(self, numbers: Tensor) -> Tensor:
        """The rows of `numbers` [total, ...] that belong to these pictures."""
        if self.chosen == range(self.total):
            return numbers
        return numbers[self.chosen.start : self.chosen.stop : self.chosen.step]


def normal_images(seeds: Tensor, shape: tuple[int, ...], device: str | torch.device = "cpu") -> Tensor:
    """Standard normal numbers [N, *shape] on the device, one seed for each picture, int64 [N] on the CPU.

    A process that has only some pictures of a batch draws the numbers of these alone. They differ between kinds of
    device: moving them from the CPU would take longer than a step.
    """
    random = torch.Generator(device)
    images = [torch.randn(shape, generator=random.manual_seed(seed), device=device) for seed in seeds.tolist()]
    return torch.stack(images) if images else torch.empty((0, *shape), device=device)


class Draws:
    """Draws for `count` pictures, of which a share p is to be changed by each operation."""

    def __init__(self, places: Places | int, p: float | Tensor, random: torch.Generator) -> None:
        """places: of the pictures, or how many a whole batch has; p: 0 to 1, a float or a tensor without dimensions;
        takes one number from `random`, which is on the CPU.

        Raises ConfigError for another p.
        """
        self.places = Places.whole(places) if isinstance(places, int) else places
        self.count = len(self.places.chosen)
        self.p = float(p)
        if not 0 <= self.p <= 1:
            raise ConfigError(f"the probability of augmentations is from 0 to 1, not {self.p}")
        seed = torch.randint(MAX_SEED, [], generator=random)
        self.random = torch.Generator().manual_seed(int(seed))

    def happens(self, probability: float | None = None, columns: tuple[int, ...] = ()) -> Tensor:
        """True with probability p, or another one; bool [count, *columns]."""
        return self.uniform(0, 1, columns) < (self.p if probability is None else probability)

    def uniform(self, low: float, high: float, columns: tuple[int, ...] = ()) -> Tensor:
        """Uniform in [low, high); float64 [count, *columns]."""
        numbers = torch.rand((self.places.total, *columns), dtype=torch.float64, generator=self.random)
        return low + (high - low) * self.places.of(numbers)

    def integers(self, end: int) -> Tensor:
        """0 to end - 1, as numbers to calculate with; float64 [count]."""
        return self.places.of(torch.randint(end, (self.places.total,), generator=self.random)).double()

    def seeds(self) -> Tensor:
        """For numbers that a picture has many of; int64 [count]."""
        return self.places.of(torch.randint(MAX_SEED, (self.places.total,), generator=self.random))

    def normal(self, std: float, columns: tuple[int, ...] = ()) -> Tensor:
        """Normal around 0; float64 [count, *columns]."""
        numbers = torch.randn((self.places.total, *columns), dtype=torch.float64, generator=self.random)
        return std * self.places.of(numbers)

    def octaves(self, std: float, columns: tuple[int, ...] = ()) -> Tensor:
        """2^x with x normal around 0; float64 [count, *columns]."""
        return torch.exp2(self.normal(std, columns))

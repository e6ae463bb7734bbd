"""The random numbers of one batch of augmentations, one for each picture. Knows no augmentation.

They are drawn on the CPU, so that a seed means the same on every device, and from a generator of their own that is
seeded by one draw of the caller's: what the caller draws next does not depend on p or on which augmentations there
are.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.errors import ConfigError

MAX_SEED = 2**63 - 1


class Draws:
    """Draws for `count` pictures, of which a share p is to be changed by each operation."""

    def __init__(self, count: int, p: float | Tensor, random: torch.Generator) -> None:
        """p: 0 to 1, a float or a tensor without dimensions; takes one number from `random`, which is on the CPU.

        Raises ConfigError for another p.
        """
        self.count = count
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
        numbers = torch.rand((self.count, *columns), dtype=torch.float64, generator=self.random)
        return low + (high - low) * numbers

    def integers(self, end: int) -> Tensor:
        """0 to end - 1, as numbers to calculate with; float64 [count]."""
        return torch.randint(end, (self.count,), generator=self.random).double()

    def normal(self, std: float, columns: tuple[int, ...] = ()) -> Tensor:
        """Normal around 0; float64 [count, *columns]."""
        return std * torch.randn((self.count, *columns), dtype=torch.float64, generator=self.random)

    def octaves(self, std: float, columns: tuple[int, ...] = ()) -> Tensor:
        """2^x with x normal around 0; float64 [count, *columns]."""
        return torch.exp2(self.normal(std, columns))

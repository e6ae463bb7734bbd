"""Draws that remember what they gave, for references that compute with the same numbers."""

import torch

from engine.training.augment.draws import Draws


class RecordedDraws(Draws):
    """Everything happens if p is 1; `log` holds the parameters in the order in which they were drawn."""

    def __init__(self, count, p=1.0, seed=0):
        super().__init__(count, p, torch.Generator().manual_seed(seed))
        self.log = []
        self.coins = []
        self._in_coin = False

    def happens(self, probability=None, columns=()):
        self._in_coin = True
        coin = super().happens(probability, columns)
        self._in_coin = False
        self.coins.append((self.p if probability is None else probability, coin))
        return coin

    def uniform(self, low, high, columns=()):
        return self._note(super().uniform(low, high, columns))

    def integers(self, end):
        return self._note(super().integers(end))

    def normal(self, std, columns=()):
        return self._note(super().normal(std, columns))

    def _note(self, numbers):
        if not self._in_coin:
            self.log.append(numbers.numpy().copy())
        return numbers


def binomial_bound(share, count):
    """Five standard deviations of an observed share."""
    return 5 * (share * (1 - share) / count) ** 0.5 + 1e-12

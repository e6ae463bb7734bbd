"""The best snapshot so far: its verdict and its weights. Knows nothing of how snapshots are judged."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from engine.networks.generator import Generator


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Best:
    """What `network-best.safetensors` holds. A checkpoint carries it whole: the file may be ahead of the checkpoint
    that a run goes on from, and then its weights come from steps that never were."""

    metric: str
    """such as kid_squeezenet; lower is better"""
    value: float
    cur_nimg: int
    weights: Mapping[str, Tensor]
    """of G_ema, by name, on the CPU"""

    @staticmethod
    def of(G_ema: Generator, *, metric: str, value: float, cur_nimg: int) -> Best:
        """A copy of the weights as they are now."""
        weights = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in G_ema.state_dict().items()}
        return Best(metric=metric, value=value, cur_nimg=cur_nimg, weights=weights)

    def generator(self, like: Generator) -> Generator:
        """A generator of the same kind as `like`, with these weights, on the CPU."""
        G = copy.deepcopy(like).cpu()
        G.load_state_dict(dict(self.weights))
        return G

"""One optimizer step on the mean loss of a batch that goes through the networks in parts, in one process or several.

Knows nothing of which loss it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.errors import OutOfMemoryError
from engine.inference.devices import is_out_of_memory
from engine.training.augment.draws import Places
from engine.training.distributed import ALONE, Processes

Stats = dict[str, Tensor]
"""Detached means over pictures, by name; still on the device, so that reading them is the caller's choice of when to
wait."""
Trained = tuple[nn.Module, torch.optim.Optimizer]
"""A network and its optimizer"""


@dataclass(slots=True, kw_only=True)
class MemoryUse:
    """How much of this process's pictures goes through the networks at once."""

    part: int
    """pictures"""
    smallest: int
    """pictures that must stay together: the groups of the minibatch deviation"""
    on_change: Callable[[int], None] = lambda part: None
    """called with the new size of a part"""

    def slices(self, count: int) -> list[slice]:
        """The parts that `count` pictures are divided into: every k-th one, as the groups of the minibatch deviation
        are made, so that these stay as they are."""
        parts = -(-count // self.part)
        return [slice(first, count, parts) for first in range(parts)]

    def halve(self) -> None:
        """Half as much from now on, or as near to it as whole groups allow. Raises OutOfMemoryError if a part cannot
        be smaller."""
        smaller = smaller_parts(self.part, self.smallest)
        if not smaller:
            raise OutOfMemoryError(
                f"there is not enough memory to train on {self.part} pictures at once: use a smaller --resolution, "
                "--channel-max or --batch, and close other programs"
            )
        self.part = smaller[0]
        self.on_change(self.part)


def smaller_parts(part: int, smallest: int) -> list[int]:
    """The sizes that `part` pictures divide into without a rest and without breaking a group, largest first."""
    return [size for size in range(part // 2, 0, -1) if part % size == 0 and size % smallest == 0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of the pictures of a batch."""

    here: slice
    """among those of this process"""
    places: Places
    """in the whole batch"""


LossOfPart = Callable[[Part], tuple[Tensor, Stats]]
"""The mean loss of a part, and means to be told or to be kept; called again after running out of memory, so it changes
nothing that lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """How a batch is divided."""

    memory: MemoryUse
    processes: Processes = ALONE


def optimize(trained: tuple[Trained, ...], count: int, division: Division, loss_of: LossOfPart) -> Stats:
    """One step of each optimizer on the mean loss over all parts of `count` pictures; returns the statistics' means.

    Where a device runs out of memory, the phase begins again with smaller parts in every process: no weight has
    changed yet.
    """
    while True:
        means = _accumulate_if_memory_allows(trained, count, division, loss_of)
        if not division.processes.any(means is None):
            break
        division.memory.halve()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
    assert means is not None
    gradients = [p.grad for network, _ in trained for p in network.parameters() if p.grad is not None]
    division.processes.add_up([*gradients, *means.values()])
    for gradient in gradients:
        torch.nan_to_num(gradient, nan=0.0, posinf=1e5, neginf=-1e5, out=gradient)
    for _, optimizer in trained:
        optimizer.step()
    return means


def _accumulate_if_memory_allows(
    trained: tuple[Trained, ...], count: int, division: Division, loss_of: LossOfPart
) -> Stats | None:
    """Sums up this process's share of gradients and means; None if the device ran out of memory."""
    try:
        return _accumulate(trained, count, division, loss_of)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
    return None


def _accumulate(trained: tuple[Trained, ...], count: int, division: Division, loss_of: LossOfPart) -> Stats:
    for _, optimizer in trained:
        optimizer.zero_grad(set_to_none=True)
    places = division.processes.places(count)
    means: Stats = {}
    for here in division.memory.slices(len(places.chosen)):
        part = Part(here=here, places=places.part(here))
        share = len(part.places.chosen) / count
        loss, stats = loss_of(part)
        (loss * share).backward()
        for name, value in stats.items():
            weighted = value.detach().float() * share
            means[name] = means[name] + weighted if name in means else weighted
    return means

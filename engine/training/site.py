"""Where a run happens: its device, the processes that share it, what fits there and how fast it is. Knows nothing of
pictures or files."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch

from engine.errors import OutOfMemoryError
from engine.training.config import TrainConfig
from engine.training.distributed import Processes
from engine.training.feature_discriminator import MBSTD_GROUP
from engine.training.measuring import MemoryNeed, img_per_second, memory_need, trial_context
from engine.training.phase import MemoryUse, smaller_parts
from engine.training.planning import Asked, plan_sentence, planned, planned_batch
from engine.training.step import path_length_batch

GIGABYTE = 2**30
MEASURING_SHARE = 0.05
"""of a run's minutes, after which no further step is timed"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a run happens, and who is told."""

    device: str
    processes: Processes
    tell: Callable[[str], None]
    gigabytes: float | None = None
    """of memory that each process may use; None for what there is"""

    def claim(self) -> None:
        """Holds a GPU to its gigabytes, if there is a limit."""
        if self.device == "cuda" and self.gigabytes is not None:
            total = torch.cuda.get_device_properties(torch.cuda.current_device()).total_memory
            torch.cuda.set_per_process_memory_fraction(min(self.gigabytes * GIGABYTE / total, 1.0))

    def shared(self, config: TrainConfig | None) -> TrainConfig:
        """The first process's configuration, which is never None. Raises ConfigError if the processes cannot share
        its batch."""
        values = self.processes.from_first(None if config is None else config.to_dict())
        same = config if config is not None and self.processes.is_first else TrainConfig.from_dict(values)
        lengths = path_length_batch(same) if same.loss.path_length_weight else None
        self.processes.check_batch(same.batch, together(same), lengths)
        return same

    def memory(self, config: TrainConfig) -> MemoryUse:
        """Parts of the batch that fit into the gigabytes, where there is a limit. Raises OutOfMemoryError if none
        does."""
        part = config.batch // self.processes.count
        if self.gigabytes is not None:
            context = trial_context(config, self.device, part=part, smallest=together(config), processes=self.processes)
            need = memory_need(config, context)
            fitting = part_within(need, part, together(config), self.gigabytes * GIGABYTE)
            part = int(self.processes.from_first(fitting))
            how = "as measured" if self.device == "cuda" else "by an estimate, to which nothing holds the process"
            self.tell(
                f"Within {self.gigabytes:g} GB, {part} of {config.batch // self.processes.count} pictures go through "
                f"the networks at a time and take {need.of(part) / GIGABYTE:.2f} GB, {how}"
            )
        return MemoryUse(
            part=part,
            smallest=together(config),
            on_change=lambda part: self.tell(
                f"Out of memory: batches of {config.batch} now go through the networks {part} pictures at a time, "
                "which is slower"
            ),
        )

    def pace(self, config: TrainConfig, minutes: float) -> float:
        """Pictures a second, measured in a small share of so many minutes."""
        part = config.batch // self.processes.count
        context = trial_context(config, self.device, part=part, smallest=together(config), processes=self.processes)
        return img_per_second(config, context, minutes * 60 * MEASURING_SHARE)

    def planned(
        self, config: TrainConfig, minutes: float, asked: Asked, with_batch: Callable[[int], TrainConfig] | None
    ) -> TrainConfig:
        """The configuration for so many minutes; with_batch: the same one with another batch, None if the batch is
        not to be changed. Says what the plan is."""
        pace = self.pace(config, minutes)
        if with_batch is not None:
            batch = planned_batch(config.batch, together(config) * self.processes.count, pace * minutes * 60)
            if batch != config.batch:
                config = with_batch(batch)
                pace = self.pace(config, minutes)
        config = planned(config, minutes, pace, asked)
        self.tell(plan_sentence(config))
        return config


def together(config: TrainConfig) -> int:
    """Pictures that must go through the networks at once: the groups of every minibatch deviation."""
    group = min(config.discriminator.mbstd_group_size or config.batch, config.batch)
    return group if config.features is None else math.lcm(group, min(MBSTD_GROUP, config.batch))


def part_within(need: MemoryNeed, part: int, smallest: int, limit_bytes: float) -> int:
    """The largest part of at most `part` pictures that stays within the limit. Raises OutOfMemoryError if none does."""
    sizes = [part, *smaller_parts(part, smallest)]
    for size in sizes:
        if need.of(size) <= limit_bytes:
            return size
    raise OutOfMemoryError(
        f"{sizes[-1]} pictures at once, the fewest that training can do with, take {need.of(sizes[-1]) / GIGABYTE:.2f} "
        f"GB, more than the {limit_bytes / GIGABYTE:g} GB of --vram: use a higher limit, a smaller --resolution or a "
        "smaller --channel-max"
    )

"""The schedule around the training step: report, snapshot, checkpoint, done?, step, EMA.

Randomness is a function of the position in the run, so a resumed run equals an uninterrupted one. What is written and
told is the business of `engine.training.record`.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from engine.data.batches import to_float
from engine.errors import DataError, TrainingError
from engine.training.augmentation import augmentation
from engine.training.checkpoint import CHECKPOINT_NAME, copy_from_first, open_checkpoint, restore
from engine.training.config import TrainConfig
from engine.training.distributed import ALONE, Processes
from engine.training.ema import ema_beta, update_ema
from engine.training.phase import MemoryUse, Stats
from engine.training.precision import is_clamped, low_precision
from engine.training.record import RETRY_SECONDS, NoRecord, Observers, Record, Report, ShownData, open_judge
from engine.training.run_folder import RunFolder
from engine.training.sampling import step_generator
from engine.training.state import TrainState
from engine.training.step import StepContext, train_step


class TrainingData(ShownData, Protocol):
    """Where real pictures come from; `engine.data.batches.Batches` is one."""

    def at(self, cur_nimg: int) -> Tensor:
        """The batch at this position: uint8 [N, C, H, W]."""

    def labels_at(self, cur_nimg: int) -> Tensor:
        """Its labels: float32 [N, c_dim]."""


@dataclass(slots=True, kw_only=True)
class _Tick:
    """What has happened since the last report."""

    start_nimg: int
    start_seconds: float
    waited_seconds: float = 0.0
    """for pictures"""
    sums: dict[str, Tensor] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, stats: Stats) -> None:
        for name, value in stats.items():
            self.sums[name] = self.sums[name] + value if name in self.sums else value
            self.counts[name] = self.counts.get(name, 0) + 1

    def means(self) -> dict[str, float]:
        return {name: float(total) / self.counts[name] for name, total in self.sums.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A training run: what it trains on, where it writes, and who watches."""

    config: TrainConfig
    data: TrainingData
    data_fingerprint: str
    folder: RunFolder
    device: str
    memory: MemoryUse
    processes: Processes = ALONE
    """those that train together; the first one decides and writes"""
    observers: Observers = field(default_factory=Observers)
    patience_seconds: float = 600.0
    """how long the last checkpoint may take to find room on the disk"""
    tensorboard: bool = False
    """whether the statistics are written as TensorBoard events, too"""

    def train(self, state: TrainState) -> None:
        """Trains until the schedule's end or until an observer asks to stop; the last state is on disk then.

        Raises TrainingError if the losses are no longer numbers or the last checkpoint cannot be written, DataError
        if the pictures are gone, and OutOfMemoryError; the last checkpoint is whole in each case.
        """
        record = self._record()
        try:
            record.begin(state)
            self._train(state, record)
        finally:
            record.close()

    def _train(self, state: TrainState, record: Record | NoRecord) -> None:
        schedule = self.config.schedule
        tick = self._new_tick(state)
        next_snapshot = _next_multiple(state.cur_nimg, schedule.snapshot_kimg)
        next_checkpoint = state.seconds + schedule.checkpoint_minutes * 60
        while True:
            done = self.processes.any(self._is_done(state) or self.observers.should_stop())
            snapshot_due = done or state.cur_nimg >= next_snapshot
            checkpoint_due = snapshot_due or state.seconds >= next_checkpoint
            if checkpoint_due or state.cur_nimg >= tick.start_nimg + schedule.tick_kimg * 1000:
                means = tick.means()
                if not _all_finite(means) or (checkpoint_due and not state.is_finite()):
                    record.went_back(state, self._go_back(state))
                    tick = self._new_tick(state)
                    continue
                verdict = record.verdict(state) if snapshot_due else {}
                if means:
                    record.report(state, self._report(state, tick, means | verdict))
                tick = self._new_tick(state)
            if checkpoint_due:
                failed = self.processes.any(not record.checkpoint(state, last=done))
                next_checkpoint = state.seconds + (RETRY_SECONDS if failed else schedule.checkpoint_minutes * 60)
            if snapshot_due:
                record.snapshot(state)
                next_snapshot = _next_multiple(state.cur_nimg, schedule.snapshot_kimg)
            if done:
                return
            try:
                tick.add(self._step(state, tick))
            except DataError:  # the pictures are gone; the step has not begun, and what was learnt is not lost
                if state.is_finite():
                    record.checkpoint(state)
                raise
            self.observers.on_step(state.cur_nimg, state.seconds)

    def _step(self, state: TrainState, tick: _Tick) -> Stats:
        started = time.perf_counter()
        pixels, real_c = self.data.at(state.cur_nimg), self.data.labels_at(state.cur_nimg)
        tick.waited_seconds += time.perf_counter() - started
        real_img = to_float(pixels.to(self.device)).contiguous(memory_format=torch.channels_last)
        stats = train_step(state, real_img, real_c.to(self.device), self._context(state.cur_nimg))
        state.cur_nimg += self.config.batch
        state.step += 1
        update_ema(state.G_ema, state.G, ema_beta(self.config.ema, self.config.batch, state.cur_nimg))
        state.seconds = self.processes.from_first(state.seconds + time.perf_counter() - started)
        return stats

    def _context(self, cur_nimg: int) -> StepContext:
        return StepContext(
            config=self.config,
            device=self.device,
            low_precision=low_precision(self.config.precision, self.device, clamped=is_clamped(self.config)),
            random=step_generator(self.config.seed, cur_nimg),
            augment=augmentation(self.config.augmentation),
            random_labels=self.data.random_labels,
            memory=self.memory,
            processes=self.processes,
        )

    def _is_done(self, state: TrainState) -> bool:
        schedule = self.config.schedule
        enough_kimg = schedule.kimg is not None and state.cur_nimg >= schedule.kimg * 1000
        return enough_kimg or (schedule.minutes is not None and state.seconds >= schedule.minutes * 60)

    def _new_tick(self, state: TrainState) -> _Tick:
        return _Tick(start_nimg=state.cur_nimg, start_seconds=state.seconds)

    def _report(self, state: TrainState, tick: _Tick, stats: dict[str, float]) -> Report:
        seconds = max(state.seconds - tick.start_seconds, 1e-9)
        return Report(
            cur_nimg=state.cur_nimg,
            seconds=state.seconds,
            img_per_second=(state.cur_nimg - tick.start_nimg) / seconds,
            stats=stats | {"data_wait": tick.waited_seconds / seconds},
        )

    def _record(self) -> Record | NoRecord:
        if not self.processes.is_first:
            return NoRecord()
        return Record(
            config=self.config,
            data=self.data,
            data_fingerprint=self.data_fingerprint,
            folder=self.folder,
            device=self.device,
            observers=self.observers,
            patience_seconds=self.patience_seconds,
            tensorboard=self.tensorboard,
            judge=open_judge(self.config.judge, self.data, self.device, self.observers.on_message),
        )

    def _go_back(self, state: TrainState) -> str:
        """To the last checkpoint, once, with steps of half the length; a second time ends the run. Says so."""
        path = self.folder.path / CHECKPOINT_NAME
        there_is_one = self.processes.any(self.processes.is_first and path.exists())
        where = f"the training diverged: the losses are no longer numbers at {state.cur_nimg / 1000:.1f} kimg"
        advice = "begin again with a higher --gamma or a lower --learning-rate"
        if not there_is_one:
            raise TrainingError(f"{where}, and there is no checkpoint yet to go back to: {advice}")
        if state.learning_rate_factor < 1:
            raise TrainingError(f"{where}, with a lower learning rate, too. The last checkpoint is {path}: {advice}")
        if self.processes.is_first:
            restore(state, open_checkpoint(path))
        copy_from_first(state, self.processes)
        state.lower_learning_rate(0.5)
        return f"{where.capitalize()}. Going on from {state.cur_nimg / 1000:.1f} kimg with half the learning rate"


def _all_finite(values: dict[str, float]) -> bool:
    return all(math.isfinite(value) for value in values.values())


def _next_multiple(cur_nimg: int, kimg: float) -> int:
    interval = max(int(kimg * 1000), 1)
    return (cur_nimg // interval + 1) * interval

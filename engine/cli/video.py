"""`stylegan video`: a walk through seeds, or a timeline, as a film."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli.opening import DEVICE_NAMES, PRECISION_HELP, PRECISION_NAMES, open_renderer, progress_bar
from engine.cli.seeds import Seeds
from engine.cli.video_options import Pair, VideoOptions, plan_of_seeds, plans_of_files
from engine.errors import ConfigError, EngineError, ExportStoppedError
from engine.inference.new_file import require_new
from engine.inference.requests import NOISE_MODES
from engine.video.easing import EASINGS
from engine.video.formats import FORMATS
from engine.video.plan import FITS, VideoPlan
from engine.video.side_by_side import SPREADS
from engine.video.timeline import INTERPOLATIONS, PACES

if TYPE_CHECKING:
    from engine.inference.renderer import Renderer
    from engine.video.job_folder import Job

_FILE = click.Path(path_type=Path)
_EASING_HELP = f"Of the transitions between seeds: {', '.join(EASINGS)}, or the handles of a curve, x1,y1,x2,y2."

GO_ON = "with --resume the same command goes on from what is finished"
_WALKS_HELP = "What a grid makes of one --timeline: begun at other moments, or of other seeds."


@click.command()
@click.option("--model", type=_FILE, help="Model file; without it, the bundled critters.")
@click.option("--seeds", type=Seeds(), help="Seeds in the order of the walk, such as 1,5,9.")
@click.option("--timeline", "timelines", type=_FILE, multiple=True, help="A timeline, or the .json beside a video.")
@click.option("--trunc", type=float, default=1.0, show_default=True, metavar="PSI", help="Truncation psi of seeds.")
@click.option("--noise-mode", type=click.Choice(NOISE_MODES), default="const", show_default=True)
@click.option("--class", "class_index", type=int, metavar="N", help="Class, for a model that has some; default 0.")
@click.option("--seconds", type=float, default=2.0, show_default=True, help="From one seed to the next.")
@click.option("--hold", type=float, default=0.0, show_default=True, help="Seconds for which each seed stays.")
@click.option("--easing", default="linear", show_default=True, help=_EASING_HELP)
@click.option("--interp", "interpolation", type=click.Choice(INTERPOLATIONS), help="Way between keys; default linear.")
@click.option("--pace", type=click.Choice(PACES), help="Speed; even is the same change in every frame; default eased.")
@click.option("--noise-loop", type=int, metavar="TURNS", help="Noise on a closed way, so often round; 0: fixed.")
@click.option("--noise-moves", type=float, metavar="SHARE", help="How much of that noise moves, 0 to 1; default 1.")
@click.option("--loop/--no-loop", default=None, help="Whether the walk returns to its start; default yes.")
@click.option("--fps", type=int, help="Frames a second; default 30.")
@click.option("--format", type=click.Choice(FORMATS), help="By default what the output's name ends in says.")
@click.option("--size", type=Pair(), help="Pixels; by default the model's, but at least 256.")
@click.option("--fit", type=click.Choice(FITS), default="letterbox", show_default=True, help="In another shape.")
@click.option("--grid", type=Pair(), default="1x1", show_default=True, help="Walks side by side: columns x rows.")
@click.option("--walks", type=click.Choice(SPREADS), default="phases", show_default=True, help=_WALKS_HELP)
@click.option("--quality", type=int, default=80, show_default=True, help="1 to 100.")
@click.option("--supersampling", type=int, default=1, show_default=True, help="Pictures averaged in each frame.")
@click.option("--audio", "sound", type=_FILE, help="A sound (wav, mp3, flac, ...) that goes along.")
@click.option("--no-audio", "no_sound", is_flag=True, help="Leave out the sound that a timeline goes with.")
@click.option("--audio-start", "sound_start", type=float, default=0.0, help="Seconds into it where the video begins.")
@click.option("--snap", is_flag=True, help="Move the keys to the nearest beats of the sound.")
@click.option("--drive", multiple=True, metavar="WHAT:BAND:AMOUNT", help="Let it drive psi, mix, noise, or seed=N.")
@click.option("--device", type=click.Choice(DEVICE_NAMES), default="auto", show_default=True)
@click.option("--precision", type=click.Choice(PRECISION_NAMES), default="auto", show_default=True, help=PRECISION_HELP)
@click.option("--batch", type=int, help="Pictures that are rendered together; by default what suits the device.")
@click.option("--workers", type=int, default=1, show_default=True, help="Videos at a time, with several timelines.")
@click.option("--resume", is_flag=True, help="Go on with this video, if its making was cut off.")
@click.option("-o", "--output", "path", type=_FILE, required=True, help="File, or with several timelines the folder.")
def video(**values: Any) -> None:  # click hands every option over by name: they are the fields of one value
    """Make a film that walks through seeds or along a timeline. An existing file is never overwritten.

    The name says what it becomes: .mp4, .webm, .gif, .webp, .apng, or a folder of PNG files without a suffix.
    With --resume and no seeds, a video that was cut off is finished as it was begun.
    """
    try:
        options = VideoOptions(**values)
        for written in _make(options):
            click.echo(str(written))
    except EngineError as error:
        raise click.ClickException(str(error)) from error


def _make(options: VideoOptions) -> Sequence[Path]:
    options.check()
    for path in options.paths:
        if len(options.paths) == 1 or path.parent.is_dir():
            require_new(path)
    if options.resume and options.seeds is None and not options.timelines:
        return [_go_on(options)]
    if len(options.timelines) > 1:
        from engine.cli.video_workers import make_all

        return make_all(options, plans_of_files(options))
    plan = plans_of_files(options)[0] if options.timelines else None  # refused before the model is opened
    renderer = open_renderer(options.model, options.device, options.precision)
    make_one(renderer, plan or plan_of_seeds(options, renderer.info.c_dim), options, shown=True)
    return options.paths


def make_one(renderer: Renderer, plan: VideoPlan, options: VideoOptions, *, shown: bool) -> None:
    """Exports a plan; what is finished stays for --resume if it fails. Raises EngineError."""
    from engine.video.export import ExportOptions, export_video

    how = ExportOptions(
        batch=options.batch,
        resume=options.resume,
        keep=True,
        model=None if options.model is None else str(options.model.resolve()),
    )
    bar = progress_bar()
    bar.disable = bar.disable or not shown
    try:
        with contextlib.closing(export_video(renderer, plan, how)) as steps, bar:
            task = bar.add_task("Frames", total=plan.frame_count)
            for step in steps:
                stage = {"measuring": "Measuring", "finishing": "Finishing"}.get(step.stage, "Frames")
                bar.update(task, description=stage, completed=step.done, total=step.total)
    except KeyboardInterrupt as error:
        if _unfinished(plan.path):
            raise ExportStoppedError(f"{plan.path} was stopped; {GO_ON}") from error
        raise
    except EngineError as error:
        if _unfinished(plan.path):
            raise type(error)(f"{error}; {GO_ON}") from error
        raise


def _unfinished(path: Path) -> list[Job]:
    from engine.video.job_folder import unfinished_jobs

    jobs = []
    for folder in unfinished_jobs(path):
        jobs.append(folder.job)
        folder.close()
    return jobs


def _go_on(options: VideoOptions) -> Path:
    """The video that was cut off, from what its job remembers."""
    from dataclasses import replace

    jobs = _unfinished(options.path)
    if not jobs:
        raise ConfigError(f"there is no unfinished video {options.path} to go on with: make it with --seeds")
    job = jobs[-1]
    model = options.model or (None if job.model is None else Path(job.model))
    renderer = open_renderer(model, options.device, options.precision)
    if renderer.info.content_id != job.content_id:
        raise ConfigError(f"{options.path} was begun with another model: name that one with --model")
    make_one(renderer, job.plan, replace(options, model=model), shown=True)
    return options.path

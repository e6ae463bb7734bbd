"""`stylegan video`: a walk through seeds as an MP4 file."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.opening import (
    DEVICE_NAMES,
    PRECISION_HELP,
    PRECISION_NAMES,
    looks_of_seeds,
    open_renderer,
    progress_bar,
)
from engine.cli.seeds import Seeds
from engine.errors import EngineError
from engine.inference.new_file import require_new
from engine.inference.requests import NOISE_MODES
from engine.inference.video_plan import VideoPlan

if TYPE_CHECKING:
    from engine.inference.renderer import Renderer


@click.command()
@click.option("--model", type=click.Path(path_type=Path), help="Model file; without it, the bundled critters.")
@click.option("--seeds", type=Seeds(), required=True, help="Seeds in the order of the walk, such as 1,5,9.")
@click.option("--trunc", type=float, default=1.0, show_default=True, metavar="PSI", help="Truncation psi.")
@click.option("--noise-mode", type=click.Choice(NOISE_MODES), default="const", show_default=True)
@click.option("--class", "class_index", type=int, metavar="N", help="Class, for a model that has some; default 0.")
@click.option("--seconds", type=float, default=2.0, show_default=True, help="From one seed to the next.")
@click.option("--fps", type=int, default=30, show_default=True, help="Frames a second.")
@click.option("--loop/--no-loop", default=True, show_default=True, help="Whether the walk returns to its start.")
@click.option("--size", type=int, help="Height and width in pixels; by default the model's, but at least 256.")
@click.option("--device", type=click.Choice(DEVICE_NAMES), default="auto", show_default=True)
@click.option("--precision", type=click.Choice(PRECISION_NAMES), default="auto", show_default=True, help=PRECISION_HELP)
@click.option("-o", "--output", "path", type=click.Path(path_type=Path), required=True, help="The MP4 file to make.")
def video(  # click hands every option over by name
    model: Path | None,
    seeds: tuple[int, ...],
    trunc: float,
    noise_mode: str,
    class_index: int | None,
    seconds: float,
    fps: int,
    loop: bool,
    size: int | None,
    device: str,
    precision: str,
    path: Path,
) -> None:
    """Make an MP4 that walks through W from seed to seed. An existing file is never overwritten."""
    try:
        require_new(path)
        renderer = open_renderer(model, device, precision)
        looks = looks_of_seeds(
            seeds, psi=trunc, noise_mode=noise_mode, class_index=class_index, c_dim=renderer.info.c_dim
        )
        plan = VideoPlan(looks=looks, path=path, seconds_per_step=seconds, fps=fps, loop=loop, size=size)
        _export(renderer, plan)
    except EngineError as error:
        raise click.ClickException(str(error)) from error
    click.echo(str(path))


def _export(renderer: Renderer, plan: VideoPlan) -> None:
    from engine.inference.video import export_video

    with contextlib.closing(export_video(renderer, plan)) as frames, progress_bar() as progress:
        for _ in progress.track(frames, total=plan.frame_count, description="Frames"):
            pass

"""Several videos at a time, each in a process of its own that opens the model for itself."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from engine.cli.opening import open_renderer, progress_bar
from engine.cli.video_options import VideoOptions
from engine.errors import ConfigError, EngineError, ExportError
from engine.video.plan import VideoPlan

MAX_WORKERS = 64


def make_all(options: VideoOptions, plans: Sequence[VideoPlan]) -> list[Path]:
    """The paths, in the order of the plans. Raises the first failure once all videos have ended."""
    if not 1 <= options.workers <= MAX_WORKERS:
        raise ConfigError(f"1 to {MAX_WORKERS} videos can be made at a time, not {options.workers}")
    try:
        options.path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"the folder {options.path} cannot be made ({error.strerror or error})") from error
    failures: list[EngineError] = []
    # A fresh interpreter for each: torch does not survive a fork once it has started its threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(options.workers, len(plans)), mp_context=context) as pool, progress_bar() as bar:
        task = bar.add_task("Videos", total=len(plans))
        for made in [pool.submit(_make, options, plan) for plan in plans]:
            try:
                made.result()
            except EngineError as error:
                failures.append(error)
            bar.advance(task)
    if failures:
        raise failures[0]
    return [plan.path for plan in plans]


def _make(options: VideoOptions, plan: VideoPlan) -> None:
    from engine.cli.video import make_one

    renderer = open_renderer(options.model, options.device, options.precision)
    make_one(renderer, plan, options, shown=False)

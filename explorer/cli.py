"""The command `stylegan-explorer`. Imports neither torch nor pygame until the options are understood."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.errors import EngineError
from explorer.app.options import MIN_SIZE, AppOptions
from explorer.session.document import MAX_SIDE

if TYPE_CHECKING:
    from explorer.worker.render_worker import RenderWorker

SCREENSHOT_SUFFIX = ".png"
FAILED = 1
INTERRUPTED = 130
"""As a shell reports Ctrl-C."""


class Extent(click.ParamType):
    """Two whole numbers with an x between them."""

    def __init__(self, name: str, low: tuple[int, int], high: tuple[int, int]) -> None:
        self.name = name
        self._low = low
        self._high = high

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Raises click.BadParameter with the range that is possible."""
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"\s*(\d{1,5})\s*[x×]\s*(\d{1,5})\s*", str(value))
        if match is None:
            self.fail(f"{value!r} is not of the form {self.name}, for example {self._example()}", param, ctx)
        pair = int(match[1]), int(match[2])
        inside = all(low <= n <= high for low, n, high in zip(self._low, pair, self._high, strict=True))
        if not inside:
            self.fail(
                f"{value} is not possible: from {self._low[0]}x{self._low[1]} to {self._high[0]}x{self._high[1]}",
                param,
                ctx,
            )
        return pair

    def _example(self) -> str:
        return f"{self._low[0]}x{self._low[1]}"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--model", type=click.Path(path_type=Path), help="Model file; without it the bundled one.")
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda", "mps"]),
    default="auto",
    show_default=True,
    help="Where pictures are computed.",
)
@click.option(
    "--precision",
    type=click.Choice(["auto", "float32", "bf16", "fp16"]),
    default="auto",
    show_default=True,
    help="Number type of the high resolutions: auto is bf16 or fp16 where the device has it, else float32.",
)
@click.option(
    "--size",
    type=Extent("WIDTHxHEIGHT", MIN_SIZE, (16384, 16384)),
    help="Size of the window in pixels; without it that of the last session, at first 1440x900, more where pixels are "
    "small.",
)
@click.option(
    "--grid",
    type=Extent("ROWSxCOLUMNS", (1, 1), (MAX_SIDE, MAX_SIDE)),
    help="Pictures at the start; without it those of the last session, at first 3x3.",
)
@click.option(
    "--session",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Open this session, and save every change to it.",
)
@click.option("--new", is_flag=True, help="Start afresh instead of where the last session ended.")
@click.option(
    "--screenshot",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the window to this PNG once everything is drawn, and end.",
)
def main(
    model: Path | None,
    device: str,
    precision: str,
    size: tuple[int, int] | None,
    grid: tuple[int, int] | None,
    session: Path | None,
    new: bool,
    screenshot: Path | None,
) -> None:
    """Explore the latent space of a StyleGAN2 generator in a window."""
    if new and session is not None and session.exists():
        raise click.UsageError(f"--new would replace {session}: name a session that does not exist yet")
    if screenshot is not None and screenshot.suffix.lower() != SCREENSHOT_SUFFIX:
        raise click.UsageError(f"a screenshot is a PNG: {screenshot} does not end in {SCREENSHOT_SUFFIX}")
    options = AppOptions(
        model=model,
        device=device,
        precision=precision,
        size=size,
        grid=grid,
        screenshot=screenshot,
        session=session,
        new=new,
    )
    try:
        _run(options)
    except EngineError as error:
        _tell(error)
        sys.exit(FAILED)


def _run(options: AppOptions) -> None:
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    if options.screenshot is None:
        from explorer.app.first_window import show_first_window  # pygame comes with it

        show_first_window(options)
    from explorer.worker.render_worker import RenderWorker

    worker = RenderWorker.in_a_process(options.device, options.precision)
    worker.start()  # it has a lot to import, and does so beside the window
    try:
        code = _show(options, worker)
    except KeyboardInterrupt:
        code = INTERRUPTED
    finally:
        worker.stop()
    sys.exit(code)


def _show(options: AppOptions, worker: RenderWorker) -> int:
    """Until the window is closed; the exit status. Raises WindowError."""
    from explorer.app.main_loop import App  # this takes its time

    app = App(options, worker)
    try:
        app.start()
        if options.screenshot is None:
            app.run()
        else:
            app.run_for_screenshot(options.screenshot)
    except EngineError as error:
        _tell(error)
        return FAILED
    finally:
        app.close()
    return 0


def _tell(error: EngineError) -> None:
    click.echo(f"stylegan-explorer: {error}", err=True)

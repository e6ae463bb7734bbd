"""`stylegan dataset`: pictures of any kind to one zip archive that this and other trainers read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from engine.cli.opening import progress_bar
from engine.cli.train import Colour
from engine.errors import ConfigError, EngineError
from engine.inference.new_file import new_file

if TYPE_CHECKING:
    from engine.data.curate import Features
    from engine.data.make_dataset import DatasetOptions, DatasetTools, Summary

CROPS = {"auto": "auto", "center": "crop", "pad": "pad", "smart": "smart"}
"""the choices, and what `PictureFormat.fit` calls them"""
CURATING_NETWORK = "lite0"


class Background(Colour):
    """white, black, #rrggbb, or edge."""

    name = "colour"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value if value == "edge" else super().convert(value, param, ctx)


@click.command()
@click.argument("source", metavar="SRC", type=click.Path(path_type=Path))
@click.argument("target", metavar="DEST.zip", type=click.Path(path_type=Path))
@click.option("--resolution", type=int, required=True, help="Side of every picture: a power of two.")
@click.option(
    "--crop",
    type=click.Choice(tuple(CROPS)),
    default="auto",
    show_default=True,
    help="How a picture becomes square: its central square, padding, or the square with the most detail (smart); "
    "auto pads transparent and very long pictures and takes the central square of the others.",
)
@click.option(
    "--background",
    type=Background(),
    default="white",
    show_default=True,
    help="Behind transparency and around padding: white, black, #rrggbb, or edge, the mean colour of the border of "
    "what can be seen of the picture itself.",
)
@click.option(
    "--labels",
    type=click.Choice(("none", "folders", "file")),
    help="Classes from the folders that pictures lie in, or labels from dataset.json [default: file if there is one].",
)
@click.option("--keep-duplicates", is_flag=True, help="Only report pictures that are there twice, or nearly so.")
@click.option("--curate", type=float, metavar="PERCENT", help="Keep this share of the pictures, the most typical.")
def dataset(  # click hands every option over by name; they travel as one value from here on
    source: Path,
    target: Path,
    resolution: int,
    crop: str,
    background: tuple[int, int, int] | str,
    labels: str | None,
    keep_duplicates: bool,
    curate: float | None,
) -> None:
    """Write the pictures of SRC as DEST.zip, which StyleGAN2-ADA and later trainers read.

    SRC is a folder (with its sub-folders), a zip archive, or TFRecords of StyleGAN. Every picture that cannot be read
    and every duplicate is named once. An existing file is never overwritten.
    """
    from engine.data.decode import PictureFormat
    from engine.data.make_dataset import DatasetOptions

    try:
        options = DatasetOptions(
            format=PictureFormat(resolution=resolution, background=background, fit=CROPS[crop]),
            labels=labels,
            keep_duplicates=keep_duplicates,
            keep_percent=curate,
        )
        summary = _make(source, target, options)
    except EngineError as error:
        raise click.ClickException(str(error)) from error
    _show(summary, target)


def _make(source: Path, target: Path, options: DatasetOptions) -> Summary:
    from engine.data.make_dataset import make_dataset

    if target.suffix.lower() != ".zip":
        raise ConfigError(f"{target} cannot be written: datasets are zip archives, so end the name in .zip")
    with new_file(target) as temporary, progress_bar() as progress:
        task = progress.add_task("Reading pictures", total=None)

        def tell(sentence: str) -> None:
            progress.console.print(sentence, soft_wrap=True, markup=False, highlight=False)

        def advance(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        tools = _tools(options, advance, tell)
        return make_dataset(source, temporary, options, tools)


def _tools(options: DatasetOptions, advance: Callable[[int, int], None], tell: Callable[[str], None]) -> DatasetTools:
    from engine.data.make_dataset import DatasetTools

    features = None if options.keep_percent is None else _features()
    return DatasetTools(on_progress=advance, on_problem=tell, on_duplicate=tell, features=features)


def _features() -> Features:
    """The features that outliers are told by. Imports torch; raises EngineError if their weights are missing."""
    import numpy as np
    import torch

    from engine.inference.devices import pick_device
    from engine.metrics.networks.registry import open_network

    network = open_network(CURATING_NETWORK, pick_device("auto"))
    return lambda pixels: np.asarray(network.features(torch.from_numpy(pixels)))


def _show(summary: Summary, target: Path) -> None:
    rows = {
        "found": summary.found,
        "left out: not readable": summary.unreadable,
        "left out: duplicates": summary.dropped_duplicates,
        "left out: far from the set": summary.outliers,
        "written": summary.written,
        "of these, cropped": summary.cropped,
        "of these, padded": summary.padded,
        "of these, put on the background": summary.composited,
        "of these, enlarged": summary.enlarged,
        "exact duplicates found": summary.exact_duplicates,
        "near duplicates found": summary.near_duplicates,
    }
    table = Table("pictures", "", show_edge=False, header_style="")
    table.columns[1].justify = "right"
    for name, count in rows.items():
        table.add_row(name, f"{count:,}")
    if summary.class_names is not None:
        table.add_row("classes", f"{len(summary.class_names):,}")
    console = Console(highlight=False)
    console.print(table)
    console.print(f"{target}: {target.stat().st_size / 1e6:.1f} MB", soft_wrap=True, markup=False)

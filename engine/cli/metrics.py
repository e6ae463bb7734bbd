"""`stylegan metrics`: how good a model is, in numbers, and how near its pictures come to those it learned from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.opening import DEVICE_NAMES, progress_bar
from engine.errors import ConfigError, EngineError
from engine.metrics.names import DEFAULT_METRICS, FID, INCEPTION, KINDS, MetricName, parse_metrics

if TYPE_CHECKING:
    from PIL import Image

    from engine.data.picture_set import PictureSet
    from engine.formats.model_file import Model
    from engine.metrics.evaluation import Evaluation, Observers

SMALLEST_SAMPLE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsOptions:
    """What was asked for on the command line."""

    model: Path
    data: Path
    metrics: tuple[MetricName, ...]
    samples: int
    seed: int
    device: str
    inception: Path | None
    report: Path | None
    as_json: bool


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path), required=True, help="The pictures that it was trained on.")
@click.option("--metrics", "names", default=DEFAULT_METRICS, show_default=True, help="Names, separated by commas.")
@click.option("--samples", type=click.IntRange(min=SMALLEST_SAMPLE), default=1000, show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Of the first sample.")
@click.option("--inception", type=click.Path(path_type=Path), help="Weights for the real FID; adds fid to the metrics.")
@click.option("--report", type=click.Path(path_type=Path), help="A PNG of samples beside their nearest picture.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
@click.option("--device", type=click.Choice(DEVICE_NAMES), default="auto", show_default=True)
def metrics(  # click hands every option over by name; they travel as one value from here on
    model: Path,
    data: Path,
    names: str,
    samples: int,
    seed: int,
    inception: Path | None,
    report: Path | None,
    as_json: bool,
    device: str,
) -> None:
    """Measure MODEL against the pictures that it was trained on.

    A metric is named after what is measured and the network that looks: fd (Fréchet distance), kid, precision,
    recall, nearest (distance to the nearest training picture) or ppl (path length), with lite0, squeezenet, alexnet or
    vgg16. Judge a model that was trained with lite0 by another one. Compare Fréchet distances only for equal numbers
    of samples and pictures. Nothing is downloaded.
    """
    try:
        options = MetricsOptions(
            model=model,
            data=data,
            metrics=_chosen(names, inception),
            samples=samples,
            seed=seed,
            device=device,
            inception=inception,
            report=report,
            as_json=as_json,
        )
        _measure(options)
    except EngineError as error:
        raise click.ClickException(str(error)) from error


def _chosen(names: str, inception: Path | None) -> tuple[MetricName, ...]:
    """The metrics that can be had; the real FID comes with its weights, and only with them."""
    wanted = parse_metrics(names)
    fid = MetricName(kind="fd", network=INCEPTION)
    if inception is not None:
        return wanted if fid in wanted else (*wanted, fid)
    if fid not in wanted:
        return wanted
    click.echo(
        f"Warning: {FID} is left out: it needs the weights of Inception, which no package holds. If you have "
        "pt_inception-2015-12-05-6726825d.pth, name it with --inception",
        err=True,
    )
    others = tuple(name for name in wanted if name != fid)
    if not others:
        raise ConfigError("nothing is left to measure")
    return others


def _measure(options: MetricsOptions) -> None:
    """Opens, measures, and shows; what can be refused is refused before the first sample is made."""
    if options.report is not None:
        from engine.inference.new_file import require_new

        require_new(options.report)
    from engine.data.open_pictures import open_pictures  # imports torch from here on
    from engine.formats.model_file import load_model
    from engine.inference.devices import pick_device
    from engine.inference.memory import keep_freed_memory
    from engine.metrics.evaluation import EvaluationOptions, evaluate

    device = pick_device(options.device)
    if device == "cpu":
        keep_freed_memory()  # the networks' big activations otherwise cost a page fault for every page
    model = load_model(options.model)
    with _progress() as observers:
        pictures = open_pictures(options.data, model.info.img_resolution, model.info.img_channels)
        for warning in pictures.warnings:
            observers.on_warning(warning)
        found = evaluate(
            model.G_ema.to(device),
            pictures,
            EvaluationOptions(
                metrics=options.metrics,
                samples=options.samples,
                first_seed=options.seed,
                device=device,
                inception=options.inception,
                neighbours=options.report is not None,
            ),
            observers,
        )
    if options.report is not None:
        _save(options.report, _sheet(options, found, pictures))
    _show_json(options, model, pictures, found) if options.as_json else _show_table(options, pictures, found)


@contextmanager
def _progress() -> Iterator[Observers]:
    """A bar for each stage on the error output, where warnings go too."""
    from engine.metrics.evaluation import Observers

    tasks = {}
    with progress_bar() as bar:

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done)

        def warn(sentence: str) -> None:
            bar.console.print(f"Warning: {sentence}", soft_wrap=True, markup=False, highlight=False)

        yield Observers(on_progress=show, on_warning=warn)


def _show_table(options: MetricsOptions, pictures: PictureSet, found: Evaluation) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("metric", "value", "what it says", show_edge=False, header_style="")
    table.columns[1].justify = "right"
    for name in options.metrics:
        table.add_row(str(name), f"{found.values[str(name)]:.5g}", KINDS[name.kind])
    console = Console(highlight=False)
    console.print(f"{options.samples:,} samples against {len(pictures):,} pictures of {pictures.resolution} px")
    console.print(table)
    if options.report is not None:
        console.print(f"Samples beside their nearest picture: {options.report}", soft_wrap=True, markup=False)


def _show_json(options: MetricsOptions, model: Model, pictures: PictureSet, found: Evaluation) -> None:
    description = {
        "model": str(options.model),
        "content_id": model.info.content_id,
        "data": str(options.data),
        "pictures": len(pictures),
        "resolution": pictures.resolution,
        "samples": options.samples,
        "first_seed": options.seed,
        "metrics": found.values,
    }
    click.echo(json.dumps(description, indent=2, ensure_ascii=False))


def _sheet(options: MetricsOptions, found: Evaluation, pictures: PictureSet) -> Image.Image:
    """The samples that come nearest to a training picture, nearest first."""
    import numpy as np

    from engine.metrics.sheet import PAIRS, Pair, pairs_sheet

    neighbours = found.neighbours
    assert neighbours is not None  # asked for, as there is a report
    nearest = neighbours.nearest
    unit = neighbours.typical_distance or 1.0
    order = nearest.distances.argsort()[:PAIRS].tolist()
    reals = pictures.pixels(np.array([int(nearest.indices[index]) for index in order]))
    pairs = [
        Pair(
            sample=found.samples[index].numpy(),
            real=real,
            caption=f"seed {options.seed + index}: {float(nearest.distances[index]) / unit:.2f}",
        )
        for index, real in zip(order, reals, strict=True)
    ]
    title = (
        f"{options.model.name}: the {len(pairs)} of {options.samples} samples that come nearest to a training picture "
        f"(right), nearest first. Distances in {neighbours.network} features; 1 is how far training pictures "
        "typically are from each other, near 0 is a copy."
    )
    return pairs_sheet(title, pairs)


def _save(path: Path, sheet: Image.Image) -> None:
    from engine.inference.new_file import new_file

    with new_file(path) as temporary:
        sheet.save(temporary, format="PNG")

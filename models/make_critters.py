"""Makes the training pictures of the bundled model: the style "Critters" of DiceBear, which is CC0 1.0.

Nothing is downloaded: the drawings come from the packages dicebear-core and dicebear-styles, which hold
the style as data and put a drawing together from it (`pip install "stylegan-explorer[critters]"`).
Picture i depends on (seed, i) alone, so a larger count extends a smaller one.

The style's own backgrounds are kept: twelve deep colours, full-bleed and opaque. The bodies are pastel, so
every outline has contrast, and a generator never has to learn transparency or an empty white margin.

dataset.json names the body of each critter, one of fourteen: `stylegan-train --labels file` makes classes of them.
"""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from itertools import islice
from pathlib import Path

import click

from engine.data.labels import DATASET_JSON, labels_to_json

CC0_URL = "https://creativecommons.org/publicdomain/zero/1.0/"
OVERSAMPLING = 4
"""Drawings are rendered this much larger and averaged down: a box filter does not ring on flat colour."""


def load_style_definition() -> dict:
    """The style as DiceBear publishes it; refuses to go on if it is not CC0."""
    definition = json.loads((files("dicebear_styles") / "critters.json").read_text(encoding="utf-8"))
    license_url = definition["meta"]["license"]["url"]
    if license_url != CC0_URL:
        raise click.ClickException(
            f"The style Critters of this version of dicebear-styles is licensed under {license_url}, "
            f"and not under {CC0_URL}. Install version 10.6.0, whose licence is CC0."
        )
    return definition


@dataclass(frozen=True, slots=True)
class Drawing:
    """A critter that is not rasterised yet."""

    svg: str
    """viewBox 0 0 100 100"""
    body: str
    """its shape's name in the style"""


def drawings(definition: dict, seed: int, count: int) -> Iterator[Drawing]:
    """`count` drawings; attributes and colours are drawn at random from (seed, index)."""
    from dicebear import Avatar, Style

    style = Style(definition)
    for index in range(count):
        avatar = Avatar(style, {"seed": f"{seed}-{index}", "animationVariant": "none"})
        yield Drawing(avatar.to_string(), avatar.to_json()["options"]["bodyVariant"])


def labels_json(bodies: list[str], class_names: list[str]) -> bytes:
    """dataset.json: the class of each picture is the number of its body in the style's own list."""
    return labels_to_json([(picture_name(i), class_names.index(body)) for i, body in enumerate(bodies)], class_names)


def picture_name(index: int) -> str:
    """The file of picture `index`."""
    return f"img{index:06d}.png"


def rasterise(svg: str, resolution: int, path: Path) -> None:
    """Writes a drawing (viewBox 0 0 100 100) as a square RGB PNG."""
    import pyvips

    large = pyvips.Image.svgload_buffer(svg.encode("utf-8"), scale=OVERSAMPLING * resolution / 100)
    picture = large.flatten().shrink(OVERSAMPLING, OVERSAMPLING).cast("uchar")
    picture.pngsave(str(path), compression=9, keep="none")


def rasterise_all(drawn: Iterator[Drawing], count: int, resolution: int, outdir: Path) -> list[str]:
    """Rasterises on all cores, a bounded number of drawings at a time; rendering happens outside the GIL.

    Returns the bodies, in order.
    """
    paths = (outdir / picture_name(index) for index in range(count))
    bodies: list[str] = []
    with (
        ThreadPoolExecutor(max_workers=os.cpu_count()) as pool,
        click.progressbar(length=count, label="Critters") as bar,
    ):
        while batch := list(islice(zip(drawn, paths, strict=False), 256)):
            jobs = [pool.submit(rasterise, drawing.svg, resolution, path) for drawing, path in batch]
            bodies += [drawing.body for drawing, _ in batch]
            for job in jobs:
                job.result()
            bar.update(len(batch))
    return bodies


@click.command()
@click.option("--count", type=click.IntRange(min=1), default=20_000, show_default=True)
@click.option("--resolution", type=click.IntRange(min=8), default=64, show_default=True, help="Side, in pixels.")
@click.option("--outdir", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed gives other critters.")
def main(count: int, resolution: int, outdir: Path, seed: int) -> None:
    """Draw COUNT critters at random and write them as img000000.png, img000001.png, ... and dataset.json."""
    try:
        definition = load_style_definition()
        import pyvips  # noqa: F401  (asked for here, so that a missing package is one sentence)
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f'{error}. Install what draws the critters: pip install "stylegan-explorer[critters]".'
        ) from error
    click.echo(definition["meta"]["license"]["text"])
    outdir.mkdir(parents=True, exist_ok=True)
    if any(outdir.iterdir()):
        raise click.ClickException(f"The folder {outdir} is not empty. Name a new or an empty folder.")
    bodies = rasterise_all(drawings(definition, seed, count), count, resolution, outdir)
    (outdir / DATASET_JSON).write_bytes(labels_json(bodies, list(definition["components"]["body"]["variants"])))


if __name__ == "__main__":
    main()

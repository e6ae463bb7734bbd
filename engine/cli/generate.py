"""`stylegan generate`: seeds, or the recipe of a saved picture, to PNG files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from engine.errors import ConfigError, EngineError, ExportError
from engine.formats.model_info import WEIGHTS, Weights
from engine.inference.input_transform import InputTransform
from engine.inference.requests import NOISE_MODES, Look

if TYPE_CHECKING:
    import numpy as np

    from engine.inference.renderer import Renderer

WEIGHTS_HELP = "The averaged weights or those as trained; default ema, or the recipe's own."
SHEET_NAME = "grid.png"
MAX_SHEET_SIZE = 16384
"""pixels; the pictures of a larger contact sheet are shrunk until it fits"""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateOptions:
    """What was asked for on the command line; None where nothing was."""

    model: Path | None
    weights: Weights | None
    seeds: tuple[int, ...] | None
    trunc: float | None
    noise_mode: str | None
    class_index: int | None
    translate: tuple[float, float] | None
    rotate: float | None
    recipe: Path | None
    grid: bool
    device: str
    precision: str
    outdir: Path

    def __post_init__(self) -> None:
        if (self.seeds is None) == (self.recipe is None):
            raise ConfigError("say what to make: either --seeds, such as --seeds 0-8,42, or --recipe FILE.png")
        fixed = {
            "--trunc": self.trunc,
            "--noise-mode": self.noise_mode,
            "--class": self.class_index,
            "--translate": self.translate,
            "--rotate": self.rotate,
        }
        given = [name for name, value in fixed.items() if value is not None]
        if self.recipe is not None and given:
            raise ConfigError(f"the recipe already says what {given[0]} would: leave {given[0]} out")


@click.command()
@click.option("--model", type=click.Path(path_type=Path), help="Model file; without it, the bundled critters.")
@click.option("--weights", type=click.Choice(WEIGHTS), help=WEIGHTS_HELP)
@click.option("--seeds", type=Seeds(), help="Seeds and ranges, such as 0-8,42.")
@click.option("--trunc", type=float, metavar="PSI", help="Truncation psi: 1 is none (the default), 0 the average.")
@click.option("--noise-mode", type=click.Choice(NOISE_MODES), help="Noise of the synthesis layers; default const.")
@click.option("--class", "class_index", type=int, metavar="N", help="Class, for a model that has some; default 0.")
@click.option("--translate", type=(float, float), metavar="X Y", help="StyleGAN3: right and down, in picture widths.")
@click.option("--rotate", type=float, metavar="DEGREES", help="StyleGAN3: counter-clockwise, from within the picture.")
@click.option("--recipe", type=click.Path(path_type=Path), help="Make a saved PNG again, from the recipe inside it.")
@click.option("--grid", is_flag=True, help=f"One contact sheet, {SHEET_NAME}, instead of a file for each picture.")
@click.option("--device", type=click.Choice(DEVICE_NAMES), default="auto", show_default=True)
@click.option("--precision", type=click.Choice(PRECISION_NAMES), default="auto", show_default=True, help=PRECISION_HELP)
@click.option("--outdir", type=click.Path(path_type=Path), required=True, help="Folder for the pictures; made if new.")
def generate(  # click hands every option over by name; they travel as one value from here on
    model: Path | None,
    weights: Weights | None,
    seeds: tuple[int, ...] | None,
    trunc: float | None,
    noise_mode: str | None,
    class_index: int | None,
    translate: tuple[float, float] | None,
    rotate: float | None,
    recipe: Path | None,
    grid: bool,
    device: str,
    precision: str,
    outdir: Path,
) -> None:
    """Make pictures from seeds, each a PNG that carries its recipe. Nothing is ever overwritten."""
    try:
        options = GenerateOptions(
            model=model,
            weights=weights,
            seeds=seeds,
            trunc=trunc,
            noise_mode=noise_mode,
            class_index=class_index,
            translate=translate,
            rotate=rotate,
            recipe=recipe,
            grid=grid,
            device=device,
            precision=precision,
            outdir=outdir,
        )
        written = _generate(options)
    except EngineError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{written[0]}" if len(written) == 1 else f"{len(written)} pictures in {outdir}")


def _generate(options: GenerateOptions) -> list[Path]:
    """Everything that can be refused is refused before the first picture is rendered."""
    recipe = None if options.recipe is None else _read(options.recipe)
    paths = _paths(options, recipe)
    _require_free(paths)
    renderer = _open(options, recipe)
    if recipe is not None and recipe.get("model") not in (None, renderer.info.content_id):
        click.echo("Warning: this recipe was made with another model, so the pictures will differ.", err=True)
    looks = _looks(options, recipe, renderer.info.c_dim)
    _make_folder(options.outdir)
    pictures = _rendered(renderer, looks)
    if options.grid:
        _save_sheet(paths[0], pictures, looks, renderer.info.content_id)
    else:
        _save_each(paths, pictures, looks, renderer.info.content_id)
    return paths


def _open(options: GenerateOptions, recipe: dict[str, Any] | None) -> Renderer:
    """With the averaged weights; with the raw ones if those were asked for, or if the recipe is of those."""
    renderer = open_renderer(options.model, options.device, options.precision, weights=options.weights or "ema")
    made_with = None if recipe is None else recipe.get("model")
    if options.weights is not None or made_with in (None, renderer.info.content_id) or not renderer.info.has_raw:
        return renderer
    raw = open_renderer(options.model, options.device, options.precision, weights="raw")
    return raw if raw.info.content_id == made_with else renderer


def _read(path: Path) -> dict[str, Any]:
    from engine.inference.images import read_recipe

    return read_recipe(path)


def _paths(options: GenerateOptions, recipe: dict[str, Any] | None) -> list[Path]:
    """Where the pictures go: seed0042.png; a recipe keeps its file's name, numbered if it holds several."""
    if options.grid:
        names = [SHEET_NAME]
    elif recipe is None:
        names = [f"seed{seed:04d}.png" for seed in _seeds(options)]
    else:
        from engine.inference.recipes import looks_of

        assert options.recipe is not None
        stem, count = options.recipe.stem, len(looks_of(recipe))
        names = [f"{stem}.png"] if count == 1 else [f"{stem}-{n:04d}.png" for n in range(1, count + 1)]
    return [options.outdir / name for name in names]


def _seeds(options: GenerateOptions) -> list[int]:
    """Each seed once: a second picture of it would have the same name."""
    return list(dict.fromkeys(options.seeds or ()))


def _require_free(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.exists() or path.is_symlink():
            raise ExportError(f"{path} exists already and is not overwritten: choose another --outdir")


def _looks(options: GenerateOptions, recipe: dict[str, Any] | None, c_dim: int) -> tuple[Look, ...]:
    from engine.inference.recipes import looks_of

    if recipe is not None:
        return looks_of(recipe)
    return looks_of_seeds(
        _seeds(options),
        psi=1.0 if options.trunc is None else options.trunc,
        noise_mode=options.noise_mode or "const",
        class_index=options.class_index,
        c_dim=c_dim,
        transform=_transform(options),
    )


def _transform(options: GenerateOptions) -> InputTransform:
    x, y = options.translate or (0.0, 0.0)
    return InputTransform(x=x, y=y, rotate=options.rotate or 0.0)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(
            f"the folder {folder} cannot be made ({error.strerror or error}): choose another --outdir"
        ) from error


def _rendered(renderer: Renderer, looks: Sequence[Look]) -> Iterator[np.ndarray]:
    with progress_bar() as progress:
        yield from progress.track(renderer.render_each(looks), total=len(looks), description="Rendering")


def _save_each(paths: list[Path], pictures: Iterable[np.ndarray], looks: Sequence[Look], content_id: str) -> None:
    from engine.inference.images import save_png
    from engine.inference.recipes import recipe_of_look

    for path, pixels, look in zip(paths, pictures, looks, strict=True):
        save_png(path, pixels, recipe_of_look(look, content_id))


def _save_sheet(path: Path, pictures: Iterable[np.ndarray], looks: Sequence[Look], content_id: str) -> None:
    """As square as the number of pictures allows, row by row."""
    import numpy as np

    from engine.data.contact_sheet import contact_sheet
    from engine.inference.images import save_png
    from engine.inference.recipes import recipe_of_looks

    columns = ceil(sqrt(len(looks)))
    cells = np.stack([_shrunk(pixels, MAX_SHEET_SIZE // columns) for pixels in pictures])
    sheet = contact_sheet(cells.transpose(0, 3, 1, 2), columns)
    save_png(path, np.asarray(sheet), recipe_of_looks(looks, content_id))


def _shrunk(pixels: np.ndarray, limit: int) -> np.ndarray:
    import numpy as np
    from PIL import Image

    if pixels.shape[0] <= limit:
        return pixels
    return np.asarray(Image.fromarray(pixels).resize((limit, limit), Image.Resampling.BOX))

"""`stylegan convert`: any model that can be opened, written in this project's own format or in NVlabs'."""

from __future__ import annotations

from pathlib import Path

import click

from engine.errors import EngineError

SUFFIXES = (".safetensors", ".pkl")


@click.command()
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--half", is_flag=True, help="Store float16: half the size, three significant digits. Not for .pkl.")
@click.option("--generator-only", is_flag=True, help="Keep G_ema alone, which is all that pictures need.")
def convert(source: Path, target: Path, half: bool, generator_only: bool) -> None:
    """Write the model IN as OUT, which ends in .safetensors (this program's own format, the best to keep) or in .pkl
    (for NVlabs' tools and those made from them). An existing file is never overwritten.
    """
    _check_target(target, half)
    from engine.formats.model_file import load_model, save_model, save_nvlabs_pickle  # imports torch

    try:
        model = load_model(source, with_discriminator=not generator_only)
        if target.suffix.lower() == ".pkl":
            save_nvlabs_pickle(target, G_ema=model.G_ema, G=model.G, D=model.D)
        else:
            save_model(target, G_ema=model.G_ema, G=model.G, D=model.D, half=half)
    except EngineError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{target}: {target.stat().st_size / 1e6:.1f} MB")


def _check_target(target: Path, half: bool) -> None:
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise click.ClickException(
            f"cannot write {str(target)!r}: models are written as {' or '.join(SUFFIXES)}, so end the name so"
        )
    if half and suffix == ".pkl":
        raise click.ClickException("NVlabs' tools expect full precision: leave out --half, or write a .safetensors")
    if target.exists():
        raise click.ClickException(f"{str(target)!r} exists and is not overwritten: choose another name, or remove it")
    if not target.parent.is_dir():
        raise click.ClickException(f"there is no folder {str(target.parent)!r}: make it first, or choose another")

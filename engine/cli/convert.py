"""`stylegan convert`: any model that can be opened, written in this project's own format or for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.errors import EngineError, ExportError
from engine.inference.new_file import new_file, require_new

if TYPE_CHECKING:
    from engine.formats.model_file import Model

SUFFIXES = (".safetensors", ".pkl", ".pt", ".onnx")


@click.command()
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--half", is_flag=True, help="Store float16: half the size, three significant digits. For .safetensors.")
@click.option("--generator-only", is_flag=True, help="Keep G_ema alone, which is all that pictures need.")
def convert(source: Path, target: Path, half: bool, generator_only: bool) -> None:
    """Write the model IN as OUT. The ending of its name says how:

    \b
      .safetensors  this program's own format, the best to keep
      .pkl          for NVlabs' tools and those made from them
      .pt           for rosinality's stylegan2-pytorch and what reads its files
      .onnx         for ONNX runtimes: the synthesis, and the mapping in NAME.mapping.onnx beside it

    An existing file is never overwritten.
    """
    try:
        _check_target(target, half)
        from engine.formats.model_file import load_model  # imports torch

        as_onnx = target.suffix.lower() == ".onnx"
        model = load_model(source, with_discriminator=not generator_only and not as_onnx)
        if as_onnx:
            _write_onnx(model, target)
        else:
            with new_file(target) as temporary:
                _write(model, temporary, target, half)
    except EngineError as error:
        raise click.ClickException(str(error)) from error
    for path in _files(target):
        click.echo(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


def _files(target: Path) -> tuple[Path, ...]:
    """All that is written under a name."""
    if target.suffix.lower() != ".onnx":
        return (target,)
    return target, target.with_name(f"{target.stem}.mapping{target.suffix}")


def _write_onnx(model: Model, target: Path) -> None:
    from engine.formats.onnx_writer import write_mapping, write_synthesis

    synthesis, mapping = _files(target)
    with new_file(synthesis) as first, new_file(mapping) as second:
        write_mapping(second, model.G_ema)
        write_synthesis(first, model.G_ema)


def _write(model: Model, temporary: Path, target: Path, half: bool) -> None:
    from engine.formats.model_file import save_model, save_nvlabs_pickle, save_rosinality_checkpoint

    suffix = target.suffix.lower()
    try:
        if suffix == ".pkl":
            save_nvlabs_pickle(temporary, G_ema=model.G_ema, G=model.G, D=model.D)
        elif suffix == ".pt":
            save_rosinality_checkpoint(temporary, G_ema=model.G_ema, G=model.G, D=model.D)
        else:
            info = model.info
            save_model(
                temporary,
                G_ema=model.G_ema,
                G=model.G,
                D=model.D,
                half=half,
                class_names=info.class_names,
                known_as=info.content_id,
            )
    except EngineError as error:  # which is about a file that a person has never heard of
        raise type(error)(str(error).replace(str(temporary), str(target))) from error


def _check_target(target: Path, half: bool) -> None:
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise ExportError(
            f"cannot write {str(target)!r}: models are written as {', '.join(SUFFIXES)}, so end the name in one of them"
        )
    if half and suffix != ".safetensors":
        raise ExportError("other programs expect full precision: leave out --half, or write a .safetensors")
    for path in _files(target):
        require_new(path)

"""`stylegan info`: what a model file is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.errors import EngineError

if TYPE_CHECKING:
    from engine.formats.model_file import Model
    from engine.formats.model_info import ModelInfo


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with the whole configuration.")
def info(model: Path, as_json: bool) -> None:
    """Say what the file MODEL is: its kind, its sizes, its options. Nothing in it is executed."""
    from engine.formats.model_file import load_model  # imports torch

    try:
        opened = load_model(model)
    except EngineError as error:
        raise click.ClickException(str(error)) from error
    click.echo(_as_json(model, opened) if as_json else _as_text(model, opened))


def _as_json(path: Path, model: Model) -> str:
    description = {"path": str(path), **model.info.to_dict(), "config": model.G_ema.config.to_dict()}
    return json.dumps(description, indent=2)


def _as_text(path: Path, model: Model) -> str:
    known, config = model.info, model.G_ema.config
    colours = {1: "grey", 3: "RGB", 4: "RGBA"}.get(known.img_channels, f"{known.img_channels} channels")
    rows = {
        "format": known.source_format,
        "generator": f"{config.design}, {known.parameters:,} parameters",
        "pictures": f"{known.img_resolution} x {known.img_resolution}, {colours}",
        "latents": f"z {known.z_dim}, w {known.w_dim}, {known.num_ws} layers",
        "classes": _classes(known),
        "weights": "averaged and raw" if known.has_raw else "averaged",
        "discriminator": "in the file" if known.has_discriminator else "not in the file",
        "content id": known.content_id,
    }
    return "\n".join([str(path), *(f"  {name:<14} {value}" for name, value in rows.items())])


def _classes(known: ModelInfo) -> str:
    if not known.c_dim:
        return "none"
    return f"{known.c_dim}: {', '.join(known.class_names)}" if known.class_names else str(known.c_dim)

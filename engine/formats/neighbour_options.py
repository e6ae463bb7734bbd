"""The configuration file that may lie beside a state dict: JSON, as NVlabs' training writes it or as people note it.

`model.pt` is looked after by `model.json`, `training_options.json` or `config.json` in its folder, the first of these
that tells anything of a generator. Options may be nested as in NVlabs' constructors (`G_kwargs`, `synthesis_kwargs`,
`mapping_kwargs`, ...) or lie flat, also under this project's own names. Knows nothing of tensors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from engine.errors import ModelFileError

MAX_BYTES: Final = 2**20
NAMES: Final = ("training_options.json", "config.json")
_G_TABLES: Final = ("config", "init_kwargs", "G_kwargs", "synthesis_kwargs")
_D_TABLES: Final = ("D_kwargs", "block_kwargs", "epilogue_kwargs")
MAX_DEPTH: Final = 4
_TELLING: Final = frozenset(
    {"G_kwargs", "init_kwargs", "synthesis_kwargs", "conv_clamp", "num_fp16_res", "channel_base", "z_dim"}
)
"""a file with none of these is about something else"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a configuration file tells, under NVlabs' names; empty tables where there is none."""

    path: Path | None = None
    generator: Mapping[str, Any] = field(default_factory=dict)
    mapping: Mapping[str, Any] = field(default_factory=dict)
    discriminator: Mapping[str, Any] = field(default_factory=dict)


def read_neighbour(model: Path) -> Options:
    """What the configuration beside the model tells. Raises ModelFileError for one that cannot be read, OSError."""
    for path in (model.with_suffix(".json"), *(model.with_name(name) for name in NAMES)):
        if path != model and path.is_file():
            values = read_json(path)
            if _TELLING & set(values) or _TELLING & set(_table(values, "config")):
                return _options(path, values)
    return Options()


def check_agreement(told: Options, table: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Raises ModelFileError if the file is about a network of other sizes than the tensors have."""
    for name, value in known.items():
        other = table.get(name)
        if type(other) is int and type(value) is int and other != value:
            raise ModelFileError(
                f"the configuration beside it, {str(told.path)!r}, says {name} = {str(other)[:20]}, but its tensors "
                f"are of {name} = {value}: choose the file that belongs to this model, or move that one away"
            )


def read_json(path: Path) -> dict[str, Any]:
    """The table in a configuration file. Raises ModelFileError, OSError."""
    unreadable = f"the configuration beside it, {str(path)!r}, cannot be read"
    advice = "correct it or move it away, or choose another model"
    if path.stat().st_size > MAX_BYTES:
        raise ModelFileError(f"{unreadable}: it is larger than any configuration. Please {advice}")
    try:
        values = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"{unreadable}: it is no JSON ({error!s:.100}). Please {advice}") from error
    return values if isinstance(values, dict) else {}


def _options(path: Path, values: dict[str, Any]) -> Options:
    generator, mapping = _merged(values, _G_TABLES), dict(_table(values, "mapping_kwargs"))
    for name in _G_TABLES:
        mapping |= _table(_table(values, name), "mapping_kwargs")
    ours = {"mapping_activation": "activation", "mapping_lr_multiplier": "lr_multiplier", "w_avg_beta": "w_avg_beta"}
    mapping |= {theirs: generator[name] for name, theirs in ours.items() if name in generator}
    return Options(
        path=path,
        generator=generator,
        mapping=mapping,
        discriminator=_merged(_table(values, "D_kwargs"), _D_TABLES),
    )


def _merged(values: Mapping[str, Any], tables: tuple[str, ...], depth: int = 0) -> dict[str, Any]:
    """Options at the top and in nested tables of these names, the inner ones winning."""
    flat = dict(values)
    for name in tables if depth < MAX_DEPTH else ():
        flat |= _merged(_table(values, name), tables, depth + 1)
    return flat


def _table(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = values.get(name)
    return table if isinstance(table, dict) else {}

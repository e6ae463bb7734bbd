"""The models that were open lately, newest first, in a small JSON file. Losing it loses nothing but convenience."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.atomic_files import replaced_file
from engine.formats.model_info import Weights
from explorer.library.errors import LibraryError

FILE_NAME = "recent-models.json"
VERSION = 1
MAX_MODELS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentModel:
    """A model file that could be opened."""

    path: Path
    content_id: str
    weights: Weights = "ema"


def with_recent(models: tuple[RecentModel, ...], newest: RecentModel) -> tuple[RecentModel, ...]:
    """The newest first, no path twice with the same weights, no more than MAX_MODELS."""
    others = tuple(model for model in models if (model.path, model.weights) != (newest.path, newest.weights))
    return (newest, *others)[:MAX_MODELS]


def read_recent(folder: Path) -> tuple[RecentModel, ...]:
    """What the file lists; nothing if there is none, or none that can be understood."""
    try:
        values = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        listed = [_model_from(model) for model in values["models"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ()
    return tuple(listed[:MAX_MODELS])


def _model_from(values: Mapping[str, Any]) -> RecentModel:
    weights: Weights = "raw" if values.get("weights") == "raw" else "ema"
    return RecentModel(path=Path(str(values["path"])), content_id=str(values["content_id"]), weights=weights)


def write_recent(folder: Path, models: tuple[RecentModel, ...]) -> None:
    """Raises LibraryError."""
    path = folder / FILE_NAME
    listed = [{"path": str(m.path), "content_id": m.content_id, "weights": m.weights} for m in models]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replaced_file(path) as temporary:
            temporary.write_text(json.dumps({"version": VERSION, "models": listed}, indent=1), encoding="utf-8")
    except OSError as error:
        raise LibraryError(
            f"the list of recent models {path} could not be written: {error.strerror or error}"
        ) from error

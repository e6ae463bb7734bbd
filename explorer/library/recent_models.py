"""The models that were open lately, newest first, in a small JSON file. Losing it loses nothing but convenience."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from engine.atomic_files import replaced_file
from explorer.library.errors import LibraryError

FILE_NAME = "recent-models.json"
VERSION = 1
MAX_MODELS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentModel:
    """A model file that could be opened."""

    path: Path
    content_id: str


def with_recent(models: tuple[RecentModel, ...], newest: RecentModel) -> tuple[RecentModel, ...]:
    """The newest first, no path twice, no more than MAX_MODELS."""
    others = tuple(model for model in models if model.path != newest.path)
    return (newest, *others)[:MAX_MODELS]


def read_recent(folder: Path) -> tuple[RecentModel, ...]:
    """What the file lists; nothing if there is none, or none that can be understood."""
    try:
        values = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        listed = [RecentModel(path=Path(str(m["path"])), content_id=str(m["content_id"])) for m in values["models"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ()
    return tuple(listed[:MAX_MODELS])


def write_recent(folder: Path, models: tuple[RecentModel, ...]) -> None:
    """Raises LibraryError."""
    path = folder / FILE_NAME
    listed = [{"path": str(model.path), "content_id": model.content_id} for model in models]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replaced_file(path) as temporary:
            temporary.write_text(json.dumps({"version": VERSION, "models": listed}, indent=1), encoding="utf-8")
    except OSError as error:
        raise LibraryError(
            f"the list of recent models {path} could not be written: {error.strerror or error}"
        ) from error

"""Videos that were ordered and are not made yet, as a file: what the next start can go on with, in order.

Each running explorer has a folder of its own for its list, locked for as long as it lives, so that two of them never
write into one file, and what a dead one left is taken over once. Knows nothing of how videos are made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.atomic_files import replaced_file
from engine.errors import ConfigError
from engine.formats.model_info import Weights
from engine.video.plan import VideoPlan
from engine.video.plan_file import plan_from_dict, plan_to_dict
from explorer.library.errors import LibraryError

FOLDER = "videos"
LIST = "list.json"
SET_ASIDE = "videos-set-aside.json"
"""What could not be understood."""
FORMAT = "stylegan-explorer videos"
VERSION = 1
MAX_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedVideo:
    """A video, and the model that its looks are of."""

    plan: VideoPlan
    content_id: str
    """of the model"""
    path: Path | None = None
    """the model's file; None if nobody knows"""
    weights: Weights = "ema"


class NewerListError(LibraryError):
    """A list from a newer version of the program, which that one can still read."""


def write_list(path: Path, videos: Sequence[OrderedVideo]) -> None:
    """Replaces the file by a whole new one, or leaves it as it was and raises LibraryError."""
    values = {"format": FORMAT, "version": VERSION, "videos": [_to_dict(video) for video in videos]}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced_file(path) as temporary:
            temporary.write_text(json.dumps(values), encoding="utf-8")
    except OSError as error:
        raise LibraryError(
            f"the list of videos {path} could not be written: {error.strerror or error}; if the program is killed, "
            "those that wait are lost"
        ) from error


def read_list(path: Path) -> tuple[OrderedVideo, ...]:
    """The videos in their order; none if there is no such file.

    Raises LibraryError if it cannot be read, and NewerListError if it can be, but not by this version.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise LibraryError(f"{path} is too large for a list of videos")
        values = json.loads(path.read_text(encoding="utf-8"))
        if values["format"] != FORMAT:
            raise LibraryError(f"{path} is no list of videos")
        if int(values["version"]) > VERSION:
            raise NewerListError(f"{path} is of a newer version of this program, which can go on with its videos")
        return tuple(_from_dict(video) for video in values["videos"])
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise LibraryError(f"{path} could not be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ConfigError) as error:
        raise LibraryError(f"{path} is damaged ({error})"[:300]) from error


def _to_dict(video: OrderedVideo) -> dict[str, Any]:
    path = None if video.path is None else str(video.path)
    model = {"content_id": video.content_id, "path": path, "weights": video.weights}
    return {"plan": plan_to_dict(video.plan), "model": model}


def _from_dict(values: Mapping[str, Any]) -> OrderedVideo:
    model = values["model"]
    return OrderedVideo(
        plan=plan_from_dict(values["plan"]),
        content_id=str(model["content_id"]),
        path=None if model["path"] is None else Path(str(model["path"])),
        weights="raw" if model["weights"] == "raw" else "ema",
    )

"""A session as a file: the model, the document, the video's settings, the window. Versioned JSON.

Unknown entries are ignored and missing ones take their defaults, so that small changes of the format need no new
version. Knows nothing of models beyond their path and content id, nor of widgets.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.atomic_files import replaced_file
from engine.errors import ConfigError, EngineError
from engine.formats.model_info import Weights
from explorer.session.document import Document

FORMAT = "stylegan-explorer session"
SESSION_VERSION = 1
SUFFIX = ".json"
MAX_BYTES = 16 * 2**20
"""A session is a few kilobytes; what is larger is something else."""


class SessionFileError(EngineError):
    """A session that could not be read or written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedModel:
    """Which model the session was about."""

    path: Path | None
    """None for the bundled one, wherever the program is installed"""
    content_id: str
    weights: Weights = "ema"


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoSettings:
    """The controls of the video export."""

    seconds_per_step: float = 2.0
    fps: int = 30
    loop: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSession:
    """Everything that a start restores."""

    document: Document
    model: SavedModel | None = None
    video: VideoSettings = field(default_factory=VideoSettings)
    size: tuple[int, int] | None = None
    """of the window, in pixels"""
    unfolded: frozenset[str] | None = None
    """names of the panels and rows that are open; None for the defaults"""

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready copy; `session_from_dict` is its inverse."""
        path = self.model and self.model.path
        return {
            "format": FORMAT,
            "version": SESSION_VERSION,
            "model": self.model
            and {
                "path": path and str(path),
                "content_id": self.model.content_id,
                "weights": self.model.weights,
            },
            "document": self.document.to_dict(),
            "video": {
                "seconds_per_step": self.video.seconds_per_step,
                "fps": self.video.fps,
                "loop": self.video.loop,
            },
            "window": {
                "size": self.size and list(self.size),
                "unfolded": None if self.unfolded is None else sorted(self.unfolded),
            },
        }


def session_from_dict(values: Mapping[str, Any]) -> SavedSession:
    """Raises ConfigError with a sentence if this is no session of ours, or from a newer version."""
    try:
        if values["format"] != FORMAT:
            raise ConfigError("it is not a session of this program")
        version = int(values["version"])
        if version > SESSION_VERSION:
            raise ConfigError(
                f"it has version {version}, newer than this program's {SESSION_VERSION}: update the program"
            )
        return _session_from(values)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ConfigError(f"it is not a session of this program ({error!r})"[:300]) from error


def read_session(path: Path) -> SavedSession:
    """Raises SessionFileError with a sentence that names the file."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SessionFileError(f"{path} is too large for a session: choose a file that this program saved")
        values = json.loads(path.read_text(encoding="utf-8"))
        return session_from_dict(values)
    except FileNotFoundError as error:
        raise SessionFileError(f"{path} does not exist: choose a session that this program saved") from error
    except OSError as error:
        raise SessionFileError(f"{path} could not be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise SessionFileError(f"{path} is not a session of this program: it is no JSON ({error})") from error
    except ConfigError as error:
        raise SessionFileError(f"{path} cannot be opened as a session: {error}") from error


def write_session(path: Path, saved: SavedSession) -> None:
    """Replaces the file by a whole new one, or leaves it as it was and raises SessionFileError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced_file(path) as temporary:
            temporary.write_text(json.dumps(saved.to_dict(), indent=1), encoding="utf-8")
    except OSError as error:
        raise SessionFileError(
            f"the session could not be saved to {path}: {error.strerror or error}; choose another folder"
        ) from error


def _session_from(values: Mapping[str, Any]) -> SavedSession:
    model, window, video = values.get("model"), values.get("window") or {}, values.get("video") or {}
    size, unfolded = window.get("size"), window.get("unfolded")
    usual = VideoSettings()
    return SavedSession(
        document=Document.from_dict(values["document"]),
        model=None if model is None else _model_from(model),
        video=VideoSettings(
            seconds_per_step=float(video.get("seconds_per_step", usual.seconds_per_step)),
            fps=int(video.get("fps", usual.fps)),
            loop=bool(video.get("loop", usual.loop)),
        ),
        size=None if size is None else (int(size[0]), int(size[1])),
        unfolded=None if unfolded is None else frozenset(str(name) for name in unfolded),
    )


def _model_from(values: Mapping[str, Any]) -> SavedModel:
    path = values.get("path")
    return SavedModel(
        path=None if path is None else Path(str(path)),
        content_id=str(values["content_id"]),
        weights="raw" if values.get("weights") == "raw" else "ema",
    )

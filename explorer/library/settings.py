"""How a person likes the window: theme, size of everything, recent sessions. A small JSON file.

Losing it loses nothing but convenience, so a damaged one is the same as none.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.atomic_files import replaced_file
from explorer.library.errors import LibraryError

FILE_NAME = "settings.json"
VERSION = 1
THEMES = ("dark", "light")
SCALES = (1.0, 1.25, 1.5, 2.0, 2.5)
MAX_SESSIONS = 6
MAX_SOUND_DELAY_MS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One person's."""

    theme: str = "dark"
    scale: float | None = None
    """how many pixels of the display a point of the window has; None: nobody has chosen, the display suggests one"""
    sessions: tuple[Path, ...] = ()
    """session files that were saved or opened lately, newest first"""
    sound_delay_ms: int = 0
    """how much later than the device says a sound is heard, as with wireless headphones; 0 to MAX_SOUND_DELAY_MS"""


def with_session(sessions: tuple[Path, ...], newest: Path) -> tuple[Path, ...]:
    """The newest first, none twice, no more than MAX_SESSIONS."""
    return (newest, *(path for path in sessions if path != newest))[:MAX_SESSIONS]


def read_settings(folder: Path) -> Settings:
    """What the file says; the usual where it says nothing, or nothing that can be understood."""
    try:
        values = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return Settings()
    return _settings_from(values) if isinstance(values, dict) else Settings()


def write_settings(folder: Path, settings: Settings) -> None:
    """Raises LibraryError."""
    path = folder / FILE_NAME
    values = {
        "version": VERSION,
        "theme": settings.theme,
        "scale": settings.scale,
        "sound_delay_ms": settings.sound_delay_ms,
        "sessions": [str(session) for session in settings.sessions],
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replaced_file(path) as temporary:
            temporary.write_text(json.dumps(values, indent=1), encoding="utf-8")
    except OSError as error:
        raise LibraryError(f"the settings could not be saved to {path}: {error.strerror or error}") from error


def _settings_from(values: dict[str, Any]) -> Settings:
    theme, scale, sessions = values.get("theme"), values.get("scale"), values.get("sessions")
    usable = isinstance(scale, int | float) and math.isfinite(scale) and SCALES[0] <= scale <= SCALES[-1]
    delay = values.get("sound_delay_ms")
    late = isinstance(delay, int) and not isinstance(delay, bool) and 0 <= delay <= MAX_SOUND_DELAY_MS
    listed = sessions if isinstance(sessions, list) else []
    paths = tuple(Path(path) for path in listed if isinstance(path, str) and path and "\0" not in path)
    return Settings(
        theme=theme if theme in THEMES else THEMES[0],
        scale=float(scale) if usable and scale is not None else None,
        sessions=paths[:MAX_SESSIONS],
        sound_delay_ms=delay if late and isinstance(delay, int) else 0,
    )

"""What the person asked for on the command line, and which model that means. Knows nothing of pygame."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

BUNDLED_MODEL = "critters.safetensors"
MIN_SIZE = (900, 600)
FIRST_SIZE = (1440, 900)
FIRST_GRID = (3, 3)
LAST_SESSION = "session.json"
"""in the data folder: what every start restores"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppOptions:
    """One start of the explorer."""

    model: Path | None = None
    """None for the bundled one"""
    device: str = "auto"
    """'auto', 'cpu', 'cuda' or 'mps'"""
    precision: str = "auto"
    """'auto', 'float32', 'bf16' or 'fp16'"""
    size: tuple[int, int] | None = None
    """width and height of the window in pixels; None for the last session's"""
    screenshot: Path | None = None
    """write the window here once everything is drawn, and end"""
    grid: tuple[int, int] | None = None
    """rows and columns; None for the last session's"""
    session: Path | None = None
    """the session to open and to save to; None for the one that every start restores"""
    new: bool = False
    """do not restore the last session"""


def bundled_model() -> Path | None:
    """The model that travels with the program, if it is there."""
    found = Path(str(resources.files("models").joinpath(BUNDLED_MODEL)))
    return found if found.is_file() else None

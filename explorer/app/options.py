"""What the person asked for on the command line, and which model that means. Knows nothing of pygame."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

BUNDLED_MODEL = "critters.safetensors"
MIN_SIZE = (900, 600)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppOptions:
    """One start of the explorer."""

    model: Path | None = None
    """None for the bundled one"""
    device: str = "auto"
    """'auto', 'cpu', 'cuda' or 'mps'"""
    size: tuple[int, int] = (1440, 900)
    """width and height of the window in pixels"""
    screenshot: Path | None = None
    """write the window here once everything is drawn, and end"""
    grid: tuple[int, int] = (3, 3)
    """rows and columns"""

    def model_path(self) -> Path | None:
        """The file to open at the start; None if there is not even a bundled one."""
        return self.model or bundled_model()


def bundled_model() -> Path | None:
    """The model that travels with the program, if it is there."""
    found = Path(str(resources.files("models").joinpath(BUNDLED_MODEL)))
    return found if found.is_file() else None

"""What panels show beyond the document, as frozen values. Knows neither widgets nor who fills them in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from explorer.runs.run_state import RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelState:
    """The model that is open or being opened."""

    name: str = ""
    """the file's name; "" for no model"""
    opening: str = ""
    """the name of the file that is being opened; "" for none"""
    recent: tuple[Path, ...] = ()
    """other models that were open lately, newest first"""
    device: str = ""
    """'cpu', 'cuda' or 'mps' once the engine is there"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportState:
    """The video that can be made or is being made."""

    seconds_per_step: float = 2.0
    fps: int = 30
    loop: bool = True
    path: Path | None = None
    """where the next video goes"""
    keyframes: int = 0
    """favourites to walk through"""
    done: int = 0
    total: int = 0
    running: bool = False
    stage: str = "rendering"
    """of the video that is being made: one of the engine's STAGES"""
    seconds_left: float | None = None
    paused: bool = False
    waiting: int = 0
    """videos that are made after this one"""
    format: str = "h264"
    """of a timeline's video: one of the engine's FORMATS"""
    side: int | None = None
    """its width and height in pixels; None for the model's own"""
    quality: int = 80
    opening: bool = False
    """another model is being opened: whose favourites would they be?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftState:
    """How the pictures wander by themselves."""

    kind: str = "still"
    """'still', 'straight' (from seed to seed) or 'circle' (a loop that closes)"""
    speed: float = 0.25
    """seeds a second"""
    radius: float = 1.0
    """of the circle, in seeds"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingState:
    """The training that is followed."""

    run: RunState | None = None
    """None if none is"""
    wanted: str = "newest"
    """'newest' or 'best'"""
    shown: str = ""
    """which of its snapshots is open, or why none is yet"""
    running: bool = False
    """whether a training that was begun here goes on"""
    line: str = ""
    """what it is doing"""

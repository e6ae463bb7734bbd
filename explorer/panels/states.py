"""What panels show beyond the document, as frozen values. Knows neither widgets nor who fills them in."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from engine.video.plan import Output, VideoPlan
from engine.video.progress import Progress
from explorer.library.video_list import OrderedVideo
from explorer.runs.run_state import RunState

if TYPE_CHECKING:
    import numpy as np


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
    devices: tuple[str, ...] = ()
    """those that it could use"""


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
    output: Output = field(default_factory=lambda: Output(format="h264"))
    """the shape of a timeline's video; its format is never None"""
    spread: str = "phases"
    """what the walks side by side are: one of the engine's SPREADS"""
    opening: bool = False
    """another model is being opened: whose favourites would they be?"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QueuedVideo:
    """A video that was ordered: compared by identity, for every change makes another one."""

    number: int
    """what it is called by; no two have the same"""
    order: OrderedVideo
    state: str = "waiting"
    """'kept' from the last time, or since the engine has ended, until somebody wants it; 'waiting', then 'running' or
    'paused', and at last 'finished', 'failed' or 'cancelled'"""
    progress: Progress | None = None
    """None before the first news of it"""
    picture: np.ndarray | None = None
    """uint8 [H, W, 3 or 4]: its newest frame"""
    message: str = ""
    """why it failed"""

    @property
    def plan(self) -> VideoPlan:
        """What is to be made."""
        return self.order.plan

    @property
    def is_active(self) -> bool:
        """Whether it is the one that is being made."""
        return self.state in ("running", "paused")

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ("finished", "failed", "cancelled")


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

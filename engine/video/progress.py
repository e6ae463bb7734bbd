"""How far a video is, as a frozen value that crosses threads. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

STAGES = ("measuring", "rendering", "finishing", "done")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Progress:
    """How far a video is."""

    stage: str
    """one of STAGES"""
    done: int
    """drafts while measuring, else frames"""
    total: int
    seconds_left: float | None = None
    """an estimate from the time that the frames so far took, pauses left out; None if nothing is known yet"""
    picture: np.ndarray | None = None
    """uint8 [H, W, 3 or 4]: the newest picture"""

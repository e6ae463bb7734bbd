"""What the window asks of whoever makes its pictures, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.formats.model_info import Weights
from engine.inference.layer_maps import LayerQuestion
from engine.inference.requests import RenderRequest
from engine.video.plan import VideoPlan
from engine.video.timeline import Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenModel:
    """Open this file and render with it from then on."""

    path: Path
    weights: Weights = "ema"
    device: str | None = None
    """where it, and every later one, is to be computed: 'cpu', 'cuda' or 'mps'; None for where it is done now"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOpen:
    """The models that were ordered before this are not wanted any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportVideo:
    """Make this video, with its own model, whichever is open."""

    plan: VideoPlan
    content_id: str
    """of the model that the plan's looks belong to"""
    path: Path | None = None
    """where that model lies, for when it is not the one that is open; None if nobody knows"""
    weights: Weights = "ema"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelExport:
    """Give up the video that is being made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseExport:
    """Let the video that is being made rest, or go on."""

    paused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LookIntoLayer:
    """Look at the maps of a layer; a newer question replaces one that was not taken yet."""

    question: LayerQuestion


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRequest:
    """What a timeline shows at a time; the newest request replaces an older one."""

    request_id: int
    timeline: Timeline
    seconds: float
    hurry: bool
    """a draft that comes at once is better than a picture that comes late"""


Command = OpenModel | ExportVideo | CancelExport | PauseExport | LookIntoLayer
Order = RenderRequest | FrameRequest | CancelOpen | Command

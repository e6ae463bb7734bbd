"""What the window is answered by whoever makes its pictures, as frozen values. Knows nothing of torch or of threads.

Rendered tiles come as `RenderResult` and `RenderFailure` from `engine.inference.requests`. Every message is a
sentence meant for a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.formats.model_info import ModelInfo
from engine.inference.layer_maps import LayerMaps
from engine.inference.requests import RenderFailure, RenderResult
from engine.video.progress import Progress

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerReady:
    """torch is there, or has moved to another device; models can be opened."""

    device: str
    """'cpu', 'cuda' or 'mps'"""
    devices: tuple[str, ...]
    """those that could be used, the fastest first"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerFailed:
    """The thread could not start, or had to end: nothing will be rendered any more."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOpened:
    """From now on pictures are of this model."""

    path: Path
    info: ModelInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFailed:
    """The model could not be opened; the one before it, if any, stays in use."""

    path: Path
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryShort:
    """Memory has run out, and pictures are made with less of it from now on."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportProgress:
    """A piece of the video is done."""

    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFinished:
    """The video is complete and has its name."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFailed:
    """The video could not be made; what was finished before stays, and can be gone on with."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportCancelled:
    """The video was given up on request; nothing of it is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLeft:
    """The program ends before the video does; what is finished of it stays, and can be gone on with."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameShown:
    """What a timeline shows at a time."""

    request_id: int
    pixels: np.ndarray
    """uint8 [height, width, 3 or 4]"""
    draft: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameFailed:
    """A frame of a timeline could not be made."""

    request_id: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceMeasured:
    """What the frames of the last timeline needed for an even pace is known now: they may look different."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSeen:
    """The maps of a layer."""

    maps: LayerMaps


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerFailed:
    """The maps of a layer could not be made."""

    message: str


ExportEnd = ExportFinished | ExportFailed | ExportCancelled | ExportLeft
LayerReply = LayerSeen | LayerFailed
FrameReply = FrameShown | FrameFailed | PaceMeasured
Reply = (
    WorkerReady
    | WorkerFailed
    | ModelOpened
    | ModelFailed
    | RenderResult
    | RenderFailure
    | MemoryShort
    | ExportProgress
    | ExportEnd
    | LayerReply
    | FrameReply
)

"""Which kinds of video the FFmpeg at hand can make, and a sentence for each that it cannot.

Torch-free; knows nothing of plans or of files.
"""

from __future__ import annotations

from engine.errors import ExportError
from engine.video.ffmpeg import has_encoder
from engine.video.formats import KINDS, VideoKind


def problem_of(kind: VideoKind, *, sound: bool = False) -> str:
    """Why this kind cannot be made, as the end of a sentence; "" if it can. Raises ExportError without an FFmpeg."""
    for name in (kind.encoder, kind.last_encoder, kind.sound if sound else ""):
        if name and not has_encoder(name):
            return f"this FFmpeg has no encoder {name} for {kind.name}; choose another format"
    return ""


def problems() -> dict[str, str]:
    """For each format that cannot be made, why not. Runs FFmpeg once."""
    found = {}
    for kind in KINDS.values():
        try:
            problem = problem_of(kind)
        except ExportError as error:
            problem = str(error)
        if problem:
            found[kind.name] = problem
    return found

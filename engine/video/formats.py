"""Which kinds of video there are, and the encoder's words for them.

Torch-free; knows nothing of processes or of files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.errors import ConfigError

MAX_GIF_FPS = 50
"""Delays are whole hundredths of a second, and players take those below 2 for 10."""
# The matrix must be named, or FFmpeg takes that of BT.601; and the frames must be tagged, or players guess. sRGB's
# curve is not quite BT.709's, but players show video of that tag with it: this keeps the colours.
_TO_BT709 = (
    "scale=in_range=pc:out_range=tv:out_color_matrix=bt709:flags=accurate_rnd+full_chroma_int,format=yuv420p,"
    "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
)
_YUV = ("-vf", _TO_BT709, "-pix_fmt", "yuv420p")


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoKind:
    """One kind of video."""

    name: str
    suffixes: tuple[str, ...]
    """of the file; none for a folder of pictures"""
    encoder: str
    """FFmpeg's name of what makes the segments; empty if FFmpeg makes none"""
    options: Callable[[int], tuple[str, ...]]
    """of that encoder, for a quality from 1 to 100"""
    even: bool = False
    """whether height and width must be even"""
    sound: str = ""
    """FFmpeg's encoder for sound; empty if the file can hold none"""
    container: str = ""
    """FFmpeg's name of the finished file's format"""
    last_encoder: str = ""
    """FFmpeg's name of what makes the finished file, where the segments are only lossless copies of the frames"""
    max_fps: int = 120


def _crf(worst: int, best: int) -> Callable[[int], str]:
    """Constant quality: the scale of each codec is its own, and small numbers are good."""
    return lambda quality: str(round(worst + (best - worst) * quality / 100))


# Fast presets, for whatever the encoder takes on a CPU the renderer goes without: with H.264, a third of the work of
# `medium` for the same size at half a decibel less (benchmarks/results/video_*.md).
_H264, _H265, _AV1, _VP9 = _crf(40, 10), _crf(43, 11), _crf(60, 16), _crf(58, 12)


def _lossless(_quality: int) -> tuple[str, ...]:
    return ("-c:v", "libx264rgb", "-qp", "0", "-preset", "ultrafast", "-pix_fmt", "rgb24")


KINDS: dict[str, VideoKind] = {
    kind.name: kind
    for kind in (
        VideoKind(
            name="h264",
            suffixes=(".mp4", ".m4v"),
            encoder="libx264",
            options=lambda q: (*_YUV, "-c:v", "libx264", "-preset", "veryfast", "-crf", _H264(q)),
            even=True,
            sound="aac",
            container="mp4",
        ),
        VideoKind(
            name="h265",
            suffixes=(".mp4", ".m4v"),
            encoder="libx265",
            options=lambda q: (
                *(*_YUV, "-c:v", "libx265", "-preset", "superfast", "-crf", _H265(q)),
                *("-tag:v", "hvc1", "-x265-params", "log-level=error"),
            ),
            even=True,
            sound="aac",
            container="mp4",
        ),
        VideoKind(
            name="av1",
            suffixes=(".mp4", ".m4v"),
            encoder="libsvtav1",
            options=lambda q: (*_YUV, "-c:v", "libsvtav1", "-preset", "8", "-crf", _AV1(q)),
            even=True,
            sound="aac",
            container="mp4",
        ),
        VideoKind(
            name="vp9",
            suffixes=(".webm",),
            encoder="libvpx-vp9",
            options=lambda q: (
                *(*_YUV, "-c:v", "libvpx-vp9", "-crf", _VP9(q), "-b:v", "0"),
                *("-row-mt", "1", "-deadline", "good", "-cpu-used", "5"),
            ),
            even=True,
            sound="libopus",
            container="webm",
        ),
        VideoKind(
            name="gif",
            suffixes=(".gif",),
            encoder="libx264rgb",
            options=_lossless,
            container="gif",
            last_encoder="gif",
            max_fps=MAX_GIF_FPS,
        ),
        VideoKind(
            name="webp",
            suffixes=(".webp",),
            encoder="libx264rgb",
            options=_lossless,
            container="webp",
            last_encoder="libwebp_anim",
        ),
        VideoKind(
            name="apng",
            suffixes=(".apng", ".png"),
            encoder="libx264rgb",
            options=_lossless,
            container="apng",
            last_encoder="apng",
        ),
        VideoKind(name="frames", suffixes=(), encoder="", options=lambda _: ()),
    )
}
FORMATS = tuple(KINDS)


def format_for(path: Path) -> str:
    """The usual format of a file with this name; a name without a suffix is a folder of PNG files. ConfigError."""
    suffix = path.suffix.lower()
    for kind in KINDS.values():
        if suffix in kind.suffixes or (not suffix and not kind.suffixes):
            return kind.name
    known = ", ".join(dict.fromkeys(suffix for kind in KINDS.values() for suffix in kind.suffixes))
    raise ConfigError(f"{path} has a name that ends in none of {known}: give the video one that does")

"""A video to be made: which walks, as what kind of file, how large. Torch-free; knows nothing of encoders."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import ConfigError
from engine.video.formats import FORMATS, KINDS, format_for
from engine.video.timeline import Timeline

MIN_WATCHABLE_SIZE = 256
"""Smaller pictures are enlarged to at least this many pixels, so that players show more than a stamp."""
MAX_SIZE = 8192
"""What decoders of the newer codecs take; those of H.264 in hardware commonly end at 4096."""
MAX_CELLS = 64
MAX_SUPERSAMPLING = 64
FITS = ("letterbox", "crop")


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """The shape of a video. Raises ConfigError for numbers that cannot work."""

    format: str | None = None
    """one of FORMATS; None for the one that the file's name says"""
    width: int | None = None
    height: int | None = None
    """pixels; with one of them the other follows, with none it is the model's own size, enlarged if it is tiny"""
    fit: str = "letterbox"
    """how a picture meets a frame of another shape: with black bars, or cut off"""
    rows: int = 1
    columns: int = 1
    """walks side by side"""
    quality: int = 80
    """1 to 100; 80 is hard to tell from the original"""
    supersampling: int = 1
    """pictures that are averaged for each frame, evenly around its time: motion blur"""

    def __post_init__(self) -> None:
        if self.format is not None and self.format not in FORMATS:
            raise ConfigError(f"no video format {self.format!r}: use {', '.join(FORMATS)}")
        if self.fit not in FITS:
            raise ConfigError(f"no way {self.fit!r} to fit a picture: use {', '.join(FITS)}")
        for side in (self.width, self.height):
            if side is not None and not 2 <= side <= MAX_SIZE:
                raise ConfigError(f"a video is 2 to {MAX_SIZE} pixels wide and high, not {side}")
        if self.rows < 1 or self.columns < 1 or self.rows * self.columns > MAX_CELLS:
            raise ConfigError(f"a video shows 1 to {MAX_CELLS} walks, not {self.rows} rows of {self.columns}")
        if not 1 <= self.quality <= 100:
            raise ConfigError(f"the quality is 1 to 100, not {self.quality}")
        if not 1 <= self.supersampling <= MAX_SUPERSAMPLING:
            raise ConfigError(f"1 to {MAX_SUPERSAMPLING} pictures make a frame, not {self.supersampling}")

    def frame_size(self, format: str, img_resolution: int) -> tuple[int, int]:
        """(width, height) in pixels for a model of this resolution; even where the format wants it. ConfigError.

        Without a size of its own, a tiny picture is enlarged by the smallest whole factor that reaches
        MIN_WATCHABLE_SIZE, so that every pixel stays a square.
        """
        columns, rows = self.columns, self.rows
        if self.width is not None or self.height is not None:
            width = self.width or round((self.height or 0) * columns / rows)
            height = self.height or round(width * rows / columns)
        else:
            largest = img_resolution * max(columns, rows)
            cell = img_resolution * max(1, -(-MIN_WATCHABLE_SIZE // largest))
            width, height = cell * columns, cell * rows
        if max(width, height) > MAX_SIZE:
            raise ConfigError(f"{width} by {height} pixels are too many: give a width of at most {MAX_SIZE}")
        odd = KINDS[format].even
        return (width + width % 2, height + height % 2) if odd else (width, height)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoPlan:
    """A video to be made. Raises ConfigError for what cannot work."""

    timelines: tuple[Timeline, ...]
    """one for each cell of the output's grid, in reading order; all have the same number of frames"""
    path: Path
    """the file, or the folder of pictures, to make; its parent folder must exist, it must not"""
    output: Output = field(default_factory=Output)
    phases: tuple[float, ...] = ()
    """share of its timeline, from 0 up to 1, at which each walk begins; none if all begin at 0"""
    sound: Path | None = None
    """a file whose sound goes along; None for the first timeline's own, where the format holds any"""
    sound_start: float = 0.0
    """seconds into the sound at which the video begins"""

    def __post_init__(self) -> None:
        cells = self.output.rows * self.output.columns
        if len(self.timelines) != cells:
            raise ConfigError(f"{len(self.timelines)} walks do not fill {cells} places side by side")
        for timeline in self.timelines:
            if len(timeline.keys) < 2 and timeline.duration == 0:
                raise ConfigError("a video walks from picture to picture: choose at least two")
            if timeline.duration * timeline.fps < 0.5:
                raise ConfigError(
                    f"{timeline.duration:g} seconds at {timeline.fps} frames a second are not even one frame: "
                    "use more seconds"
                )
        if len({(timeline.frame_count, timeline.fps) for timeline in self.timelines}) != 1:
            raise ConfigError("walks side by side need the same length and the same frames a second")
        self._check_phases()
        kind = KINDS[self.format]
        suffix = self.path.suffix.lower()
        if kind.suffixes and suffix not in kind.suffixes:
            raise ConfigError(f"{self.path} is to be {kind.name}: give it a name that ends in {kind.suffixes[0]}")
        if self.fps > kind.max_fps:
            raise ConfigError(f"a {kind.name} has at most {kind.max_fps} frames a second, not {self.fps}")
        if self.sound is not None and not kind.sound:
            raise ConfigError(f"a {kind.name} holds no sound: choose .mp4 or .webm, or leave the sound out")
        if not 0 <= self.sound_start < 1e6:
            raise ConfigError(f"a sound starts at 0 seconds or later, not at {self.sound_start}")

    def _check_phases(self) -> None:
        if self.phases and len(self.phases) != len(self.timelines):
            raise ConfigError(f"{len(self.phases)} phases are too few or too many for {len(self.timelines)} walks")
        for phase, timeline in zip(self.phases, self.timelines, strict=False):
            if not 0 <= phase < 1:
                raise ConfigError(f"a walk begins at a share of it from 0 up to, but without, 1, not at {phase:g}")
            if phase > 0 and not timeline.loop:
                raise ConfigError("a walk that ends cannot begin in its middle: make it a loop, or use other seeds")

    def phase(self, cell: int) -> float:
        """Where the walk of a cell begins."""
        return self.phases[cell] if self.phases else 0.0

    @property
    def format(self) -> str:
        """One of FORMATS. ConfigError if neither the output nor the name of the file says which."""
        return self.output.format or format_for(self.path)

    @property
    def heard(self) -> tuple[Path, float] | None:
        """The file whose sound goes along, and the second in it at which the video begins."""
        if self.sound is not None:
            return self.sound, self.sound_start
        own = self.timelines[0].sound
        return None if own is None or not KINDS[self.format].sound else (own.path, own.start)

    @property
    def fps(self) -> int:
        """Frames a second."""
        return self.timelines[0].fps

    @property
    def frame_count(self) -> int:
        """How many frames the video has."""
        return self.timelines[0].frame_count

    def frame_size(self, img_resolution: int) -> tuple[int, int]:
        """(width, height) of the video in pixels for a model of this resolution. ConfigError if that is too large."""
        return self.output.frame_size(self.format, img_resolution)

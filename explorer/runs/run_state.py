"""A training run as its folder tells of it at one moment, as frozen values. Knows neither files nor widgets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A model file of a run. Two are equal only if the same file was not written in between."""

    path: Path
    written_ns: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One line of a chart."""

    name: str
    points: tuple[tuple[float, float], ...]
    """(kimg, value), oldest first; all finite"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Curves that are looked at together."""

    title: str
    curves: tuple[Curve, ...]
    meaning: str = ""
    """for those who do not know it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWarning:
    """What the watch of a run has said."""

    kimg: float
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """What can be said of a run."""

    folder: Path
    snapshots: tuple[Snapshot, ...] = ()
    """the newest first"""
    best: Snapshot | None = None
    """what the judge likes best, where there is a judge"""
    charts: tuple[Chart, ...] = ()
    """only those that have points"""
    warnings: tuple[RunWarning, ...] = ()
    """oldest first"""
    kimg: float = 0.0
    seconds: float = 0.0
    """of training"""
    img_per_second: float = 0.0
    quiet_minutes: int = 0
    """whole minutes since the last report"""
    problem: str = ""
    """why the folder cannot be read, as a sentence; "" if it can"""

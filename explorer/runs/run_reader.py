"""Reads a run folder while a training writes into it. What is half written or just removed is no error.

Reads again only what has changed. Knows nothing of models: a snapshot is a file.
"""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.training.run_files import BEST_NAME, OPTIONS_NAME, SNAPSHOT_NAME, STATS_NAME, WARNINGS_NAME, read_lines
from explorer.runs.run_state import Chart, Curve, RunState, RunWarning, Snapshot

MAX_POINTS = 240
"""of a curve: more than its chart has pixels would only take time to draw"""
CHARTS = (
    ("Loss", ("loss_",), "Of G and of D. They need not fall: that they stay in balance is a good sign"),
    ("KID", ("kid_",), "How far the samples are from the training pictures: 0 is like them"),
    ("Diversity", ("diversity_",), "How much samples differ, as a share of how much the training pictures do"),
    ("Augmentation", ("ada_p",), "p, the probability of the augmentations: rises where D begins to know its pictures"),
)
"""(title, how the names of its statistics begin, what it means)"""
NAMES = {"loss_G": "G", "loss_D": "D", "ada_p": "p", "diversity_outlines": "shape"}
"""what curves are called; the others by the end of their names"""
LEFT_OUT = ("loss_G_features", "loss_D_features")

Line = dict[str, Any]
Stamp = tuple[int, int]
"""(written at, in nanoseconds; size in bytes): the same for the same content"""


def is_run(folder: Path) -> bool:
    """Whether a training has written into this folder."""
    try:
        names = [entry.name for entry in os.scandir(folder)]
    except OSError:
        return False
    return any(name in (OPTIONS_NAME, STATS_NAME) or SNAPSHOT_NAME.fullmatch(name) for name in names)


@dataclass(slots=True)
class RunReader:
    """For one folder and one thread."""

    folder: Path
    _lines: dict[str, tuple[Stamp, list[Line]]] = field(default_factory=dict)

    def read(self) -> RunState:
        """The run as it is now; with a `problem` if the folder cannot be read."""
        try:
            entries = {entry.name: entry for entry in os.scandir(self.folder)}
            stats, warnings = self._read_lines(STATS_NAME), self._read_lines(WARNINGS_NAME)
        except OSError as error:
            return RunState(folder=self.folder, problem=f"{self.folder} cannot be read: {error.strerror or error}")
        numbered = sorted(
            ((int(found[1]), name) for name in entries if (found := SNAPSHOT_NAME.fullmatch(name))), reverse=True
        )
        snapshots = (self._snapshot(name) for _, name in numbered)
        last = stats[-1] if stats else {}
        return RunState(
            folder=self.folder,
            snapshots=tuple(snapshot for snapshot in snapshots if snapshot is not None),
            best=self._snapshot(BEST_NAME) if BEST_NAME in entries else None,
            charts=charts_of(stats),
            warnings=tuple(
                RunWarning(kimg=line["cur_nimg"] / 1000, sentence=_sentence(line["sentence"]))
                for line in warnings
                if isinstance(line.get("sentence"), str)
            ),
            kimg=last.get("cur_nimg", 0) / 1000,
            seconds=_number(last.get("seconds")),
            img_per_second=_number(last.get("img_per_second")),
            quiet_minutes=self._quiet_minutes(),
        )

    def _read_lines(self, name: str) -> list[Line]:
        """Raises OSError for a file that is there and cannot be read."""
        stamp = _stamp(self.folder / name)
        if stamp is None:
            return []
        known = self._lines.get(name)
        if known is None or known[0] != stamp:
            try:
                lines = read_lines(self.folder / name)
            except UnicodeDecodeError:  # no statistics of ours
                lines = []
            known = self._lines[name] = (stamp, lines)
        return known[1]

    def _snapshot(self, name: str) -> Snapshot | None:
        stamp = _stamp(self.folder / name)
        return None if stamp is None else Snapshot(path=self.folder / name, written_ns=stamp[0], size_bytes=stamp[1])

    def _quiet_minutes(self) -> int:
        stamp = _stamp(self.folder / STATS_NAME)
        return 0 if stamp is None else max(int((time.time_ns() - stamp[0]) / 60e9), 0)


def charts_of(stats: list[Line]) -> tuple[Chart, ...]:
    """Every chart that has something to show."""
    names = list(dict.fromkeys(name for line in stats for name in line if name not in LEFT_OUT))
    charts = []
    for title, beginnings, meaning in CHARTS:
        curves = [_curve(name, stats) for name in names if name.startswith(beginnings)]
        curves = [curve for curve in curves if curve.points]
        if curves:
            charts.append(Chart(title=title, meaning=meaning, curves=tuple(curves)))
    return tuple(charts)


def _curve(name: str, stats: list[Line]) -> Curve:
    points = [(line["cur_nimg"] / 1000, _number(line.get(name), math.nan)) for line in stats]
    points = [point for point in points if math.isfinite(point[1])]
    step = max(math.ceil(len(points) / MAX_POINTS), 1)
    thinned = points[::-step][::-1]  # the last one always counts
    return Curve(name=NAMES.get(name, name.split("_", 1)[-1]), points=tuple(thinned))


def _number(value: object, otherwise: float = 0.0) -> float:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else otherwise


def _sentence(text: str) -> str:
    return text.removeprefix("Warning: ")


def _stamp(path: Path) -> Stamp | None:
    """None if it is not there, or not any more."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size

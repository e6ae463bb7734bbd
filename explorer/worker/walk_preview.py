"""Single frames of a timeline that is still being made, as fast as they can be had.

The last timeline's walk is kept; what an even pace needs is measured bit by bit, when there is nothing better to do.
Knows nothing of threads.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np

from engine.inference.renderer import Renderer
from engine.video.measure import measure
from engine.video.pace import PathLengths
from engine.video.pictures import Painter
from engine.video.timeline import Timeline
from engine.video.walk import Walk


class WalkPreview:
    """Of one model."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        self._timeline: Timeline | None = None
        self._walk: Walk | None = None
        self._painter: Painter | None = None
        self._measuring: Generator[int, None, PathLengths] | None = None

    def frame(self, timeline: Timeline, seconds: float, resolution: int) -> np.ndarray:
        """uint8 [resolution, resolution, 3 or 4]. Raises ConfigError or OutOfMemoryError.

        An even pace is shown as if it were eased until it is measured.
        """
        if timeline != self._timeline or self._walk is None or self._painter is None:
            self._walk = Walk(self._renderer, replace(timeline, pace="eased"))
            self._painter = Painter(self._renderer, timeline.noise)
            self._timeline = timeline
            self._measuring = measure(self._renderer, timeline) if timeline.pace != "eased" else None
        picture: np.ndarray = self._painter.paint([self._walk.at(seconds)], resolution)[0]
        return picture

    def measure(self) -> bool:
        """One more draft for an even pace; False if there is nothing to measure. Raises as `frame` does."""
        if self._measuring is None or self._timeline is None:
            return False
        try:
            next(self._measuring)
        except StopIteration as end:
            self._measuring = None
            self._walk = Walk(self._renderer, self._timeline, end.value)
        return True

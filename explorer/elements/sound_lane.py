"""The sound below a timeline's keys: its shape, its beats and onsets, a few words. Changes nothing."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pygame

from engine.video.listening import SHAPE_RATE, Heard
from engine.video.sound import LOUDNESS_RATE
from explorer.elements.pen import Pen
from explorer.elements.track_geometry import TrackGeometry

if TYPE_CHECKING:
    from explorer.elements.timeline_track import TimelineTrack

NEAREST_TICKS = 5
"""pixels; where they would lie closer, every other one is left out"""
ONSET_HEIGHT, BEAT_HEIGHT = 4, 10
"""of the ticks at the lane's foot"""
WITHIN, BEYOND = 0.65, 0.25
"""how much of the text's colour the sound has where the film is, and behind its end"""
VEIL = 200
_NEARLY = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """What is to be seen of a sound."""

    heard: Heard | None = None
    """None while it is not known"""
    start: float = 0.0
    """seconds into it at the timeline's second 0"""
    words: str = ""
    chosen: bool = False
    times: tuple[float, ...] = ()
    """seconds of the timeline on which keys snap, in order"""
    curve: tuple[float, ...] = ()
    """what a control follows, 0 to 1, LOUDNESS_RATE values a second from the timeline's second 0"""

    def has_time(self, seconds: float) -> bool:
        """Whether something begins to sound exactly there."""
        index = bisect_left(self.times, seconds - _NEARLY)
        return index < len(self.times) and abs(self.times[index] - seconds) <= _NEARLY


class LaneImage:
    """Drawn anew only when it looks otherwise: the playhead passes over it many times a second."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._image: pygame.Surface | None = None

    def paint(self, track: TimelineTrack, pen: Pen) -> None:
        """Onto the track."""
        lane, place, geometry = track.lane, track.lane_place, track.geometry
        if lane is None or not place.height:
            return
        key = (lane, place.size, pen.scale, geometry, track.timeline.duration, tuple(track.colour("accent")))
        if self._image is None or key != self._key:
            self._key, self._image = key, pygame.Surface(pen.scale.most(place.size))
            _draw(track, lane, geometry, Pen(self._image, place.size, pen.scale))
        pen.picture(self._image, place)


def columns_of(heard: Heard, first: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """float32 [N, 2]: the lowest and the highest sample between seconds of the sound; 0 where it is silent."""
    count = len(heard.shape)
    begin = np.floor(first * SHAPE_RATE).astype(int)
    end = np.maximum(np.ceil(behind * SHAPE_RATE).astype(int), begin + 1)
    inside = (begin >= 0) & (begin < count)
    columns = np.zeros((len(first), 2), np.float32)
    if not inside.any():
        return columns
    low, high = begin[inside], np.minimum(end[inside], count)
    edges = np.stack([low, high], axis=1).ravel()
    padded = np.concatenate([heard.shape, heard.shape[-1:]])  # an edge may lie behind the last one
    columns[inside, 0] = np.minimum.reduceat(padded[:, 0], edges)[::2]
    columns[inside, 1] = np.maximum.reduceat(padded[:, 1], edges)[::2]
    return columns


def _draw(track: TimelineTrack, lane: Lane, geometry: TrackGeometry, pen: Pen) -> None:
    pen.fill(track.colour("panel"))
    width, height = pen.area.size
    if lane.heard is not None:
        beats = _ticks(lane.heard.beats, lane.start, geometry)
        for x in beats:
            pen.line(track.colour("accent_soft"), (x, 1), (x, height - 1))
        _draw_shape(track, lane, lane.heard, geometry, pen)
        for x in _ticks(lane.heard.onsets, lane.start, geometry):
            pen.line(track.colour("muted"), (x, height - ONSET_HEIGHT), (x, height - 1))
        for x in beats:
            pen.line(track.colour("accent"), (x, height - BEAT_HEIGHT), (x, height - 1))
    if lane.curve:
        _draw_curve(track, lane.curve, geometry, pen)
    top = track.colour("accent" if lane.chosen else "line")
    pen.line(top, (0, 0), (width, 0))
    if lane.chosen:
        pen.line(top, (0, height - 1), (width, height - 1))
    if lane.words:
        _write(track, lane.words, pen)


def _draw_shape(track: TimelineTrack, lane: Lane, heard: Heard, geometry: TrackGeometry, pen: Pen) -> None:
    height = pen.area.height
    pixels = _columns(geometry, pen)
    if not pixels.size:
        return
    seconds = geometry.seconds(0.0) + pixels / geometry.scale
    columns = columns_of(heard, seconds + lane.start, seconds + 1 / (geometry.scale * pen.scale.factor) + lane.start)
    loudest = max(float(np.abs(heard.shape).max()), 1e-6)
    middle, reach = height / 2, height / 2 - 4
    end = geometry.x(track.timeline.duration)
    ground = track.colour("panel")
    within, beyond = (ground.lerp(track.colour("muted"), share) for share in (WITHIN, BEYOND))
    for x, (low, high) in zip(pixels.tolist(), (columns / loudest).tolist(), strict=True):
        if low != 0 or high != 0:
            colour = within if x < end else beyond
            pen.column(colour, x, (middle - high * reach, middle - low * reach))


def _draw_curve(track: TimelineTrack, curve: Sequence[float], geometry: TrackGeometry, pen: Pen) -> None:
    """From the lane's foot, where it is 0, to its top."""
    height = pen.area.height
    pixels = _columns(geometry, pen)
    places = (geometry.seconds(0.0) + pixels / geometry.scale) * LOUDNESS_RATE
    values = np.interp(places, np.arange(len(curve)), np.asarray(curve), right=0.0)
    points = np.stack([pixels, height - 3 - values * (height - 6)], axis=1).tolist()
    if len(points) > 1:
        pen.smooth_lines(track.colour("accent"), points)


def _columns(geometry: TrackGeometry, pen: Pen) -> np.ndarray:
    """Every column of pixels from the timeline's second 0 on, in points."""
    return np.arange(pen.scale.px(max(0, geometry.x(0.0))), pen.scale.px(pen.area.width)) / pen.scale.factor


def _ticks(times: Sequence[float], start: float, geometry: TrackGeometry) -> list[int]:
    """Where they lie, thinned out evenly where they are too many."""
    if len(times) > 1:
        apart = (times[-1] - times[0]) / (len(times) - 1) * geometry.scale
        step = 1
        while apart * step < NEAREST_TICKS:
            step *= 2
        times = times[::step]
    places = (geometry.x(time - start) for time in times if time >= start)
    return [x for x in places if 0 <= x <= geometry.width]


def _write(track: TimelineTrack, text: str, pen: Pen) -> None:
    """At the left, with the sound seen through it."""
    width, height = track.letters.size(text)
    ground = pygame.Rect(6, 3, width, height).inflate(8, 2)
    veil = pygame.Surface(pen.scale.place(ground).size)
    veil.fill(track.colour("panel"))
    veil.set_alpha(VEIL)
    pen.picture(veil, ground)
    track.write_at(pen, text, "muted", ("topleft", (6, 3)))

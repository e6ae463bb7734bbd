"""How a timeline's track is drawn. Knows the track's places and colours; changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pygame

from explorer.elements.pen import Pen
from explorer.elements.track_geometry import RULER_HEIGHT, SIDE, shown_seconds

if TYPE_CHECKING:
    from explorer.elements.timeline_track import TimelineTrack

CURVE_POINTS = 24
GHOST_ALPHA = 90


class TrackPainter:
    """For one repaint."""

    def __init__(self, track: TimelineTrack, pen: Pen) -> None:
        self._track = track
        self._pen = pen
        self._geometry = track.geometry

    def ruler(self) -> None:
        """Times, and a line for each."""
        width, geometry = self._pen.area.width, self._geometry
        ground = pygame.Rect(0, 0, width, RULER_HEIGHT)
        self._pen.rect(self._track.colour("panel"), ground)
        step = geometry.tick
        number = max(0, int(geometry.offset / step))
        while (x := geometry.x(number * step)) < width:
            self._pen.line(self._track.colour("line"), (x, RULER_HEIGHT - 5), (x, RULER_HEIGHT))
            text = shown_seconds(number * step, step)
            if x + 40 < width and x > 0:
                self._track.write(self._pen, text, "muted", (x if number else x + 6, RULER_HEIGHT / 2 - 2))
            number += 1

    def nothing(self, text: str) -> None:
        """How to begin."""
        below = self._track.lane_place.height
        middle = (self._pen.area.width / 2, (self._pen.area.height - below + RULER_HEIGHT) / 2)
        self._track.write(self._pen, text, "muted", middle)

    def ways(self) -> None:
        """Between two keys the easing's curve; a hold as a bar."""
        timeline, geometry = self._track.timeline, self._geometry
        top, bottom = RULER_HEIGHT + 6, RULER_HEIGHT + SIDE + 2
        for index, key in enumerate(timeline.keys):
            chosen = index in self._track.chosen
            if index < timeline.transitions:
                left = geometry.x(timeline.ends[index])
                right = geometry.x(timeline.ends[index] + key.transition)
                points = [
                    (
                        left + (right - left) * i / CURVE_POINTS,
                        bottom - (bottom - top) * key.easing.at(i / CURVE_POINTS),
                    )
                    for i in range(CURVE_POINTS + 1)
                ]
                if right > left:
                    self._pen.smooth_lines(self._track.colour("accent" if chosen else "track"), points)
            bar = self._track.bar(index)
            colour = self._track.colour("accent" if chosen else "track")
            self._pen.rect(colour, bar, radius=2)

    def keys(self, under_mouse: int | None) -> None:
        """Pictures at their times, chosen ones framed and above the others."""
        timeline = self._track.timeline
        if timeline.transitions == len(timeline.keys):
            self._ghost()
        order = sorted(range(len(timeline.keys)), key=lambda index: (index in self._track.chosen, index))
        for index in order:
            place = self._track.place(index)
            picture = self._track.pictures[index] if index < len(self._track.pictures) else None
            if picture is None:
                self._pen.rect(self._track.colour("control"), place, radius=4)
            else:
                self._pen.picture(picture, place)
            if index in self._track.chosen:
                self._pen.rect(self._track.colour("accent"), place.inflate(4, 4), width=2, radius=4)
            else:
                colour = "text" if index == under_mouse else "canvas"
                self._pen.rect(self._track.colour(colour), place.inflate(2, 2), width=1, radius=3)

    def playhead(self, seconds: float) -> None:
        """A line from the ruler down."""
        x = self._geometry.x(seconds)
        colour = self._track.colour("text")
        self._pen.line(self._track.colour("canvas"), (x - 1, 0), (x - 1, self._pen.area.height))
        self._pen.line(self._track.colour("canvas"), (x + 1, 0), (x + 1, self._pen.area.height))
        self._pen.line(colour, (x, 0), (x, self._pen.area.height))
        self._pen.polygon(colour, [(x - 5, 0), (x + 5, 0), (x, 8)])

    def beat(self, seconds: float) -> None:
        """A line through all, where a key that is dragged has come to lie on a beat."""
        x = self._geometry.x(seconds)
        self._pen.line(self._track.colour("accent"), (x, RULER_HEIGHT), (x, self._pen.area.height))

    def insertion(self, seconds: float | None) -> None:
        """Where what is dragged would go."""
        if seconds is not None:
            x = self._geometry.x(min(seconds, max(self._track.timeline.duration, 0.0)))
            line = pygame.Rect(x - 1, RULER_HEIGHT, 3, self._pen.area.height - RULER_HEIGHT)
            self._pen.rect(self._track.colour("accent"), line)

    def _ghost(self) -> None:
        """The first key, to which a loop returns."""
        picture = self._track.pictures[0] if self._track.pictures else None
        x = self._geometry.x(self._track.timeline.duration)
        place = pygame.Rect(x, RULER_HEIGHT + 4, SIDE, SIDE)
        if picture is not None:
            faint = picture.copy()
            faint.set_alpha(GHOST_ALPHA)
            self._pen.picture(faint, place)
        self._pen.rect(self._track.colour("line"), place, width=1, radius=4)

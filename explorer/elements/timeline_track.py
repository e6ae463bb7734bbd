"""The track of a timeline: keys in time, the way between them, and the playhead.

Knows a frozen Timeline and pictures, nothing of the session; every change is told, none is made here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pygame
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.ui_manager import UIManager

from engine.video.timeline import Timeline
from explorer.elements.drawn import DrawnElement, Press
from explorer.elements.pen import Pen
from explorer.elements.phase import Phase
from explorer.elements.sound_lane import Lane, LaneImage
from explorer.elements.track_geometry import BAR_HEIGHT, LANE_HEIGHT, MARGIN, RULER_HEIGHT, SIDE, TrackGeometry
from explorer.elements.track_painter import TrackPainter

ZOOM_STEP = 1.25
GRIP = 6
"""pixels around the end of a hold where it can be taken hold of"""
MULTIPLE = pygame.KMOD_CTRL | pygame.KMOD_META | pygame.KMOD_SHIFT


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackActions:
    """What the track tells."""

    choose: Callable[[frozenset[int]], None]
    """(keys) other ones are selected"""
    move: Callable[[int, float, Phase], None]
    """(key, seconds, phase) a key is dragged to a time"""
    hold: Callable[[int, float, Phase], None]
    """(key, seconds, phase) the end of its hold is dragged"""
    remove: Callable[[int], None]
    """(key) the right button clicked it"""
    scrub: Callable[[float, Phase], None]
    """(seconds, phase) the playhead is led there"""
    sound: Callable[[], None]
    """its lane was clicked"""
    key: Callable[[pygame.event.Event], bool]
    """a key was pressed while the track has the focus; False if it means nothing"""


class TimelineTrack(DrawnElement):
    """Click: select. Drag a key: move it. Drag elsewhere: scrub. Wheel: scroll; with Ctrl: magnify.

    Below the keys may lie a sound.
    """

    takes_keys = True

    def __init__(
        self, rect: pygame.Rect, manager: UIManager, container: IContainerLikeInterface, actions: TrackActions
    ) -> None:
        self._actions = actions
        self.timeline = Timeline()
        self.pictures: tuple[pygame.Surface | None, ...] = ()
        self.chosen: frozenset[int] = frozenset()
        self.playhead = 0.0
        self.insertion: float | None = None
        """where something that is dragged here would become a key"""
        self.lane: Lane | None = None
        self._lane_image = LaneImage()
        self._empty_text = ""
        self._press: Press | None = None
        self._grip: int | None = None
        self._under_mouse: int | None = None
        self._magnification, self._offset = 1.0, 0.0
        self._held_duration = self._start = 0.0
        self._anchor = 0
        super().__init__(rect, manager, container, "timeline_track")

    @property
    def geometry(self) -> TrackGeometry:
        """The present one; it stands still while something is dragged."""
        duration = self._held_duration if self._press is not None else self.timeline.duration
        fitted = TrackGeometry(width=int(self.rect.width), duration=duration, magnification=self._magnification)
        return replace(fitted, offset=min(self._offset, fitted.most_offset))

    def show_timeline(
        self,
        timeline: Timeline,
        pictures: Sequence[pygame.Surface | None],
        chosen: frozenset[int],
        playhead: float,
    ) -> None:
        """The pictures are those of the keys, `picture_side` wide; None where one is still to come."""
        same = len(pictures) == len(self.pictures) and all(a is b for a, b in zip(pictures, self.pictures, strict=True))
        if not same or (timeline, chosen, playhead) != (self.timeline, self.chosen, self.playhead):
            self.timeline, self.pictures = timeline, tuple(pictures)
            self.chosen, self.playhead = chosen, playhead
            self.touch()

    def show_sound(self, lane: Lane | None) -> None:
        """The sound below the keys; None for no lane."""
        if lane != self.lane:
            self.lane = lane
            self.touch()

    @property
    def picture_side(self) -> int:
        """How large the pictures of keys are, in pixels."""
        return self.scale.length(SIDE)

    @property
    def lane_place(self) -> pygame.Rect:
        """Of the sound, relative to the element; without any height where there is none."""
        height = LANE_HEIGHT if self.lane is not None else 0
        return pygame.Rect(0, int(self.rect.height) - height, int(self.rect.width), height)

    @property
    def dragged(self) -> int | None:
        """The key that is being dragged."""
        return self._press.tile if self._press is not None and self._press.dragging else None

    def show_empty_text(self, text: str) -> None:
        """What stands there for as long as there are no keys."""
        self._empty_text = text
        self.touch()

    def show_insertion(self, seconds: float | None) -> None:
        """A mark where something that is dragged over the window would go; None for nowhere."""
        if seconds != self.insertion:
            self.insertion = seconds
            self.touch()

    def seconds_at(self, point: tuple[int, int]) -> float | None:
        """The time below a point of the window, from 0; None outside the track."""
        if not self.rect.collidepoint(point):
            return None
        return max(0.0, self.geometry.seconds(point[0] - self.rect.x))

    def place(self, index: int) -> pygame.Rect:
        """Where a key's picture is, relative to the element."""
        return pygame.Rect(self.geometry.x(self.timeline.starts[index]), RULER_HEIGHT + 4, SIDE, SIDE)

    def centre(self, index: int) -> tuple[int, int]:
        """The middle of a key's picture in the window."""
        return self.in_window(self.place(index).center)

    def time_point(self, seconds: float) -> tuple[int, int]:
        """A time on the ruler, in the window."""
        return self.in_window((self.geometry.x(seconds), RULER_HEIGHT // 2))

    def hold_point(self, index: int) -> tuple[int, int]:
        """The end of a hold, in the window."""
        return self.in_window((self.geometry.x(self.timeline.ends[index]), self.bar(index).centery))

    def in_window(self, position: tuple[int, int]) -> tuple[int, int]:
        """A point of the element, in the window."""
        return int(self.rect.x) + position[0], int(self.rect.y) + position[1]

    def bar(self, index: int) -> pygame.Rect:
        """The hold of a key, below its picture."""
        left, right = self.geometry.x(self.timeline.starts[index]), self.geometry.x(self.timeline.ends[index])
        return pygame.Rect(left, RULER_HEIGHT + SIDE + 8, max(right - left, 3), BAR_HEIGHT)

    def update(self, time_delta: float) -> None:
        """Follows the mouse."""
        mouse = self.mouse()
        index = self._key_at(mouse) if mouse and self._press is None else None
        if index != self._under_mouse:
            self._under_mouse = index
            self.touch()
        super().update(time_delta)

    def process_event(self, event: pygame.event.Event) -> bool:
        """Mouse, wheel and keyboard."""
        if event.type == pygame.MOUSEWHEEL and self.hovered:
            self._wheel(event)
            return True
        if event.type == pygame.KEYDOWN and self.is_focused:
            return self._actions.key(event)
        if event.type == pygame.MOUSEBUTTONDOWN and self.hover_point(*event.pos):
            return self._down(event)
        if event.type == pygame.MOUSEMOTION and self._press is not None:
            self._press.moved(event.pos)
            self._follow(event.pos, "drag")
            return True
        if event.type == pygame.MOUSEBUTTONUP and event.button == pygame.BUTTON_LEFT and self._press is not None:
            self._follow(event.pos, "drop")
            self._press = self._grip = None
            self.touch()
            return True
        return False

    def paint(self, pen: Pen) -> None:
        """Ruler, way, keys, playhead."""
        painter = TrackPainter(self, pen)
        painter.ruler()
        if self.lane is not None:
            self._lane_image.paint(self, pen)
        if not self.timeline.keys:
            painter.nothing(self._empty_text)
        else:
            painter.ways()
            if self.lane is not None and self.dragged is not None and self.dragged < len(self.timeline.keys):
                start = self.timeline.starts[self.dragged]
                if self.lane.has_time(start):
                    painter.beat(start)
            painter.keys(self._under_mouse)
            painter.playhead(self.playhead)
        painter.insertion(self.insertion)

    def ground(self) -> pygame.Color:
        """That of the grid."""
        return self.colour("canvas")

    def _down(self, event: pygame.event.Event) -> bool:
        inside = (int(event.pos[0] - self.rect.x), int(event.pos[1] - self.rect.y))
        index = self._key_at(inside)
        if event.button == pygame.BUTTON_RIGHT:
            if index is not None:
                self._actions.remove(index)
            return True
        if event.button != pygame.BUTTON_LEFT or not self.timeline.keys:
            if event.button == pygame.BUTTON_LEFT and self.lane_place.collidepoint(inside):
                self._actions.sound()
            return bool(event.button == pygame.BUTTON_LEFT)
        self._held_duration = self.timeline.duration
        self._press = Press(start=event.pos, tile=index)
        self._grip = self._grip_at(inside) if index is None else None
        if index is not None:
            self._start = self.timeline.starts[index]
            self._select(index, pygame.key.get_mods())
        elif self._grip is None:
            if self.lane_place.collidepoint(inside):
                self._actions.sound()
            self._follow(event.pos, "drag")
        return True

    def _select(self, index: int, mods: int) -> None:
        if mods & pygame.KMOD_SHIFT:
            low, high = sorted((min(self._anchor, len(self.timeline.keys) - 1), index))
            self._actions.choose(frozenset(range(low, high + 1)))
            return
        self._anchor = index
        if mods & MULTIPLE:
            self._actions.choose(self.chosen ^ {index})
        elif index not in self.chosen:
            self._actions.choose(frozenset({index}))

    def _follow(self, position: tuple[int, int], phase: Phase) -> None:
        press = self._press
        if press is None:
            return
        across = press.moved(position)[0]
        if press.tile is not None and press.tile < len(self.timeline.keys):
            if press.dragging:
                x = self.geometry.x(self._start) + across
                self._actions.move(press.tile, self.geometry.seconds(x), phase)
            elif phase == "drop" and not pygame.key.get_mods() & MULTIPLE:
                self._actions.choose(frozenset({press.tile}))
        elif self._grip is not None and self._grip < len(self.timeline.keys):
            if press.dragging:
                x = position[0] - int(self.rect.x)
                self._actions.hold(self._grip, self.geometry.seconds(x) - self.timeline.starts[self._grip], phase)
        elif press.tile is None:
            self._actions.scrub(self.geometry.seconds(position[0] - int(self.rect.x)), phase)

    def _wheel(self, event: pygame.event.Event) -> None:
        geometry, mouse = self.geometry, self.mouse()
        if pygame.key.get_mods() & (pygame.KMOD_CTRL | pygame.KMOD_META) and mouse:
            below = geometry.seconds(mouse[0])
            self._magnification = min(max(self._magnification * ZOOM_STEP**event.y, 1.0), 64.0)
            scale = self.geometry.scale
            self._offset = max(0.0, below - (mouse[0] - MARGIN) / scale)
        else:
            self._offset = min(
                max(geometry.offset + (event.x - event.y) * 64 / geometry.scale, 0), geometry.most_offset
            )
        self.touch()

    def _key_at(self, position: tuple[int, int]) -> int | None:
        """The uppermost one, where they lie over each other."""
        indices = reversed(range(len(self.timeline.keys)))
        return next((index for index in indices if self.place(index).collidepoint(position)), None)

    def _grip_at(self, position: tuple[int, int]) -> int | None:
        bars = ((index, self.bar(index)) for index in reversed(range(len(self.timeline.keys))))
        if self.lane_place.collidepoint(position):
            return None
        near = (index for index, bar in bars if bar.inflate(2 * GRIP, 2 * GRIP).collidepoint(position))
        return next(near, None)

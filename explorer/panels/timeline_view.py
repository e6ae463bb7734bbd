"""The timeline below the grid: the track, what is done with keys, what the chosen ones or the film are set to.

Works on the studio; who makes pictures and files it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.elements import UIButton, UILabel, UIPanel
from pygame_gui.ui_manager import UIManager

from explorer.elements.button_state import enable, light, write
from explorer.elements.easing_curve import EasingCurve
from explorer.elements.phase import Phase
from explorer.elements.placing import put
from explorer.elements.sound_lane import Lane
from explorer.elements.timeline_track import TimelineTrack, TrackActions
from explorer.elements.track_geometry import LANE_HEIGHT, shown_seconds
from explorer.panels.drive_row import DriveRow
from explorer.panels.film_row import FilmRow
from explorer.panels.key_row import KeyRow
from explorer.panels.noise_column import NoiseColumn
from explorer.panels.sound_column import SoundColumn
from explorer.session.sound_studio import SoundStudio
from explorer.session.studio import Studio

MARGIN = 12
GAP = 6
BETWEEN = 4
"""pixels between buttons"""
ROW = 28
TRACK_HEIGHT = 100
CURVE_SIDE = TRACK_HEIGHT
TIME_WIDTH = 84
SNAP_PIXELS = 12
"""from a beat, where a key is drawn to it"""
EXPORT_WIDTH = 64
EMPTY = "Drag favourites here, or press A over a picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineActions:
    """What the timeline asks for beyond edits."""

    add: Callable[[], None]
    """the current picture as a key"""
    add_favourites: Callable[[], None]
    """all favourites as keys"""
    pictures: Callable[[int], Sequence[pygame.Surface | None]]
    """of the keys, so many pixels wide; None where one is still to come"""
    export: Callable[[], None]
    sound: SoundStudio
    choose_sound: Callable[[], None]
    """asks for a sound file"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the parts lie whose place depends on the width, or on whether there is sound."""

    export: pygame.Rect
    track: pygame.Rect
    curve: pygame.Rect
    row: pygame.Rect
    """of what the keys, the film or the sound are set to"""
    column: pygame.Rect
    """of the sound, in place of the curve"""


class TimelineView:
    """Built where and when it is to be seen; `kill` takes it away."""

    def __init__(self, rect: pygame.Rect, manager: UIManager, studio: Studio, actions: TimelineActions) -> None:
        self._manager, self._studio, self._actions = manager, studio, actions
        self._sound = actions.sound
        self.ground = UIPanel(
            rect, starting_height=1, manager=manager, margins={"left": 0, "right": 0, "top": 0, "bottom": 0}
        )
        places = self._places = _places(rect, with_sound=self._sound.track is not None)
        self._build_buttons(places.export)
        self.track = TimelineTrack(places.track, manager, self.ground, self._track_actions())
        self.track.show_empty_text(EMPTY)
        self.curve = EasingCurve(places.curve, manager, self.ground, studio.set_easing)
        self.key_row = KeyRow(places.row, manager, self.ground, studio)
        self.film_row = FilmRow(places.row, manager, self.ground, studio)
        self.drive_row = DriveRow(places.row, manager, self.ground, self._sound)
        self.noise_column = NoiseColumn(places.curve, manager, self.ground, studio)
        self.sound_column = SoundColumn(places.column, manager, self.ground, self._sound, actions.choose_sound)
        self.sync()

    def resize(self, rect: pygame.Rect) -> bool:
        """Another place and width; False if sound has come or gone since it was built, which takes another view."""
        places = _places(rect, with_sound=self._sound.track is not None)
        if places.row.y != self._places.row.y:
            return False
        self._places = places
        put(self.ground, rect)
        put(self.export_button, places.export)
        put(self.track, places.track)
        put(self.curve, places.curve)
        self.key_row.resize(places.row)
        self.film_row.resize(places.row)
        self.noise_column.move(places.curve)
        self.sound_column.move(places.column)
        return True

    def kill(self) -> None:
        """Takes it away."""
        self.ground.kill()

    def sync(self) -> None:
        """Brings everything into line with the studio."""
        studio = self._studio
        timeline, chosen = studio.timeline, studio.chosen
        self.track.show_timeline(timeline, self._actions.pictures(self.track.picture_side), chosen, studio.playhead)
        leading = [index for index in sorted(chosen) if index < timeline.transitions]
        self.curve.show_easing(timeline.keys[leading[0]].easing if leading else None)
        write(self.play_button, "Pause" if studio.playing else "Play")
        times = f"{shown_seconds(round(studio.playhead, 1))} / {shown_seconds(round(timeline.duration, 1))}"
        if self.time.text != times:
            self.time.set_text(times)
        enable(self.play_button, timeline.duration > 0)
        enable(self.duplicate_button, bool(chosen))
        enable(self.delete_button, bool(chosen))
        enable(self.export_button, timeline.duration > 0)
        light(self.ripple_button, studio.ripple)
        self._sync_sound(bool(chosen))

    def _sync_sound(self, keys_chosen: bool) -> None:
        sound = self._sound
        track, shown = sound.track, sound.shown and sound.track is not None
        lane = None
        if track is not None:
            lane = Lane(
                heard=sound.heard,
                start=track.start,
                words=sound.words,
                chosen=shown,
                times=sound.times,
                curve=sound.curve if shown else (),
            )
        self.track.show_sound(lane)
        write(self.sound_button, "Sound" if track is not None else "Sound…")
        light(self.sound_button, shown)
        self.key_row.show(keys_chosen and not shown)
        self.film_row.show(not keys_chosen and not shown)
        self.drive_row.show(shown)
        self.sound_column.show(shown)
        self.noise_column.show(not keys_chosen and not shown)
        curved = keys_chosen and not shown
        if bool(self.curve.visible) != curved:
            (self.curve.show if curved else self.curve.hide)()

    def _toggle_sound(self) -> None:
        if self._sound.track is None:
            self._actions.choose_sound()
        else:
            self._sound.shown = not self._sound.shown

    def _show_sound(self) -> None:
        self._sound.shown = True

    def _choose(self, keys: frozenset[int]) -> None:
        self._sound.shown = False
        self._studio.choose(keys)

    def _move(self, key: int, seconds: float, phase: Phase) -> None:
        self._studio.move(key, self._snapped(seconds), phase)

    def _hold(self, key: int, seconds: float, phase: Phase) -> None:
        start = self._studio.timeline.starts[key]
        self._studio.set_hold(round(self._snapped(start + seconds) - start, 6), phase, key)

    def time_at(self, point: tuple[int, int]) -> float | None:
        """When something that is let go here becomes a key: at the film's end or on a beat, if it is near.

        None outside the track.
        """
        seconds, end = self.track.seconds_at(point), self._studio.timeline.duration
        if seconds is None:
            return None
        if abs(seconds - end) <= SNAP_PIXELS / self.track.geometry.scale:
            return end
        return self._snapped(seconds)

    def _snapped(self, seconds: float) -> float:
        """Where a hand means: on the beat that is near, unless Alt says otherwise."""
        within = SNAP_PIXELS / self.track.geometry.scale
        return self._sound.snapped(seconds, within, opposite=bool(pygame.key.get_mods() & pygame.KMOD_ALT))

    def _build_buttons(self, export: pygame.Rect) -> None:
        studio = self._studio
        left = MARGIN

        def button(text: str, size: int, command: Callable[[], None], tooltip: str) -> UIButton:
            nonlocal left
            place = pygame.Rect(left, GAP, size, ROW)
            left = place.right + BETWEEN
            return UIButton(place, text, self._manager, self.ground, command=command, tool_tip_text=tooltip)

        self.play_button = button("Play", 50, studio.toggle_play, "Play the film, and stop (Y; Space in the timeline)")
        time = pygame.Rect(left, GAP, TIME_WIDTH, ROW)
        self.time = UILabel(time, "", self._manager, self.ground, object_id=ObjectID(class_id="@muted"))
        left = time.right + BETWEEN
        self.add_button = button("Add", 44, self._actions.add, "The current picture becomes a key (A)")
        self.favourites_button = button("All", 38, self._actions.add_favourites, "All favourites become keys")
        self.duplicate_button = button("Copy", 46, self._copy, "A copy of the chosen keys behind them (Ctrl+D)")
        self.delete_button = button("Delete", 54, lambda: studio.delete(), "Deletes the chosen keys (Delete)")
        self.ripple_button = button(
            "Ripple", 54, self._toggle_ripple, "What comes after a key that is moved or deleted moves with it"
        )
        self.sound_button = button("Sound…", 58, self._toggle_sound, "The film's sound: its beats, its loudness")
        self.export_button = UIButton(
            export,
            "Export…",
            self._manager,
            self.ground,
            command=self._actions.export,
            tool_tip_text="Make a video of it",
            object_id=ObjectID(class_id="@primary"),
        )

    def _toggle_ripple(self) -> None:
        self._studio.ripple = not self._studio.ripple
        self._manager.set_focus_set(self.track)  # the keyboard goes on being for the chosen keys

    def _copy(self) -> None:
        self._studio.duplicate()
        self._manager.set_focus_set(self.track)

    def _track_actions(self) -> TrackActions:
        studio = self._studio
        return TrackActions(
            choose=self._choose,
            move=self._move,
            hold=self._hold,
            remove=lambda index: studio.delete((index,)),
            scrub=studio.scrub,
            sound=self._show_sound,
            key=self._key,
        )

    def _key(self, event: pygame.event.Event) -> bool:
        """Keys while the track has the focus."""
        studio, control = self._studio, bool(event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META))
        plain: dict[int, Callable[[], object]] = {
            pygame.K_SPACE: studio.toggle_play,
            pygame.K_LEFT: lambda: studio.step(-1),
            pygame.K_RIGHT: lambda: studio.step(1),
            pygame.K_HOME: lambda: studio.scrub(0.0),
            pygame.K_END: lambda: studio.scrub(studio.timeline.duration),
            pygame.K_DELETE: studio.delete,
            pygame.K_BACKSPACE: studio.delete,
        }
        with_control: dict[int, Callable[[], object]] = {
            pygame.K_d: studio.duplicate,
            pygame.K_a: lambda: self._choose(frozenset(range(len(studio.timeline.keys)))),
        }
        command = (with_control if control else plain).get(event.key)
        if command is None:
            return False
        command()
        return True


def _places(rect: pygame.Rect, *, with_sound: bool) -> Places:
    """In a view at that place."""
    top = ROW + 2 * GAP
    height = TRACK_HEIGHT + (LANE_HEIGHT if with_sound else 0)
    track = pygame.Rect(MARGIN, top, rect.width - 2 * MARGIN - CURVE_SIDE - GAP, height)
    left = track.right + GAP
    return Places(
        export=pygame.Rect(rect.width - MARGIN - EXPORT_WIDTH, GAP, EXPORT_WIDTH, ROW),
        track=track,
        curve=pygame.Rect(left, top, CURVE_SIDE, TRACK_HEIGHT),
        row=pygame.Rect(MARGIN, track.bottom + GAP, rect.width - 2 * MARGIN, ROW),
        column=pygame.Rect(left, top, CURVE_SIDE, height),
    )

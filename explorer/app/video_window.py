"""The window in which the video of a timeline is set up, and in which one sees how far it is.

Asks through callables; knows neither the worker nor how a video is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pygame
from pygame_gui.core import ObjectID
from pygame_gui.elements import UIButton, UILabel, UIWindow
from pygame_gui.ui_manager import UIManager

from engine.video.timeline import MAX_FPS
from explorer.app.dialogs import centred
from explorer.elements.button_state import enable, write
from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.elements.large_picture import LargePicture
from explorer.elements.number_entry import NumberEntry, NumberFormat
from explorer.elements.phase import Phase
from explorer.elements.track_geometry import shown_seconds
from explorer.panels.states import ExportState
from explorer.panels.text_fit import fitted, shown_path
from explorer.session.studio import Studio

SIZE = (544, 344)
MARGIN = 14
ROW = 28
GAP = 8
LABEL_WIDTH = 80
PICTURE_SIDE = 76
BUTTON_WIDTH = 80
FORMATS = (
    Choice(label="MP4", value="h264", tooltip="H.264: plays everywhere"),
    Choice(label="H.265", value="h265", tooltip="MP4, smaller files for newer players"),
    Choice(label="AV1", value="av1", tooltip="MP4, the smallest files for the newest players"),
    Choice(label="WebM", value="vp9", tooltip="VP9, for web pages"),
    Choice(label="GIF", value="gif", tooltip="Animated, 256 colours, at most 50 frames a second"),
    Choice(label="WebP", value="webp", tooltip="Animated"),
    Choice(label="APNG", value="apng", tooltip="Animated, without any loss"),
    Choice(label="PNGs", value="frames", tooltip="A folder with a file for each frame"),
)
SIDES = (
    Choice(label="Model's", value=0, tooltip="As large as the model makes them; tiny pictures enlarged"),
    *(Choice(label=str(n), value=n, tooltip=f"{n} pixels wide and high") for n in (256, 512, 1024, 2048)),
)
FPS = NumberFormat(low=1, high=MAX_FPS, step=1)
QUALITY = NumberFormat(low=1, high=100, step=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoActions:
    """What the window asks for."""

    state: Callable[[], ExportState]
    change: Callable[[ExportState], None]
    path: Callable[[], Path]
    """where the next video goes"""
    choose_path: Callable[[], None]
    picture: Callable[[], np.ndarray | None]
    """the newest frame of the video that is being made"""
    start: Callable[[], None]
    pause: Callable[[], None]
    cancel: Callable[[], None]


class VideoWindow(UIWindow):
    """Stays open while videos are made; they go on when it is closed."""

    def __init__(self, studio: Studio, manager: UIManager, actions: VideoActions) -> None:
        super().__init__(
            centred(SIZE, manager), manager, window_display_title="Export video", object_id=ObjectID(object_id="#video")
        )
        self._studio, self._actions, self._manager = studio, actions, manager
        self._shown: np.ndarray | None = None
        self._written: dict[UILabel, str] = {}
        width = SIZE[0] - 2 * MARGIN - 4
        row = pygame.Rect(MARGIN + LABEL_WIDTH, MARGIN, width - LABEL_WIDTH, ROW)
        self._label("Format", row)
        self.formats = ChoiceRow(row, FORMATS, manager, self, self._choose_format)
        row = self._next(row)
        self._label("Size", row)
        self.sides = ChoiceRow(row, SIDES, manager, self, self._choose_side)
        row = self._next(row)
        self._label("Frames / s", row)
        self.fps = NumberEntry(pygame.Rect(row.x, row.y, 64, ROW), FPS, manager, self, self._set_fps)
        quality = pygame.Rect(row.x + 64 + 2 * GAP, row.y, 60, ROW)
        UILabel(quality, "Quality", manager, self, object_id=ObjectID(class_id="@label"))
        place = pygame.Rect(quality.right, row.y, 64, ROW)
        self.quality = NumberEntry(place, QUALITY, manager, self, self._set_quality)
        self.quality.set_tooltip("1 to 100; 80 is hard to tell from the original")
        self.summary = self._muted(pygame.Rect(place.right + 2 * GAP, row.y, row.right - place.right - 2 * GAP, ROW))
        row = self._next(row)
        self._build_path(row)
        row = self._next(row)
        self.export_button = UIButton(
            pygame.Rect(MARGIN, row.y, width, 32),
            "Export video",
            manager,
            self,
            command=actions.start,
            object_id=ObjectID(class_id="@primary"),
        )
        self._build_progress(pygame.Rect(MARGIN, row.y + 32 + GAP, width, PICTURE_SIDE))
        self.sync()

    def sync(self) -> None:
        """Brings everything into line."""
        state, timeline = self._actions.state(), self._studio.timeline
        self.formats.show_value(state.format)
        self.sides.show_value(state.side or 0)
        self.fps.show_value(timeline.fps)
        self.quality.show_value(state.quality)
        self._show(self.summary, f"{timeline.frame_count} frames, {shown_seconds(timeline.duration)}")
        self._show(self.path, shown_path(self._actions.path()))
        write(self.export_button, "Export after those in the making" if state.running else "Export video")
        enable(self.export_button, timeline.duration > 0 and not state.opening)
        self._show_progress(state)

    def _show_progress(self, state: ExportState) -> None:
        running = state.running
        for element in (self.picture, self.pause_button, self.cancel_button):
            if bool(element.visible) != running:
                (element.show if running else element.hide)()
        picture = self._actions.picture()
        if picture is not self._shown:
            self._shown = picture
            self.picture.show_pixels(picture)
        self._show(self.progress, progress_text(state) if running else "")
        name = "" if state.path is None or not running else state.path.name
        waiting = f"   ·   {state.waiting} more to come" if running and state.waiting else ""
        self._show(self.name, name + waiting)
        write(self.pause_button, "Go on" if state.paused else "Pause")

    def _build_path(self, row: pygame.Rect) -> None:
        self._label("File", row)
        self.path = self._muted(pygame.Rect(row.x, row.y, row.width - BUTTON_WIDTH - GAP, ROW))
        place = pygame.Rect(row.right - BUTTON_WIDTH, row.y, BUTTON_WIDTH, ROW)
        self.path_button = UIButton(place, "Change…", self._manager, self, command=self._actions.choose_path)

    def _build_progress(self, place: pygame.Rect) -> None:
        side = pygame.Rect(place.x, place.y, PICTURE_SIDE, PICTURE_SIDE)
        self.picture = LargePicture(side, self._manager, lambda: None, self, margin=0)
        right = place.right - 2 * BUTTON_WIDTH - GAP
        text = pygame.Rect(side.right + GAP, place.y + 10, right - side.right - 2 * GAP, ROW)
        self.progress = self._muted(text, "@label")
        self.name = self._muted(text.move(0, ROW))
        button = pygame.Rect(right, place.y + 24, BUTTON_WIDTH, ROW)
        self.pause_button = UIButton(button, "Pause", self._manager, self, command=self._actions.pause)
        cancel = button.move(BUTTON_WIDTH + GAP, 0)
        self.cancel_button = UIButton(cancel, "Cancel", self._manager, self, command=self._actions.cancel)

    def _choose_format(self, name: str) -> None:
        self._actions.change(replace(self._actions.state(), format=name))

    def _choose_side(self, side: int) -> None:
        self._actions.change(replace(self._actions.state(), side=side or None))

    def _set_fps(self, fps: float, phase: Phase) -> None:
        self._studio.edit(replace(self._studio.timeline, fps=round(fps)), phase)

    def _set_quality(self, quality: float, _phase: Phase) -> None:
        self._actions.change(replace(self._actions.state(), quality=round(quality)))

    def _label(self, text: str, row: pygame.Rect) -> None:
        place = pygame.Rect(MARGIN, row.y, LABEL_WIDTH, ROW)
        UILabel(place, text, self._manager, self, object_id=ObjectID(class_id="@label"))

    def _muted(self, place: pygame.Rect, class_id: str = "@muted") -> UILabel:
        return UILabel(place, "", self._manager, self, object_id=ObjectID(class_id=class_id))

    def _next(self, row: pygame.Rect) -> pygame.Rect:
        return row.move(0, ROW + GAP)

    def _show(self, label: UILabel, text: str) -> None:
        font = label.font
        if font is None or self._written.get(label) == text:
            return
        self._written[label] = text
        label.set_text(fitted(text, int(label.rect.width), lambda candidate: int(font.size(candidate)[0])))


def progress_text(state: ExportState) -> str:
    """How far the video is, and how long it still takes."""
    if not state.total:
        return "Starting…"
    if state.stage == "measuring":
        return f"Measuring, {state.done} of {state.total} drafts"
    if state.stage == "finishing":
        return "Finishing the file…"
    text = f"{state.done} of {state.total} frames"
    if state.paused:
        return f"{text}, resting"
    if state.seconds_left is None:
        return text
    return f"{text}, {shown_seconds(round(state.seconds_left), 1)} left"

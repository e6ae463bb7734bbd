"""The window in which the video of a timeline is set up, and in which one sees how far the ordered ones are.

Asks through callables; knows neither the worker nor how a video is made.
"""

from __future__ import annotations

from dataclasses import replace

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.elements import UIButton, UILabel, UIWindow
from pygame_gui.ui_manager import UIManager

from engine.errors import ConfigError
from engine.video.formats import KINDS
from engine.video.plan import Output
from explorer.app.dialogs import centred
from explorer.app.notices import as_sentence
from explorer.app.video_shape import FORMATS, SIDES, ShapeRows, VideoActions
from explorer.elements.button_state import enable, write
from explorer.elements.choice_row import ChoiceRow
from explorer.elements.track_geometry import shown_seconds
from explorer.panels.queue_view import ROW as QUEUE_ROW
from explorer.panels.queue_view import QueueView
from explorer.panels.text_fit import fitted, shown_path
from explorer.session.studio import Studio

WIDTH = 560
TITLE = 38
MARGIN = 14
ROW = 28
GAP = 8
LABEL_WIDTH = 80
BUTTON_WIDTH = 80
PRIMARY_HEIGHT = 32
MOST_ROWS = 3
"""of the list of videos that are seen at once"""
EDGE = 48
"""pixels that stay free above and below in a small window"""


class VideoWindow(UIWindow):
    """Stays open while videos are made; they go on when it is closed. What is seldom wanted unfolds."""

    def __init__(self, studio: Studio, manager: UIManager, actions: VideoActions) -> None:
        self._studio, self._actions, self._manager = studio, actions, manager
        self._written: dict[UILabel, str] = {}
        self.unfolded = False
        self._rows = self._rows_wanted()
        super().__init__(
            centred((WIDTH, self._height()), manager),
            manager,
            window_display_title="Export video",
            object_id=ObjectID(object_id="#video"),
        )
        self._build()

    def sync(self) -> None:
        """Brings everything into line."""
        if self._rows_wanted() != self._rows:
            self._rows = self._rows_wanted()
            self._rebuild()
        state, timeline = self._actions.state(), self._studio.timeline
        output = state.output
        self.formats.show_value(output.format)
        self.sides.show_value(None if output.height is not None else output.width or 0)
        self._show(self.path, shown_path(self._actions.path()))
        problem = self._actions.problem() if timeline.duration > 0 else ""
        self._show(self.summary, as_sentence(problem) if problem else self._summary(output))
        self.summary.set_tooltip(problem or None)
        if self.more is not None:
            self.more.sync()
        write(self.export_button, "Export after those in the making" if state.running else "Export video")
        enable(self.export_button, timeline.duration > 0 and not state.opening and not problem)
        if self.queue is not None:
            self.queue.sync()

    def toggle_more(self) -> None:
        """Unfolds what is seldom wanted, or folds it."""
        self.unfolded = not self.unfolded
        self._rebuild()
        self.sync()

    def _summary(self, output: Output) -> str:
        timeline = self._studio.timeline
        try:
            width, height = output.frame_size(output.format or "h264", self._actions.resolution())
        except ConfigError as error:
            return as_sentence(str(error))
        sound = timeline.sound
        silent = sound is not None and not KINDS[output.format or "h264"].sound
        heard = "" if sound is None else ", without the sound" if silent else f", {sound.path.name}"
        return f"{timeline.frame_count} frames, {shown_seconds(timeline.duration)}, {width} × {height} pixels{heard}"

    def _rebuild(self) -> None:
        middle = self.rect.centerx, self.rect.top
        place = centred((WIDTH, self._height()), self._manager)
        lowest = max(0, int(self._manager.window_resolution[1]) - place.height - EDGE // 2)
        self.get_container().clear()
        self.set_dimensions(place.size)
        self.set_position((middle[0] - place.width // 2, min(middle[1], lowest)))
        self._build()

    def _rows_wanted(self) -> int:
        """So many rows of the list as there are videos, and as there is room for."""
        room = int(self._manager.window_resolution[1]) - EDGE - self._height_without_list() - GAP
        return max(0, min(len(self._actions.queue.videos()), MOST_ROWS, room // QUEUE_ROW))

    def _height(self) -> int:
        return self._height_without_list() + (self._rows * QUEUE_ROW + GAP if self._rows else 0)

    def _height_without_list(self) -> int:
        rows = 4 + (ShapeRows.COUNT if self.unfolded else 0)
        return TITLE + 2 * MARGIN + rows * (ROW + GAP) + PRIMARY_HEIGHT

    def _build(self) -> None:
        self._written.clear()
        width = WIDTH - 2 * MARGIN - 4
        row = pygame.Rect(MARGIN + LABEL_WIDTH, MARGIN, width - LABEL_WIDTH, ROW)
        self._label("Format", row)
        self.formats = ChoiceRow(row, FORMATS, self._manager, self, self._choose_format)
        row = self._next(row)
        self._label("Size", row)
        self.sides = ChoiceRow(row, SIDES, self._manager, self, self._choose_side)
        self.more: ShapeRows | None = None
        if self.unfolded:
            row = self._next(row)
            self.more = ShapeRows(row, self._manager, self, self._studio, self._actions)
            row = row.move(0, (ShapeRows.COUNT - 1) * (ROW + GAP))
        row = self._next(row)
        self._build_path(row)
        row = self._next(row)
        self._build_summary(row)
        row = self._next(row)
        self.export_button = UIButton(
            pygame.Rect(MARGIN, row.y, width, PRIMARY_HEIGHT),
            "Export video",
            self._manager,
            self,
            command=self._actions.start,
            object_id=ObjectID(class_id="@primary"),
        )
        place = pygame.Rect(MARGIN, row.y + PRIMARY_HEIGHT + GAP + 4, width, max(self._rows * QUEUE_ROW, 1))
        self.queue = QueueView(place, self._manager, self, self._actions.queue) if self._rows else None
        self.sync()

    def _build_path(self, row: pygame.Rect) -> None:
        self._label("File", row)
        self.path = self._muted(pygame.Rect(row.x, row.y, row.width - BUTTON_WIDTH - GAP, ROW))
        place = pygame.Rect(row.right - BUTTON_WIDTH, row.y, BUTTON_WIDTH, ROW)
        self.path_button = UIButton(place, "Change…", self._manager, self, command=self._actions.choose_path)

    def _build_summary(self, row: pygame.Rect) -> None:
        self.summary = self._muted(pygame.Rect(MARGIN, row.y, row.right - MARGIN - BUTTON_WIDTH - GAP, ROW))
        place = pygame.Rect(row.right - BUTTON_WIDTH, row.y, BUTTON_WIDTH, ROW)
        self.more_button = UIButton(
            place,
            "Less" if self.unfolded else "More…",
            self._manager,
            self,
            command=self.toggle_more,
            tool_tip_text="Any size, frames a second, quality, motion blur, several walks side by side",
        )

    def _choose_format(self, name: str) -> None:
        self._change(format=name)

    def _choose_side(self, side: int) -> None:
        self._change(width=side or None, height=None)

    def _change(self, **values: str | int | None) -> None:
        state = self._actions.state()
        self._actions.change(replace(state, output=replace(state.output, **values)))  # type: ignore[arg-type]

    def _label(self, text: str, row: pygame.Rect) -> None:
        place = pygame.Rect(MARGIN, row.y, LABEL_WIDTH, ROW)
        UILabel(place, text, self._manager, self, object_id=ObjectID(class_id="@label"))

    def _muted(self, place: pygame.Rect) -> UILabel:
        return UILabel(place, "", self._manager, self, object_id=ObjectID(class_id="@muted"))

    def _next(self, row: pygame.Rect) -> pygame.Rect:
        return row.move(0, ROW + GAP)

    def _show(self, label: UILabel, text: str) -> None:
        font = label.font
        if font is None or self._written.get(label) == text:
            return
        self._written[label] = text
        label.set_text(fitted(text, int(label.rect.width), lambda candidate: int(font.size(candidate)[0])))

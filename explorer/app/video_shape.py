"""What of a video's shape is seldom changed: any size, frames a second, quality, blur, walks side by side.

Works on frozen values through callables; knows neither the worker nor how a video is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.elements import UILabel, UIWindow
from pygame_gui.ui_manager import UIManager

from engine.errors import ConfigError
from engine.video.plan import MAX_SIZE, MAX_SUPERSAMPLING, Output
from engine.video.timeline import MAX_FPS
from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.elements.number_entry import NumberEntry, NumberFormat
from explorer.elements.phase import Phase
from explorer.panels.queue_view import QueueActions
from explorer.panels.states import ExportState
from explorer.session.studio import Studio

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
    *(Choice(label=str(n), value=n, tooltip=f"{n} pixels wide") for n in (256, 512, 1024, 2048)),
)
FITS = (
    Choice(label="Bars", value="letterbox", tooltip="In a frame of another shape: the whole picture, with black bars"),
    Choice(label="Crop", value="crop", tooltip="In a frame of another shape: filled, with two sides cut off"),
)
SPREADS = (
    Choice(label="Moments", value="phases", tooltip="The same loop, begun at other moments of it"),
    Choice(label="Seeds", value="seeds", tooltip="Other walks of the same shape, through other seeds"),
)
PIXELS = NumberFormat(low=2, high=MAX_SIZE, step=16)
FPS = NumberFormat(low=1, high=MAX_FPS, step=1)
QUALITY = NumberFormat(low=1, high=100, step=5)
BLUR = NumberFormat(low=1, high=MAX_SUPERSAMPLING, step=1)
CELLS = NumberFormat(low=1, high=8, step=1)
ROW, PITCH = 28, 36
LABEL_WIDTH = 80
ENTRY = 60
GAP = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoActions:
    """What the window asks for."""

    state: Callable[[], ExportState]
    change: Callable[[ExportState], None]
    path: Callable[[], Path]
    """where the next video goes"""
    choose_path: Callable[[], None]
    problem: Callable[[], str]
    """why the timeline cannot be made into a video as it is set; "" if it can"""
    resolution: Callable[[], int]
    """of the model's pictures"""
    start: Callable[[], None]
    queue: QueueActions


class ShapeRows:
    """Three rows of controls."""

    COUNT = 3

    def __init__(
        self, row: pygame.Rect, manager: UIManager, window: UIWindow, studio: Studio, actions: VideoActions
    ) -> None:
        self._manager, self._window, self._studio, self._actions = manager, window, studio, actions
        left = self._name(row, "Pixels")
        self.width = self._entry(left, row, PIXELS, lambda n: self._resize(width=n), "Pixels wide")
        left = self._word(left + ENTRY + 4, row, "×", 14)
        self.height = self._entry(left, row, PIXELS, lambda n: self._resize(height=n), "Pixels high")
        place = pygame.Rect(row.right - 132, row.y, 132, ROW)
        self.fit = ChoiceRow(place, FITS, manager, window, lambda fit: self._change(replace(self._output, fit=fit)))
        row = row.move(0, PITCH)
        left = self._name(row, "Frames / s")
        self.fps = NumberEntry(pygame.Rect(left, row.y, ENTRY, ROW), FPS, manager, window, self._set_fps)
        self.fps.set_tooltip("Frames a second, 1 to 120; in GIFs at most 50")
        left = self._word(left + ENTRY + 2 * GAP, row, "Quality", 56)
        tooltip = "1 to 100; 80 is hard to tell from the original"
        self.quality = self._entry(left, row, QUALITY, lambda n: replace(self._output, quality=n), tooltip)
        left = self._word(left + ENTRY + 2 * GAP, row, "Blur", 36)
        tooltip = "Pictures that are averaged in each frame: motion blur, and as many times the work"
        self.blur = self._entry(left, row, BLUR, lambda n: replace(self._output, supersampling=n), tooltip)
        row = row.move(0, PITCH)
        left = self._name(row, "Walks")
        self.columns = self._entry(left, row, CELLS, lambda n: replace(self._output, columns=n), "Side by side")
        left = self._word(left + ENTRY + 4, row, "×", 14)
        self.rows = self._entry(left, row, CELLS, lambda n: replace(self._output, rows=n), "One above the other")
        place = pygame.Rect(row.right - 172, row.y, 172, ROW)
        self.spread = ChoiceRow(place, SPREADS, manager, window, self._choose_spread)

    @property
    def _output(self) -> Output:
        return self._actions.state().output

    def sync(self) -> None:
        """Brings everything into line."""
        state, output = self._actions.state(), self._output
        try:
            width, height = output.frame_size(output.format or "h264", self._actions.resolution())
        except ConfigError:  # the window says so; the entries keep what was typed
            width, height = output.width or MAX_SIZE, output.height or MAX_SIZE
        self.width.show_value(width)
        self.height.show_value(height)
        self.fit.show_value(output.fit)
        self.fps.show_value(self._studio.timeline.fps)
        self.quality.show_value(output.quality)
        self.blur.show_value(output.supersampling)
        self.columns.show_value(output.columns)
        self.rows.show_value(output.rows)
        self.spread.show_value(state.spread if output.rows * output.columns > 1 else None)

    def _resize(self, width: int | None = None, height: int | None = None) -> Output:
        """What is typed is meant; the other side stays as it is."""
        shown_width, shown_height = round(self.width.value), round(self.height.value)
        return replace(self._output, width=width or shown_width, height=height or shown_height)

    def _choose_spread(self, spread: str) -> None:
        self._actions.change(replace(self._actions.state(), spread=spread))

    def _set_fps(self, fps: float, phase: Phase) -> None:
        self._studio.edit(replace(self._studio.timeline, fps=round(fps)), phase)

    def _change(self, output: Output) -> None:
        self._actions.change(replace(self._actions.state(), output=output))

    def _entry(
        self, left: int, row: pygame.Rect, form: NumberFormat, changed: Callable[[int], Output], tooltip: str
    ) -> NumberEntry:
        place = pygame.Rect(left, row.y, ENTRY, ROW)
        entry = NumberEntry(
            place, form, self._manager, self._window, lambda value, _phase: self._change(changed(round(value)))
        )
        entry.set_tooltip(tooltip)
        return entry

    def _name(self, row: pygame.Rect, text: str) -> int:
        self._word(row.x - LABEL_WIDTH, row, text, LABEL_WIDTH)
        return row.x

    def _word(self, left: int, row: pygame.Rect, text: str, width: int) -> int:
        place = pygame.Rect(left, row.y, width, ROW)
        UILabel(place, text, self._manager, self._window, object_id=ObjectID(class_id="@label"))
        return place.right

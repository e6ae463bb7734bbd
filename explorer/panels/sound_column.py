"""Beside the sound's lane: whether keys snap to its beats, keys put on beats, where the film begins in it."""

from __future__ import annotations

from collections.abc import Callable

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.elements import UIButton, UILabel, UIPanel
from pygame_gui.ui_manager import UIManager

from engine.video.soundtrack import MAX_START_SECONDS
from explorer.elements.button_state import enable, light
from explorer.elements.number_entry import NumberEntry, NumberFormat
from explorer.panels.side_column import ROW, SideColumn
from explorer.session.sound_studio import SoundStudio

GAP = 5
LABEL_WIDTH = 42
EVERY = NumberFormat(low=1, high=64)
START = NumberFormat(low=0.0, high=MAX_START_SECONDS, decimals=2, step=0.1)


class SoundColumn(SideColumn):
    """Five rows."""

    def __init__(
        self, place: pygame.Rect, manager: UIManager, container: UIPanel, sound: SoundStudio, choose: Callable[[], None]
    ) -> None:
        self._sound = sound
        super().__init__(place)

        def row(number: int) -> pygame.Rect:
            return pygame.Rect(place.x, place.y + number * (ROW + GAP), place.width, ROW)

        def button(rect: pygame.Rect, text: str, command: Callable[[], None], tooltip: str) -> UIButton:
            return UIButton(rect, text, manager, container, command=command, tool_tip_text=tooltip)

        def entry(number: int, text: str, look: NumberFormat) -> tuple[UILabel, pygame.Rect, NumberFormat]:
            label = pygame.Rect(place.x, row(number).y, LABEL_WIDTH, ROW)
            field = pygame.Rect(label.right, label.y, place.width - LABEL_WIDTH, ROW)
            return UILabel(label, text, manager, container, object_id=ObjectID(class_id="@label")), field, look

        self.snap = button(
            row(0), "Snap", self._toggle, "Keys that are dragged come to lie on beats and onsets; with Alt the opposite"
        )
        self.put = button(
            row(1), "Keys on beats", sound.put_keys_on_beats, "One key after the other on the beats of the sound"
        )
        every_label, every_place, every = entry(2, "Every", EVERY)
        self.every = NumberEntry(every_place, every, manager, container, self._set_every)
        self.every.set_tooltip("1 for every beat, 2 for every other one, ...")
        start_label, start_place, start = entry(3, "From", START)
        self.start = NumberEntry(start_place, start, manager, container, sound.set_start)
        self.start.set_tooltip("Seconds into the sound at which the film begins")
        last = row(4)
        half = pygame.Rect(last.x, last.y, 36, ROW)
        self.file = button(half, "File", choose, "Another sound")
        rest = pygame.Rect(half.right + 4, last.y, last.right - half.right - 4, ROW)
        self.remove = button(rest, "Remove", sound.remove, "No sound, and nothing that follows it")
        self._elements = (
            self.snap, self.put, every_label, self.every, start_label, self.start, self.file, self.remove,
        )  # fmt: skip

    def show_values(self) -> None:
        """As the film has them."""
        track = self._sound.track
        light(self.snap, self._sound.snapping)
        enable(self.put, self._sound.heard is not None)
        self.every.show_value(self._sound.every)
        self.start.show_value(0.0 if track is None else track.start)

    def _toggle(self) -> None:
        self._sound.snapping = not self._sound.snapping

    def _set_every(self, value: float, _phase: object) -> None:
        self._sound.every = round(value)

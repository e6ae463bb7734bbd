"""Which control follows the loudness of which band, how much, and how calmly."""

from __future__ import annotations

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.elements import UILabel, UIPanel
from pygame_gui.ui_manager import UIManager

from engine.video.moving import MAX_SMOOTHING
from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.elements.number_entry import NumberEntry, NumberFormat
from explorer.session.sound_studio import SoundStudio

GAP = 8
TARGETS = (
    Choice(label="Psi", value="psi", tooltip="Psi of every layer follows the sound"),
    Choice(label="Mix", value="mix", tooltip="The mixing strengths that are above 0 follow the sound"),
    Choice(label="Noise", value="noise", tooltip="The strength of the noise follows the sound"),
    Choice(
        label="Way",
        value="direction",
        tooltip="The pictures go the way that leads from the mean picture to the selected one; again: to another one",
    ),
)
BANDS = (
    Choice(label="All", value="all", tooltip="All that is heard"),
    Choice(label="Low", value="bass", tooltip="20 to 150 hertz: drums and basses"),
    Choice(label="Mid", value="mid", tooltip="150 to 2000 hertz: voices and most instruments"),
    Choice(label="High", value="treble", tooltip="2000 to 10,000 hertz: cymbals and consonants"),
)
AMOUNT = NumberFormat(low=-4.0, high=4.0, decimals=2, step=0.05)
SMOOTHING = NumberFormat(low=0.0, high=MAX_SMOOTHING, decimals=2, step=0.05)


class DriveRow:
    """One row of controls."""

    def __init__(self, row: pygame.Rect, manager: UIManager, container: UIPanel, sound: SoundStudio) -> None:
        self._sound = sound
        left = row.x

        def place(width: int, gap: int = GAP) -> pygame.Rect:
            nonlocal left
            rect = pygame.Rect(left, row.y, width, row.height)
            left += width + gap
            return rect

        label = ObjectID(class_id="@label")
        self.targets = ChoiceRow(place(164), TARGETS, manager, container, self._choose_target)
        self.bands = ChoiceRow(place(146), BANDS, manager, container, sound.set_band)
        self._labels = [UILabel(place(54, 0), "Amount", manager, container, object_id=label)]
        self.amount = NumberEntry(place(48), AMOUNT, manager, container, sound.set_amount)
        self.amount.set_tooltip("What is added where the band is loud; below 0 it is taken away, 0 is off")
        self._labels.append(UILabel(place(54, 0), "Smooth", manager, container, object_id=label))
        self.smoothing = NumberEntry(place(44), SMOOTHING, manager, container, sound.set_smoothing)
        self.smoothing.set_tooltip("Seconds over which the loudness is averaged: more is calmer")
        self._visible = True

    def show(self, visible: bool) -> None:
        """Shows the values, or nothing."""
        if visible != self._visible:
            self._visible = visible
            buttons = (*self.targets.buttons.values(), *self.bands.buttons.values())
            for element in (*buttons, *self._labels, self.amount, self.smoothing):
                (element.show if visible else element.hide)()
        if visible:
            drive = self._sound.drive
            self.targets.show_value(self._sound.target)
            self.bands.show_value(drive.band)
            self.amount.show_value(drive.amount)
            self.smoothing.show_value(drive.smoothing)

    def _choose_target(self, target: str) -> None:
        if target == self._sound.target == "direction":
            self._sound.redirect()
        self._sound.target = target

"""What the chosen keys of a timeline are set to: hold, transition, easing."""

from __future__ import annotations

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.elements import UILabel, UIPanel
from pygame_gui.ui_manager import UIManager

from engine.video.easing import EASINGS
from engine.video.timeline import MAX_SECONDS
from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.elements.number_entry import NumberEntry, NumberFormat
from explorer.session.studio import Studio

GAP = 6
ENTRY_WIDTH = 56
SECONDS = NumberFormat(low=0.0, high=MAX_SECONDS, decimals=2, step=0.1)
NAMES = {
    "linear": ("Linear", "At the same speed all the way"),
    "ease-in": ("In", "Begins slowly"),
    "ease-out": ("Out", "Ends slowly"),
    "ease-in-out": ("In-out", "Begins and ends slowly"),
    "smooth": ("Smooth", "Smoothstep: begins and ends gently"),
}
EASING_CHOICES = tuple(Choice(label=NAMES[name][0], value=name, tooltip=NAMES[name][1]) for name in EASINGS)


class KeyRow:
    """One row of controls."""

    def __init__(self, row: pygame.Rect, manager: UIManager, container: UIPanel, studio: Studio) -> None:
        self._studio = studio
        left = row.x

        def place(width: int) -> pygame.Rect:
            nonlocal left
            rect = pygame.Rect(left, row.y, width, row.height)
            left += width + GAP
            return rect

        label = ObjectID(class_id="@label")
        self._labels = [UILabel(place(32), "Hold", manager, container, object_id=label)]
        self.hold = NumberEntry(place(ENTRY_WIDTH), SECONDS, manager, container, studio.set_hold)
        self.hold.set_tooltip("Seconds for which the key's picture stays")
        left += GAP
        self._labels.append(UILabel(place(36), "Move", manager, container, object_id=label))
        self.transition = NumberEntry(place(ENTRY_WIDTH), SECONDS, manager, container, studio.set_transition)
        self.transition.set_tooltip("Seconds from there to the next key; 0 is a cut")
        left += GAP
        self._left = left
        self.easing = ChoiceRow(
            self._easings(row), EASING_CHOICES, manager, container, lambda name: studio.set_easing(EASINGS[name])
        )
        self._visible = True

    def resize(self, row: pygame.Rect) -> None:
        """Another width."""
        self.easing.resize(self._easings(row))

    def show(self, visible: bool) -> None:
        """Shows the values of the first chosen key, or nothing."""
        if visible != self._visible:
            self._visible = visible
            for element in (*self._labels, self.hold, self.transition, *self.easing.buttons.values()):
                (element.show if visible else element.hide)()
        if visible:
            key = self._studio.timeline.keys[min(self._studio.chosen)]
            self.hold.show_value(key.hold)
            self.transition.show_value(key.transition)
            self.easing.show_value(key.easing.name)

    def _easings(self, row: pygame.Rect) -> pygame.Rect:
        """What is left of the row."""
        return pygame.Rect(self._left, row.y, min(row.right - self._left, 360), row.height)

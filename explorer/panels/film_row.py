"""What a whole timeline is set to: the way between keys, the pace, the loop."""

from __future__ import annotations

from dataclasses import replace

import pygame
from pygame_gui.elements import UIButton, UIPanel
from pygame_gui.ui_manager import UIManager

from explorer.elements.button_state import light
from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.elements.placing import put
from explorer.session.studio import Studio

GAP = 12
WAYS = (
    Choice(label="Linear", value="linear", tooltip="Straight from key to key in W"),
    Choice(label="Slerp", value="slerp", tooltip="Along great circles in Z"),
    Choice(label="Spline", value="spline", tooltip="A smooth curve in W through all keys"),
    Choice(label="Calm", value="monotone", tooltip="A smooth curve in W that never overshoots a key"),
)
PACES = (
    Choice(label="Eased", value="eased", tooltip="By the clock and the easings"),
    Choice(label="Even", value="even", tooltip="The same change in every frame from hold to hold"),
    Choice(label="Each", value="even-in-segment", tooltip="The same change in every frame of each transition"),
)
LOOP_WIDTH = 52


class FilmRow:
    """One row of controls."""

    def __init__(self, row: pygame.Rect, manager: UIManager, container: UIPanel, studio: Studio) -> None:
        self._studio = studio
        ways, paces, loop = _places(row)
        self.ways = ChoiceRow(ways, WAYS, manager, container, self._choose_way)
        self.paces = ChoiceRow(paces, PACES, manager, container, self._choose_pace)
        self.loop = UIButton(
            loop,
            "Loop",
            manager,
            container,
            command=self._toggle_loop,
            tool_tip_text="The last key leads back to the first",
        )
        self._visible = True

    def resize(self, row: pygame.Rect) -> None:
        """Another width."""
        ways, paces, loop = _places(row)
        self.ways.resize(ways)
        self.paces.resize(paces)
        put(self.loop, loop)

    def show(self, visible: bool) -> None:
        """Shows the values, or nothing."""
        if visible != self._visible:
            self._visible = visible
            buttons = (*self.ways.buttons.values(), *self.paces.buttons.values(), self.loop)
            for element in buttons:
                (element.show if visible else element.hide)()
        if visible:
            timeline = self._studio.timeline
            self.ways.show_value(timeline.interpolation)
            self.paces.show_value(timeline.pace)
            light(self.loop, timeline.loop)

    def _choose_way(self, way: str) -> None:
        self._studio.edit(replace(self._studio.timeline, interpolation=way))

    def _choose_pace(self, pace: str) -> None:
        self._studio.edit(replace(self._studio.timeline, pace=pace))

    def _toggle_loop(self) -> None:
        self._studio.edit(replace(self._studio.timeline, loop=not self._studio.timeline.loop))


def _places(row: pygame.Rect) -> tuple[pygame.Rect, ...]:
    """Of the ways, the paces and the loop."""
    room = min(row.width, 680) - LOOP_WIDTH - 2 * GAP
    ways = pygame.Rect(row.x, row.y, round(room * 0.58), row.height)
    paces = pygame.Rect(ways.right + GAP, row.y, room - ways.width, row.height)
    return ways, paces, pygame.Rect(paces.right + GAP, row.y, LOOP_WIDTH, row.height)

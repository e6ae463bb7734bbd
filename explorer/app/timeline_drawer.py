"""The tab beside the favourites, and the timeline that it unfolds."""

from __future__ import annotations

from collections.abc import Callable

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.elements import UIButton, UIPanel
from pygame_gui.ui_manager import UIManager

from explorer.app.layout import STRIP_HEIGHT, TAB_WIDTH
from explorer.elements.button_state import light
from explorer.elements.placing import put
from explorer.elements.track_geometry import LANE_HEIGHT
from explorer.panels.timeline_view import TimelineActions, TimelineView
from explorer.session.studio import Studio

TAB_HEIGHT = 28
HEIGHT = 180
MARGIN = 8


class TimelineDrawer:
    """The view is there while it is to be seen."""

    def __init__(
        self, manager: UIManager, studio: Studio, actions: TimelineActions, toggle: Callable[[], None]
    ) -> None:
        self._manager, self._studio, self._actions = manager, studio, actions
        self.opened = False
        """whether it is unfolded; `lay_out` makes it so"""
        self._with_sound = False
        self.view: TimelineView | None = None
        margins = {"left": 0, "right": 0, "top": 0, "bottom": 0}
        self._ground = UIPanel(pygame.Rect(0, 0, TAB_WIDTH, STRIP_HEIGHT), manager=manager, margins=margins)
        self.tab = UIButton(
            pygame.Rect(0, (STRIP_HEIGHT - TAB_HEIGHT) // 2, TAB_WIDTH - MARGIN, TAB_HEIGHT),
            "Timeline",
            manager,
            self._ground,
            command=toggle,
            tool_tip_text="A film from picture to picture (T)",
            object_id=ObjectID(class_id="@quiet"),
        )
        self._place = pygame.Rect(0, 0, 0, 0)
        self._covered = False

    @property
    def height(self) -> int:
        """Pixels that it takes from the grid."""
        return HEIGHT + (LANE_HEIGHT if self._with_sound else 0) if self.opened else 0

    def follow_sound(self) -> bool:
        """Makes room for the sound that has come, or takes it away; False if there is nothing to do."""
        before, self._with_sound = self._with_sound, self._actions.sound.track is not None
        return self.opened and before != self._with_sound

    def lay_out(self, place: pygame.Rect, tab: pygame.Rect) -> None:
        """Where both lie."""
        self._place = place
        put(self._ground, tab)
        light(self.tab, self.opened)
        self._show()

    def cover(self, covered: bool) -> None:
        """Takes the view away while something else lies there, and brings it back."""
        self._covered = covered
        (self._ground.hide if covered else self._ground.show)()
        self._show()

    def _show(self) -> None:
        wanted = self.opened and not self._covered
        if self.view is not None and not (wanted and self.view.resize(self._place)):
            self.view.kill()
            self.view = None
        if wanted and self.view is None:
            self.view = TimelineView(self._place, self._manager, self._studio, self._actions)

    def sync(self) -> None:
        """Brings the view into line."""
        if self.view is not None:
            self.view.sync()

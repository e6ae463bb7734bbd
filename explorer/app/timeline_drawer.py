"""The tab beside the favourites, and the timeline that it unfolds."""

from __future__ import annotations

from collections.abc import Callable

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.elements import UIButton, UIPanel
from pygame_gui.ui_manager import UIManager

from explorer.panels.timeline_view import TimelineActions, TimelineView
from explorer.session.studio import Studio

TAB_HEIGHT = 28
MARGIN = 8


class TimelineDrawer:
    """The view is built anew whenever it has another place."""

    def __init__(
        self, manager: UIManager, studio: Studio, actions: TimelineActions, toggle: Callable[[], None]
    ) -> None:
        self._manager, self._studio, self._actions, self._toggle = manager, studio, actions, toggle
        self.opened = False
        """whether it is unfolded; `lay_out` makes it so"""
        self.view: TimelineView | None = None
        self.tab: UIButton | None = None
        self._ground: UIPanel | None = None
        self._place = pygame.Rect(0, 0, 0, 0)

    def lay_out(self, place: pygame.Rect, tab: pygame.Rect) -> None:
        """Where both lie."""
        self._place = place
        if self._ground is not None:
            self._ground.kill()
        self._ground = UIPanel(tab, manager=self._manager, margins={"left": 0, "right": 0, "top": 0, "bottom": 0})
        button = pygame.Rect(0, (tab.height - TAB_HEIGHT) // 2, tab.width - MARGIN, TAB_HEIGHT)
        self.tab = UIButton(
            button,
            "Timeline",
            self._manager,
            self._ground,
            command=self._toggle,
            tool_tip_text="A film from picture to picture (T)",
            object_id=ObjectID(class_id="@quiet"),
        )
        if self.opened:
            self.tab.select()
        self.cover(False)

    def cover(self, covered: bool) -> None:
        """Takes the view away while something else lies there, and brings it back."""
        if self.view is not None:
            self.view.kill()
            self.view = None
        if self._ground is not None:
            (self._ground.hide if covered else self._ground.show)()
        if self.opened and not covered:
            self.view = TimelineView(self._place, self._manager, self._studio, self._actions)

    def sync(self) -> None:
        """Brings the view into line."""
        if self.view is not None:
            self.view.sync()

"""The manager of all elements: pygame_gui's, less what nobody needs. Knows nothing of what is shown."""

from __future__ import annotations

from typing import Any, cast

import pygame
import pygame_gui
from pygame_gui.core import UIElement
from pygame_gui.core.surface_cache import SurfaceCache
from pygame_gui.elements import UIWindow

from explorer.elements.drawn import DrawnElement
from explorer.elements.points import Scale
from explorer.elements.rounded_shapes import RoundedShapes
from explorer.elements.scaled_manager import ScaledManager

UNHEARD = (
    pygame_gui.UI_BUTTON_ON_HOVERED,
    pygame_gui.UI_BUTTON_ON_UNHOVERED,
    pygame_gui.UI_BUTTON_START_PRESS,
    pygame_gui.UI_HORIZONTAL_SLIDER_MOVED,
)
"""Events of the library that no element listens to: asking every one of them takes a sixth of a frame."""


class EventMouseManager(ScaledManager):
    """Takes the mouse to be where the last event said it was.

    Asking the system instead would mix the present with events of the past, and would make the window behave
    differently under events that a test has posted.
    """

    def process_events(self, event: pygame.event.Event) -> bool:
        """Follows the mouse, then lets the elements have the event."""
        if event.type in (pygame.MOUSEMOTION, pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
            self.mouse_position = self.calculate_scaled_mouse_position(event.pos)
        elif event.type == pygame.WINDOWLEAVE:
            self.mouse_position = (-1, -1)
        return bool(super().process_events(event))

    def draw_at(self, scale: Scale) -> None:
        """Elements that draw themselves do so at this scale from now on."""
        if scale != self.scale:
            self.scale = scale
            for element in self.ui_group.sprites():
                if isinstance(element, DrawnElement):
                    element.touch()

    def _update_mouse_position(self) -> None:
        """The position came with the events."""

    def _handle_hovering(self, time_delta: float) -> None:
        """The library's own way, but asks only those that may answer: most elements are nowhere near the mouse."""
        handled = False
        for element in reversed(self.ui_group.sprites()):  # the front first
            if not isinstance(element, UIElement) or not element.visible or not self._may_hover(element):
                continue
            if element.check_hover(time_delta, handled):
                self.hovering_any_ui_element = element is not self.root_container
                handled = handled or self.hovering_any_ui_element

    def _may_hover(self, element: UIElement) -> bool:
        near = element.hovered or element.rect.collidepoint(self.mouse_position)
        return bool(near or isinstance(element, UIWindow) or getattr(element, "held", False))


def make_manager(size: tuple[int, int], theme: dict[str, Any], scale: Scale) -> EventMouseManager:
    """The manager of all elements. The display must be open."""
    manager = EventMouseManager(size, theme, enable_live_theme_updates=False)
    manager.mouse_position = (-1, -1)
    manager.scale = scale
    manager.get_theme().shape_cache = cast(SurfaceCache, RoundedShapes())  # what elements ask it for
    pygame.event.set_blocked(UNHEARD)
    return manager

"""Which control has the keyboard, and whether it wants a key for itself. Knows no commands."""

from __future__ import annotations

from types import UnionType

import pygame
from pygame_gui.core import UIElement
from pygame_gui.elements import UITextEntryLine
from pygame_gui.ui_manager import UIManager

from explorer.app.focus import FocusRing
from explorer.elements.drawn import DrawnElement
from explorer.elements.layer_bars import LayerBars
from explorer.elements.value_slider import ValueSlider


class KeyFocus:
    """Of one window."""

    def __init__(self, manager: UIManager, ring: FocusRing, by_mouse: tuple[UIElement, ...]) -> None:
        """by_mouse: what a click gives the focus without wanting keys; they take them once Tab has led there."""
        self._manager = manager
        self._ring = ring
        self._by_mouse = by_mouse

    @property
    def typing(self) -> bool:
        """Whether a text field has the focus, so that keys are text."""
        return self._has_focus(UITextEntryLine)

    @property
    def steering(self) -> bool:
        """Whether a slider or the bars of layers have the focus, so that arrow keys are for them."""
        return self._has_focus(ValueSlider | LayerBars)

    def offer(self, event: pygame.event.Event) -> bool:
        """To a drawn element that has the focus; False if it has no use for the key."""
        for element in tuple(self._manager.get_focus_set() or ()):
            by_mouse_only = element in self._by_mouse and not self._ring.shown
            if isinstance(element, DrawnElement) and element.alive() and not by_mouse_only:
                return bool(element.process_event(event))
        return False

    def drop(self) -> bool:
        """No control has the keyboard; False if none had it, or nobody could see it."""
        had_it = self.steering or (self._ring.shown and self._ring.current is not None)
        if had_it:
            self._manager.set_focus_set(None)
        self._ring.shown = False
        return had_it

    def slider_in_use(self) -> ValueSlider | None:
        """The slider under the mouse, else the one with the focus."""
        sliders = [each for each in self._manager.get_sprite_group().sprites() if isinstance(each, ValueSlider)]
        mouse = self._manager.get_mouse_position()
        hovered = next((slider for slider in sliders if slider.hover_point(*mouse)), None)
        return hovered or next((slider for slider in sliders if slider.is_focused), None)

    def _has_focus(self, kind: type[UIElement] | UnionType) -> bool:
        focused = self._manager.get_focus_set() or ()
        return any(isinstance(element, kind) and element.alive() and element.is_focused for element in focused)

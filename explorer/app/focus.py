"""Tab and Shift+Tab lead through every control, in reading order; Enter and Space press what is focused.

Where the keyboard is, is seen as an outline for as long as the keyboard is used. Knows elements and where they lie,
nothing of what they do.
"""

from __future__ import annotations

from collections.abc import Callable

import pygame
import pygame_gui
from pygame_gui.core import UIElement
from pygame_gui.core.interfaces import IUIManagerInterface
from pygame_gui.elements import UIButton, UITextEntryLine

from explorer.elements.drawn import DrawnElement
from explorer.elements.value_slider import ValueSlider

PARTS = ("scroll_bar", "#sliding_button", "#title_bar", "#close_button")
"""Buttons that are parts of other elements."""
ROW = 12
"""Pixels by which the middles of controls in one row may differ."""
PRESSES = (pygame.K_RETURN, pygame.K_KP_ENTER, pygame.K_SPACE)


class FocusRing:
    """The order of all controls that are seen, and which one has the keyboard."""

    def __init__(
        self,
        manager: IUIManagerInterface,
        regions: Callable[[], list[pygame.Rect]],
        reveal: Callable[[UIElement], None],
        inside: Callable[[], UIElement | None],
    ) -> None:
        """regions: parts of the window in the order in which they are visited; reveal: scrolls an element into view;

        inside: the dialog that the focus must not leave, None for none.
        """
        self._manager = manager
        self._regions = regions
        self._reveal = reveal
        self._inside = inside
        self._last: tuple[int, int, int] = (-1, 0, 0)
        self._led_to: UIElement | None = None
        self.shown = False
        """whether the outline is to be seen"""

    @property
    def current(self) -> UIElement | None:
        """The control that has the keyboard."""
        led_to = self._led_to  # a button may share its focus with its neighbours
        if led_to is not None and led_to.alive() and led_to in (self._manager.get_focus_set() or ()):
            return led_to
        elements = [element for element in self._manager.get_focus_set() or () if isinstance(element, UIElement)]
        focused = [element for element in elements if element.alive() and is_stop(element)]
        return focused[0] if focused else None

    def stops(self) -> list[UIElement]:
        """Every control that can be reached, in order."""
        dialog = self._inside()
        sprites = self._manager.get_sprite_group().sprites()
        elements = [sprite for sprite in sprites if isinstance(sprite, UIElement)]
        stops = [element for element in elements if is_stop(element) and is_seen(element)]
        if dialog is not None:
            stops = [element for element in stops if _within(element, dialog)]
        return sorted(stops, key=self._key)

    def move(self, *, backwards: bool) -> None:
        """To the next control, or the one before; from the last to the first."""
        stops = self.stops()
        if not stops:
            return
        current = self.current
        keys = [self._key(stop) for stop in stops]
        if current in stops:
            index = stops.index(current) + (-1 if backwards else 1)
        elif backwards:  # what had the focus is gone, perhaps built anew: from where it was
            index = sum(key < self._last for key in keys) - 1
        else:
            index = sum(key <= self._last for key in keys)
        self.go_to(stops[index % len(stops)])

    def go_to(self, element: UIElement) -> None:
        """Gives an element the keyboard, and shows it."""
        self._manager.set_focus_set(element)
        self._led_to = element
        self._last = self._key(element)
        self.shown = True
        self._reveal(element)

    def press(self, event: pygame.event.Event) -> bool:
        """Enter or Space on a button; False if the key is not meant for one."""
        button = self.current
        if not self.shown or not isinstance(button, UIButton) or event.key not in PRESSES:
            return False
        self._last = self._key(button)
        button.on_self_event(pygame_gui.UI_BUTTON_PRESSED, {"mouse_button": pygame.BUTTON_LEFT})
        return True

    def outline(self) -> pygame.Rect | None:
        """Around what has the keyboard, as far as its container shows it; None if there is nothing to show."""
        current = self.current
        if not self.shown or current is None or not is_seen(current):
            return None
        clip = current.ui_container.get_rect() if current.ui_container is not None else current.rect
        visible = pygame.Rect(current.rect).clip(clip)
        return visible.inflate(4, 4) if visible.size != (0, 0) else None

    def _key(self, element: UIElement) -> tuple[int, int, int]:
        x, y = pygame.Rect(element.rect).center
        places = self._regions()
        scrolled = [place.collidepoint(x, min(max(y, place.top), place.bottom - 1)) for place in places]
        region = scrolled.index(True) if True in scrolled else len(places)
        return region, round(y / ROW), int(element.rect.left)


def is_stop(element: UIElement) -> bool:
    """Whether the keyboard can do anything with it."""
    if not getattr(element, "is_enabled", True):
        return False
    if isinstance(element, DrawnElement):
        return element.takes_keys
    if isinstance(element, UIButton):
        return not any(part in element.most_specific_combined_id for part in PARTS)
    return isinstance(element, UITextEntryLine | ValueSlider)


def is_seen(element: UIElement) -> bool:
    """Whether it is there to be seen, be it after scrolling."""
    return bool(element.alive() and element.visible)


def _within(element: UIElement, dialog: UIElement) -> bool:
    return bool(element.layer >= dialog.layer and dialog.rect.contains(element.rect))

"""Elements get another place, at the price of what changes: most of a window stays where it is while it is resized."""

from __future__ import annotations

from collections.abc import Iterable

import pygame
from pygame_gui.core import UIContainer, UIElement


def put(element: UIElement, place: pygame.Rect) -> None:
    """Moves it, resizes it, or leaves it alone; place: relative to its container."""
    if element.relative_rect.topleft != place.topleft:
        element.set_relative_position(place.topleft)
    if element.relative_rect.size != place.size:
        element.set_dimensions(place.size)
        finish(element)


def shift(elements: Iterable[UIElement], before: pygame.Rect, after: pygame.Rect) -> None:
    """Moves all of them as their place was moved."""
    across, down = after.x - before.x, after.y - before.y
    for element in elements:
        put(element, pygame.Rect(element.relative_rect).move(across, down))


def finish(element: UIElement) -> None:
    """Its final form at once: the library would show a resized shape with square corners for a third of a second.

    And a button that is lit at its old size, since the states of a button are drawn one in a frame; and a text where it
    was at another size, once the first size of all comes back, which is the only one that the library remembers.
    """
    shape = element.drawable_shape
    if shape is None or not shape.should_trigger_full_rebuild:
        return
    if min(shape.containing_rect.size) < 1:
        shape.should_trigger_full_rebuild = False  # it would never have round corners again
        return
    shape.initial_text_layout_size = (0, 0)
    shape.full_rebuild_on_size_change()
    for name in [name for name in shape.states_to_redraw_queue if shape.states[name] is shape.active_state]:
        shape.states_to_redraw_queue.remove(name)
        shape.redraw_state(name)


class StillContainer(UIContainer):
    """Whatever moves around it: while it is seen at the same place, its elements are not asked to move.

    The library passes every move and every new size of a container on to all that is in it, several times for one new
    height of a column that scrolls. Elements that are added later place themselves.
    """

    _told: tuple[object, ...] = ()

    def update_containing_rect_position(self) -> None:
        """Follows what it lies in, and tells its elements if that makes a difference to them."""
        super(UIContainer, self).update_containing_rect_position()
        clip = self.get_image_clipping_rect()
        place = tuple(self.rect), None if clip is None else tuple(clip)
        if place != self._told:
            self._told = place
            for element in self.elements:
                element.update_containing_rect_position()

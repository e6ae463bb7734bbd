"""The strip of favourites below the grid. Knows thumbnails and their ids, nothing of the library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pygame
from pygame_gui.core.gui_type_hints import Coordinate
from pygame_gui.ui_manager import UIManager

from explorer.elements.drawn import DrawnElement, Press
from explorer.elements.icons import cross
from explorer.elements.pen import Pen

GAP = 8
MARGIN = 16
WHEEL_STEP = 96
CROSS_SIZE = 18
FIRST_STEPS = (
    "Click a picture to keep it here",
    "Drag a picture to wander   ·   N for new seeds   ·   ? for every shortcut",
)
"""Shown for as long as nothing was kept."""
TOOLTIP = (
    "Click: back into the selected picture. Drag: onto a picture, a corner of a sheet, the truncation panel or the "
    "timeline"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StripActions:
    """What the strip tells."""

    pick: Callable[[int], None]
    """(favourite id) the left button clicked a thumbnail"""
    remove: Callable[[int], None]
    """(favourite id) the right button clicked it, or the left one clicked its x"""
    drag: Callable[[int, tuple[int, int] | None], None] = lambda _favourite_id, _point: None
    """(favourite id, point of the window) a thumbnail is dragged over the window; None: no more"""
    drop: Callable[[int, tuple[int, int]], None] = lambda _favourite_id, _point: None
    """(favourite id, point of the window) it was let go there"""


class FavouritesStrip(DrawnElement):
    """Thumbnails in order; the wheel scrolls where they do not fit.

    Left, Right, Enter and Delete while it has the focus.
    """

    takes_keys = True

    def __init__(self, rect: pygame.Rect, manager: UIManager, actions: StripActions) -> None:
        self._actions = actions
        self.ids: tuple[int, ...] = ()
        """the favourites that are shown, in order"""
        self.pictures: Callable[[int], pygame.Surface | None] = lambda _favourite_id: None
        """the thumbnail of a favourite, None until it is there; asked only for what is seen"""
        self._scaled: dict[int, pygame.Surface] = {}
        self._scroll = 0
        self._under_mouse: int | None = None
        self._cross_under_mouse = False
        self._current = 0
        self._press: Press | None = None
        super().__init__(rect, manager, None, "favourites_strip")

    def show_items(self, ids: Sequence[int]) -> None:
        """Favourites in order; a new one at the end is scrolled into view."""
        grown = len(ids) > len(self.ids)
        self.ids = tuple(ids)
        self.set_tooltip(TOOLTIP if ids else None)
        known = set(self.ids)
        self._scaled = {key: value for key, value in self._scaled.items() if key in known}
        self._scroll = self._most_scroll() if grown else min(self._scroll, self._most_scroll())
        self.touch()

    def place(self, index: int) -> pygame.Rect:
        """Where a thumbnail is, relative to the element."""
        side = int(self.rect.height) - 2 * GAP
        return pygame.Rect(MARGIN + index * (side + GAP) - self._scroll, GAP, side, side)

    def centre(self, index: int) -> tuple[int, int]:
        """The middle of a thumbnail in the window."""
        x, y = self.place(index).center
        return int(self.rect.x) + x, int(self.rect.y) + y

    def set_dimensions(self, dimensions: Coordinate, clamp_to_container: bool = False) -> None:
        """Keeps the scroll position possible."""
        self._scaled.clear()
        super().set_dimensions(dimensions, clamp_to_container)
        self._scroll = min(self._scroll, self._most_scroll())

    def update(self, time_delta: float) -> None:
        """Follows the mouse."""
        mouse = self.mouse()
        index = self._index_at(mouse) if mouse else None
        on_cross = index is not None and mouse is not None and self._cross(index).collidepoint(mouse)
        if (index, on_cross) != (self._under_mouse, self._cross_under_mouse):
            self._under_mouse, self._cross_under_mouse = index, on_cross
            self.touch()
        super().update(time_delta)

    def process_event(self, event: pygame.event.Event) -> bool:
        """Left: pick, drag, or remove on the x. Right: remove. Wheel: scroll."""
        if event.type == pygame.MOUSEWHEEL and self.hovered:
            step = event.x - event.y
            self._scroll = min(max(self._scroll + step * WHEEL_STEP, 0), self._most_scroll())
            self.touch()
            return True
        if event.type == pygame.KEYDOWN and self.is_focused:
            return self._key(event.key)
        if self._press is not None and event.type in (pygame.MOUSEMOTION, pygame.MOUSEBUTTONUP):
            return self._follow(event, self._press)
        if event.type != pygame.MOUSEBUTTONDOWN or not self.hover_point(*event.pos):
            return False
        inside = (int(event.pos[0] - self.rect.x), int(event.pos[1] - self.rect.y))
        index = self._index_at(inside)
        if index is None or event.button not in (pygame.BUTTON_LEFT, pygame.BUTTON_RIGHT):
            return False
        removes = event.button == pygame.BUTTON_RIGHT or self._cross(index).collidepoint(inside)
        if removes:
            self._actions.remove(self.ids[index])
        else:
            self._press = Press(start=event.pos, tile=self.ids[index])
        return True

    def paint(self, pen: Pen) -> None:
        """Thumbnails, or how to get one."""
        if not self.ids:
            middle = pen.area.center
            for line, text in enumerate(FIRST_STEPS):
                self.write(pen, text, "muted" if line else "text", (middle[0], middle[1] + line * 24 - 12))
            return
        for index, favourite_id in enumerate(self.ids):
            place = self.place(index)
            if not place.colliderect(pen.area):
                continue
            picture = self._picture(favourite_id, pen.side(place))
            if picture is None:
                pen.rect(self.colour("control"), place, radius=4)
            else:
                pen.picture(picture, place)
            if index == self._current and self.is_focused:
                pen.rect(self.colour("accent"), place.inflate(6, 6), width=2, radius=5)
            if index == self._under_mouse:
                self._paint_hover(pen, place, index)
        self._paint_overflow(pen)

    def ground(self) -> pygame.Color:
        """A shade lighter than the grid."""
        return self.colour("panel")

    def _follow(self, event: pygame.event.Event, press: Press) -> bool:
        """Until the button is let go: a click picks, a drag may end elsewhere."""
        if press.tile is None or (event.type == pygame.MOUSEBUTTONUP and event.button != pygame.BUTTON_LEFT):
            return False
        press.moved(event.pos)
        if event.type == pygame.MOUSEMOTION:
            if press.dragging:
                self._actions.drag(press.tile, event.pos)
            return True
        self._press = None
        if press.dragging:
            self._actions.drag(press.tile, None)
            self._actions.drop(press.tile, event.pos)
        elif press.tile in self.ids:
            self._actions.pick(press.tile)
        return True

    def _picture(self, favourite_id: int, side: int) -> pygame.Surface | None:
        known = self._scaled.get(favourite_id)
        if known is None or known.get_width() != side:
            thumbnail = self.pictures(favourite_id)
            if thumbnail is None:
                return None
            self._scaled[favourite_id] = pygame.transform.smoothscale(thumbnail, (side, side))
        return self._scaled[favourite_id]

    def _key(self, key: int) -> bool:
        self._current = min(self._current, len(self.ids) - 1)
        if not self.ids:
            return False
        if key in (pygame.K_LEFT, pygame.K_RIGHT):
            self._current = min(max(self._current + (1 if key == pygame.K_RIGHT else -1), 0), len(self.ids) - 1)
            self._reveal(self._current)
        elif key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            self._actions.pick(self.ids[self._current])
        elif key in (pygame.K_DELETE, pygame.K_BACKSPACE):
            self._actions.remove(self.ids[self._current])
        else:
            return False
        self.touch()
        return True

    def _reveal(self, index: int) -> None:
        place = self.place(index)
        if place.left < MARGIN:
            self._scroll += place.left - MARGIN
        elif place.right > int(self.rect.width) - MARGIN:
            self._scroll += place.right + MARGIN - int(self.rect.width)
        self._scroll = min(max(self._scroll, 0), self._most_scroll())

    def _paint_hover(self, pen: Pen, place: pygame.Rect, index: int) -> None:
        pen.rect(self.colour("accent"), place.inflate(4, 4), width=2, radius=4)
        button = self._cross(index)
        pen.rect(self.colour("raised"), button, radius=CROSS_SIZE // 2)
        name = "accent" if self._cross_under_mouse else "text"
        pen.picture(cross(pen.length(CROSS_SIZE - 6), self.colour(name)), button.move(3, 3))

    def _paint_overflow(self, pen: Pen) -> None:
        """A thin bar that says where in the strip one is."""
        most = self._most_scroll()
        if most <= 0:
            return
        width = pen.area.width - 2 * MARGIN
        total = most + pen.area.width
        bar = max(width * pen.area.width // total, 24)
        left = MARGIN + (width - bar) * self._scroll // most
        pen.rect(self.colour("track"), (left, pen.area.height - 5, bar, 3), radius=1)

    def _most_scroll(self) -> int:
        side = int(self.rect.height) - 2 * GAP
        length = len(self.ids) * (side + GAP) - GAP + 2 * MARGIN
        return max(length - int(self.rect.width), 0)

    def _index_at(self, position: tuple[int, int]) -> int | None:
        for index in range(len(self.ids)):
            if self.place(index).collidepoint(position):
                return index
        return None

    def _cross(self, index: int) -> pygame.Rect:
        place = self.place(index)
        return pygame.Rect(place.right - CROSS_SIZE - 2, place.top + 2, CROSS_SIZE, CROSS_SIZE)

"""One bar for each layer, painted by dragging across them. Knows numbers by layer, nothing of what they stand for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import pygame
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.ui_manager import UIManager

from explorer.elements.drawn import DrawnElement
from explorer.elements.nudges import Nudges, WheelGuard, key_steps
from explorer.elements.pen import Pen
from explorer.elements.phase import Phase
from explorer.elements.value_slider import ValueRange

CAPTION_HEIGHT = 18
EDGE = 4
"""Pixels at the top and at the bottom where the ends of the range are, so that a hand can reach them exactly."""
GAP = 2
ZONE_GAP = 6
TRACK_INSET = 5
"""Of the first and last bar, so that they stand below and above the sliders' tracks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarsStyle:
    """What the bars are."""

    values: ValueRange
    names: tuple[str, ...]
    """of the layers, shown below while the mouse is on one"""
    zones: tuple[tuple[str, int], ...]
    """(name, number of layers), in order; they fill all layers"""
    tooltip: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarsState:
    """What the bars show."""

    values: tuple[float, ...]
    own: frozenset[int] = frozenset()
    """layers that are painted in the accent's colour"""
    locked: frozenset[int] = frozenset()
    """layers that cannot be painted"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarsActions:
    """What the bars tell."""

    paint: Callable[[dict[int, float], Phase], None]
    """({layer: value}, phase)"""
    reset: Callable[[int], None]
    """(layer) a double click"""
    lock: Callable[[int], None] | None = None
    """(layer) the right button"""


class LayerBars(DrawnElement):
    """Drag to paint, double click to reset a layer, wheel and arrow keys for small steps, right click to lock."""

    takes_keys = True

    def __init__(
        self,
        rect: pygame.Rect,
        style: BarsStyle,
        manager: UIManager,
        container: IContainerLikeInterface,
        actions: BarsActions,
    ) -> None:
        self._style = style
        self._actions = actions
        self._state = BarsState(values=(style.values.default,) * len(style.names))
        self._cursor: int | None = None
        self._hovered_layer: int | None = None
        self._painting: tuple[int, float] | None = None
        self._clicked: tuple[int, float] = (-1, 0.0)
        self._wheel = WheelGuard()
        self._nudges = Nudges(lambda: self._actions.paint({}, "drop"))
        super().__init__(rect, manager, container, "layer_bars")
        self.set_tooltip(style.tooltip)

    @property
    def shown(self) -> BarsState:
        """What the bars show now."""
        return self._state

    def show_state(self, state: BarsState) -> None:
        """Other values."""
        if state != self._state:
            self._state = state
            self.touch()

    def place(self, layer: int) -> pygame.Rect:
        """The column of a layer, relative to the element."""
        count, zone_gaps = len(self._style.names), len(self._style.zones) - 1
        width = int(self.rect.width) - 2 * TRACK_INSET - zone_gaps * ZONE_GAP
        before = self._zone_of(layer) * ZONE_GAP + TRACK_INSET
        left, right = layer * width // count, (layer + 1) * width // count - GAP
        return pygame.Rect(before + left, 0, right - left, self._bars_height)

    def point(self, layer: int, value: float) -> tuple[int, int]:
        """Where in the window a layer has a value."""
        return int(self.rect.x) + self.place(layer).centerx, int(self.rect.y) + self._y_of(value)

    def update(self, time_delta: float) -> None:
        """Follows the mouse and ends gestures."""
        self._nudges.pass_time(time_delta)
        mouse = self.mouse()
        layer = self._layer_at(mouse[0]) if mouse else None
        if layer != self._hovered_layer:
            self._hovered_layer = layer
            self.touch()
        super().update(time_delta)

    def focus(self) -> None:
        """Shows which layer the keys are for."""
        super().focus()
        self.touch()

    def unfocus(self) -> None:
        """Shows that there is none any more."""
        super().unfocus()
        self._cursor = None
        self.touch()

    def kill(self) -> None:
        """Ends a gesture first."""
        if self._nudges.pending or self._painting is not None:
            self._nudges.forget()
            self._painting = None
            self._actions.paint({}, "drop")
        super().kill()

    def process_event(self, event: pygame.event.Event) -> bool:
        """Left button paints, right button locks, wheel and arrows step."""
        if event.type == pygame.MOUSEBUTTONDOWN and self.hover_point(*event.pos):
            return self._pressed(event)
        if event.type == pygame.MOUSEMOTION and self._painting is not None:
            self._paint_to(event.pos, "drag")
            return True
        if event.type == pygame.MOUSEBUTTONUP and event.button == pygame.BUTTON_LEFT and self._painting is not None:
            self._paint_to(event.pos, "drop")
            self._painting = None
            return True
        steps = self._wheel.steps(event, under_mouse=self.hovered)
        if steps and self._hovered_layer is not None:
            self._nudge(self._hovered_layer, steps)
            return True
        if event.type == pygame.KEYDOWN and self.is_focused and key_steps(event):
            return self._key(event)
        return False

    def paint(self, pen: Pen) -> None:
        """Bars, the line of rest, and a caption below."""
        for layer in range(len(self._style.names)):
            self._paint_bar(pen, layer)
        told = self._cursor if self._cursor is not None and self.is_focused else self._hovered_layer
        below = pen.area.height - CAPTION_HEIGHT / 2
        if told is None:
            for index, (name, _) in enumerate(self._style.zones):
                self.write(pen, name, "muted", (self._zone_place(index).centerx, below))
            return
        value = f"{self._state.values[told]:.{self._style.values.decimals}f}"
        lock = ", locked" if told in self._state.locked else ""
        self.write(pen, f"{self._style.names[told]}: {value}{lock}", "text", (pen.area.width / 2, below))

    def ground(self) -> pygame.Color:
        """That of the panel."""
        return self.colour("panel")

    @property
    def _bars_height(self) -> int:
        return int(self.rect.height) - CAPTION_HEIGHT

    def _pressed(self, event: pygame.event.Event) -> bool:
        layer = self._layer_at(int(event.pos[0] - self.rect.x))
        if event.button == pygame.BUTTON_RIGHT and self._actions.lock is not None:
            self._actions.lock(layer)
            return True
        if event.button != pygame.BUTTON_LEFT:
            return False
        now = time.monotonic()
        twice = self._clicked[0] == layer and now - self._clicked[1] < self.ui_manager.get_double_click_time()
        self._clicked = (-1, 0.0) if twice else (layer, now)
        self._cursor = layer
        if twice:
            self._actions.reset(layer)
            return True
        self._painting = (layer, self._value_at(event.pos))
        self._paint_to(event.pos, "drag")
        return True

    def _paint_to(self, position: tuple[int, int], phase: Phase) -> None:
        """From the last point to this one, so that a quick hand leaves no layer out."""
        if self._painting is None:
            return
        last, start = self._painting
        layer, value = self._layer_at(int(position[0] - self.rect.x)), self._value_at(position)
        step = 1 if layer >= last else -1
        changes = {layer: value}
        for between in range(last, layer, step):
            share = (between - last) / (layer - last)
            changes[between] = self._style.values.nearest(start + share * (value - start))
        self._painting, self._cursor = (layer, value), layer
        self._actions.paint({one: v for one, v in changes.items() if one not in self._state.locked}, phase)

    def _key(self, event: pygame.event.Event) -> bool:
        steps = key_steps(event)
        cursor = 0 if self._cursor is None else self._cursor
        if event.key in (pygame.K_LEFT, pygame.K_RIGHT):
            self._cursor = min(max(cursor + (1 if steps > 0 else -1), 0), len(self._style.names) - 1)
            self.touch()
        else:
            self._cursor = cursor
            self._nudge(cursor, steps)
        return True

    def _nudge(self, layer: int, steps: int) -> None:
        if layer in self._state.locked:
            return
        values = self._style.values
        self._nudges.step()
        self._actions.paint({layer: values.nearest(self._state.values[layer] + steps * values.step)}, "drag")

    def _paint_bar(self, pen: Pen, layer: int) -> None:
        place, values = self.place(layer), self._style.values
        locked = layer in self._state.locked
        pen.rect(self.colour("control"), place, radius=2)
        value, rest = self._y_of(self._state.values[layer]), self._y_of(values.default)
        top, bottom = sorted((value, rest))
        name = "track" if locked else "accent" if layer in self._state.own else "muted"
        pen.rect(self.colour(name), (place.x, top, place.width, max(bottom - top, 2)))
        pen.rect(self.colour("muted" if locked else name), (place.x, value - 1, place.width, 3))
        if locked:
            middle = place.centerx
            pen.rect(self.colour("text"), (middle - 4, 8, 8, 6), radius=1)
            pen.arc(self.colour("text"), (middle - 3, 3, 6, 10), 0, 3.15)
        if layer == self._cursor and self.is_focused:
            pen.rect(self.colour("text"), place, width=1, radius=2)

    def _zone_of(self, layer: int) -> int:
        for index, (_, count) in enumerate(self._style.zones):
            layer -= count
            if layer < 0:
                return index
        return len(self._style.zones) - 1

    def _zone_place(self, index: int) -> pygame.Rect:
        first = sum(count for _, count in self._style.zones[:index])
        return self.place(first).union(self.place(first + self._style.zones[index][1] - 1))

    def _layer_at(self, x: int) -> int:
        places = range(len(self._style.names))
        return min(places, key=lambda layer: abs(self.place(layer).centerx - x))

    def _y_of(self, value: float) -> int:
        values, height = self._style.values, self._bars_height - 2 * EDGE
        share = (min(max(value, values.low), values.high) - values.low) / (values.high - values.low)
        return EDGE + round((1 - share) * height)

    def _value_at(self, position: tuple[int, int]) -> float:
        values, height = self._style.values, self._bars_height - 2 * EDGE
        share = 1 - (position[1] - self.rect.y - EDGE) / height
        return values.nearest(values.low + share * (values.high - values.low))

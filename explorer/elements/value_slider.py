"""A slider as photo tools have it: a thin track, a handle, and a difference between dragging and letting go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pygame
import pygame_gui
from pygame_gui.core.gui_type_hints import Coordinate
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.elements import UIHorizontalSlider
from pygame_gui.ui_manager import UIManager

from explorer.elements.nudges import Nudges, WheelGuard, key_steps
from explorer.elements.pen import Pen
from explorer.elements.phase import Phase
from explorer.elements.points import Scale

TRACK_HEIGHT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRange:
    """What a slider can be set to."""

    low: float
    high: float
    default: float
    """where a double click takes it, and where the coloured part of the track begins"""
    step: float = 0.01
    """values are whole multiples of it"""
    decimals: int = 2
    """how many are shown"""

    def nearest(self, value: float) -> float:
        """The value that can be shown and that is nearest to `value`."""
        clipped = min(max(value, self.low), self.high)
        return round(round(clipped / self.step) * self.step, 6)


class ValueSlider(UIHorizontalSlider):
    """Calls `on_change(value, phase)`: "drag" while the handle is held, "drop" once it is let go.

    A click on the track takes the handle there; a double click on the handle takes it to the default. The wheel
    below the mouse, and the arrow keys while it has the focus, go by single steps.
    """

    def __init__(
        self,
        rect: pygame.Rect,
        values: ValueRange,
        manager: UIManager,
        container: IContainerLikeInterface,
        on_change: Callable[[float, Phase], None],
    ) -> None:
        self.values = values
        self.name = ""
        """what it is called elsewhere than beside it"""
        self._on_change = on_change
        self._grab: tuple[int, float] | None = None
        self._told = values.default
        self._wheel = WheelGuard()
        self._nudges = Nudges(lambda: self._tell("drop"))
        super().__init__(rect, values.default, (values.low, values.high), manager, container=container)
        assert self.sliding_button is not None
        self.sliding_button.allow_double_clicks = True
        self.join_focus_sets(self.sliding_button)
        self._draw_track()

    @property
    def held(self) -> bool:
        """Whether the person has hold of the handle."""
        return self.sliding_button is not None and bool(self.sliding_button.held)

    @property
    def value(self) -> float:
        """The value shown, a multiple of the step."""
        return self.values.nearest(self.current_value)

    def show_value(self, value: float) -> None:
        """Moves the handle without calling back; a held handle stays where the hand is."""
        if self.held or abs(value - self._told) < self.values.step / 2:
            return
        self._nudges.forget()
        self.set_current_value(value, warn=False)
        self._told = self.value
        self._draw_track()

    def nudge(self, steps: int) -> None:
        """So many steps up, or down if negative."""
        self.set_current_value(self.values.nearest(self.value + steps * self.values.step), warn=False)
        self._nudges.step()
        self._tell("drag")

    def reset(self) -> None:
        """To the default."""
        self.choose(self.values.default)

    def choose(self, value: float) -> None:
        """To this value, in one step."""
        self.set_current_value(value, warn=False)
        self._nudges.forget()
        self._tell("drop")

    def tell(self, value: float) -> None:
        """Calls back as if it had been moved there, and stays where it is."""
        self._on_change(value, "drop")

    def set_tooltips(self, text: str | None) -> None:
        """Also of the handle, which lies over the track."""
        self.set_tooltip(text)
        if self.sliding_button is not None:
            self.sliding_button.set_tooltip(text)

    def focus(self) -> None:
        """Shows it."""
        super().focus()
        self._draw_track()

    def unfocus(self) -> None:
        """Shows it."""
        super().unfocus()
        self._draw_track()

    def kill(self) -> None:
        """Ends a gesture first."""
        if self._nudges.pending:
            self._nudges.forget()
            self._tell("drop")
        super().kill()

    def update(self, time_delta: float) -> None:
        """Follows the mouse, and tells the difference between dragging and letting go."""
        self._nudges.pass_time(time_delta)
        self._follow_hovering(time_delta)
        was_grabbed = self._grab is not None
        super().update(time_delta)
        if self.held and self._grab is None:
            self._grab = (self.scroll_position, self._told)
        if self._grab is not None and self.scroll_position == self._grab[0]:
            self.current_value = self._grab[1]  # held still: the pixel grid must not round the value
        if self.held:
            self._tell("drag")
        elif was_grabbed:
            self._grab = None
            self._tell("drop")

    def process_event(self, event: pygame.event.Event) -> bool:
        """A click on the track grabs the handle there; wheel and arrow keys go by steps."""
        button = self.sliding_button
        assert button is not None
        if event.type == pygame_gui.UI_BUTTON_DOUBLE_CLICKED and event.ui_element is button:
            self.reset()
            return True
        steps = self._wheel.steps(event, under_mouse=self._under_mouse) if self.is_enabled else 0
        if event.type == pygame.KEYDOWN and self.is_focused:
            steps = key_steps(event)
        if steps and not self.held:
            self.nudge(steps)
            return True
        left_down = event.type == pygame.MOUSEBUTTONDOWN and event.button == pygame.BUTTON_LEFT
        if left_down and self.is_enabled and self.hover_point(*event.pos):
            left = self.rect.left + self.sliding_button_width / 2
            share = (event.pos[0] - left) / max(self.scrollable_width, 1)
            self.set_current_value(self.values.low + share * (self.values.high - self.values.low), warn=False)
            self._tell("drag")
            return bool(button.process_event(event))
        return bool(super().process_event(event))

    def rebuild(self) -> None:
        """Draws the thin track in place of the library's box."""
        super().rebuild()
        self._draw_track()

    def on_fresh_drawable_shape_ready(self) -> None:
        """The box is never shown."""
        self._draw_track()

    def set_dimensions(self, dimensions: Coordinate, clamp_to_container: bool = False) -> None:
        """Redraws the track at its new length."""
        super().set_dimensions(dimensions, clamp_to_container)
        self._draw_track()

    def _follow_hovering(self, time_delta: float) -> None:
        """The library's container for the handle covers the track, and keeps the mouse from it."""
        if self.button_container is not None and self.button_container.hovered:
            self.while_hovering(time_delta, self.ui_manager.get_mouse_position())
        elif self.hover_time > 0:
            self.hover_time = 0.0
            self.on_unhovered()

    @property
    def _under_mouse(self) -> bool:
        return bool(self.hover_point(*self.ui_manager.get_mouse_position()))

    def _tell(self, phase: Phase) -> None:
        value = self.value
        if value != self._told or phase == "drop":
            self._told = value
            self._draw_track()
            self._on_change(value, phase)

    def paint(self, pen: Pen) -> None:
        """The track, and how far the value is from the default."""
        width, height = pen.area.size
        inset = self.sliding_button_width // 2
        top = (height - TRACK_HEIGHT) // 2
        theme = self.ui_theme
        pen.rect(theme.get_colour("track"), (inset, top, width - 2 * inset, TRACK_HEIGHT), radius=TRACK_HEIGHT // 2)
        start, end = sorted((self._x_of(self.values.default), self._x_of(self.current_value)))
        if end > start and self.is_enabled:
            filled = (inset + start, top, end - start, TRACK_HEIGHT)
            pen.rect(theme.get_colour("accent"), filled, radius=TRACK_HEIGHT // 2)
        if self.is_focused:
            pen.rect(theme.get_colour("accent_soft"), pen.area.inflate(0, -2), width=1, radius=4)

    def _draw_track(self) -> None:
        size = max(int(self.rect.width), 1), max(int(self.rect.height), 1)
        pen = Pen(pygame.Surface(size, pygame.SRCALPHA), size, Scale())
        self.paint(pen)
        self._set_image(pen.surface)

    def _x_of(self, value: float) -> int:
        share = (value - self.values.low) / (self.values.high - self.values.low)
        return round(share * self.scrollable_width)

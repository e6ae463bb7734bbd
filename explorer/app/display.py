"""Opens the window, and the manager of everything in it. Knows nothing of what is shown."""

from __future__ import annotations

import os
import warnings
from typing import Any, cast

import pygame
from pygame_gui.core.surface_cache import SurfaceCache
from pygame_gui.ui_manager import UIManager

from explorer.app.errors import WindowError
from explorer.app.options import MIN_SIZE
from explorer.elements.rounded_shapes import RoundedShapes

TITLE = "StyleGAN Explorer"
DRIVER_VARIABLE = "SDL_VIDEODRIVER"
UNSEEN_DRIVERS = frozenset({"offscreen", "dummy", "evdev", "kmsdrm"})
"""What SDL falls back to by itself where there is no display: nobody would see that window."""


class EventMouseManager(UIManager):
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

    def _update_mouse_position(self) -> None:
        """The position came with the events."""


def open_window(size: tuple[int, int], *, visible: bool) -> pygame.Surface:
    """The window's surface. A window that nobody needs to see also opens where there is no display.

    Raises WindowError if there is no display and the person should see the window.
    """
    chosen = bool(os.environ.get(DRIVER_VARIABLE))
    try:
        pygame.display.init()
        driver = pygame.display.get_driver()
        if visible and not chosen and driver.lower() in UNSEEN_DRIVERS:
            raise _no_display(f"there is no display, only SDL's driver '{driver}'")
        return _open(size)
    except pygame.error as error:
        if visible:
            raise _no_display(str(error)) from error
    pygame.display.quit()
    os.environ[DRIVER_VARIABLE] = "dummy"
    return _open(size)


def _no_display(reason: str) -> WindowError:
    pygame.display.quit()
    return WindowError(
        f"no window can be opened here ({reason}): start the explorer on a machine with a display, or use "
        f"--screenshot. A driver that {DRIVER_VARIABLE} names is used as it is"
    )


def set_size(size: tuple[int, int], *, full_screen: bool) -> pygame.Surface:
    """The window's surface at another size; full screen has the display's own."""
    if full_screen:
        return pygame.display.set_mode((0, 0), pygame.FULLSCREEN)
    return pygame.display.set_mode(size, pygame.RESIZABLE)


def make_manager(size: tuple[int, int], theme: dict[str, Any]) -> EventMouseManager:
    """The manager of all elements."""
    manager = EventMouseManager(size, theme, enable_live_theme_updates=False)
    manager.mouse_position = (-1, -1)
    manager.get_theme().shape_cache = cast(SurfaceCache, RoundedShapes())  # what elements ask it for
    return manager


def _open(size: tuple[int, int]) -> pygame.Surface:
    pygame.display.init()
    pygame.font.init()
    pygame.display.set_caption(TITLE)
    surface = pygame.display.set_mode(size, pygame.RESIZABLE)
    with warnings.catch_warnings():  # there is no other way yet to give the display's window a smallest size
        warnings.simplefilter("ignore", DeprecationWarning)
        pygame.Window.from_display_module().minimum_size = MIN_SIZE
    pygame.key.set_repeat(400, 40)
    return surface

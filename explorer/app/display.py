"""Opens the window. Knows nothing of what is shown, nor of elements, so that it is there before they are imported."""

from __future__ import annotations

import os
import warnings

import pygame

from explorer.app.errors import WindowError
from explorer.app.options import FIRST_SIZE, MIN_SIZE
from explorer.library.settings import SCALES

TITLE = "StyleGAN Explorer"
DRIVER_VARIABLE = "SDL_VIDEODRIVER"
UNSEEN_DRIVERS = frozenset({"offscreen", "dummy", "evdev", "kmsdrm"})
"""What SDL falls back to by itself where there is no display: nobody would see that window."""
AWARENESS = ("SDL_WINDOWS_DPI_AWARENESS", "permonitorv2")
"""Without it Windows would magnify the finished window, and everything in it would be soft."""
ROOM = (1920, 1200)
"""points that a display has at least at the scale that is suggested for it"""


def suggested_scale() -> float:
    """For a person who has chosen none: by the display's pixels, which are all that pygame tells of it.

    macOS and Wayland count in points of their own, and magnify windows themselves: there it is 1.
    """
    width, height = _desktop()
    return max((scale for scale in SCALES if width >= scale * ROOM[0] and height >= scale * ROOM[1]), default=SCALES[0])


def usual_size(scale: float) -> tuple[int, int]:
    """Of a window that nobody has ever sized, in pixels: as many points at every scale, as far as the display goes."""
    if scale == 1.0:
        return FIRST_SIZE
    sides = zip(FIRST_SIZE, _desktop(), strict=True)
    width, height = (max(side, min(round(side * scale), most)) for side, most in sides)
    return width, height


def _desktop() -> tuple[int, int]:
    """Of the first display, in pixels; (0, 0) if there is none."""
    os.environ.setdefault(*AWARENESS)
    try:
        pygame.display.init()
        return pygame.display.get_desktop_sizes()[0]
    except (pygame.error, IndexError):
        return 0, 0


def open_window(size: tuple[int, int], *, visible: bool) -> pygame.Surface:
    """The window's surface. A window that nobody needs to see also opens where there is no display.

    Raises WindowError if there is no display and the person should see the window.
    """
    chosen = bool(os.environ.get(DRIVER_VARIABLE))
    os.environ.setdefault(*AWARENESS)
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

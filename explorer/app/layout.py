"""Where the parts of the window lie, from its size alone. Knows no widgets."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

SIDEBAR_WIDTH = 336
"""a panel's 304, a margin of 12 on both sides, and the bar that scrolls them"""
STATUS_HEIGHT = 28
STRIP_HEIGHT = 88
TAB_WIDTH = 92
FILM_HEIGHT = 112
HISTORY_WIDTH = 92
ROOMY = 1200
"""Width of the window from which the history takes no room from a square grid."""
NOTICE_TOP = 16
MAX_NOTICE_WIDTH = 640


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Rectangles in window pixels."""

    sidebar: pygame.Rect
    grid: pygame.Rect
    history: pygame.Rect
    """to the right of the grid; outside the window while it is hidden"""
    film: pygame.Rect
    """below the grid; outside the window while it is hidden"""
    timeline: pygame.Rect
    """above the strip; outside the window while it is hidden"""
    strip: pygame.Rect
    tab: pygame.Rect
    """at the strip's right end: what unfolds the timeline"""
    status: pygame.Rect
    notice: pygame.Rect
    """where a message goes; its height is the message's own"""


def lay_out(
    size: tuple[int, int], sidebar_width: int, *, history: bool = False, film: bool = False, timeline: int = 0
) -> Layout:
    """Panels left, the grid all the rest, favourites below it, one line of status at the bottom.

    timeline: its height in pixels; 0 while it is hidden.
    """
    width, height = size
    body = height - STATUS_HEIGHT
    right = width - sidebar_width
    column = HISTORY_WIDTH if history else 0
    below = STRIP_HEIGHT + timeline + (FILM_HEIGHT if film else 0)
    strip = pygame.Rect(sidebar_width, body - STRIP_HEIGHT, right - TAB_WIDTH, STRIP_HEIGHT)
    grid = pygame.Rect(sidebar_width, 0, right - column, body - below)
    notice_width = min(MAX_NOTICE_WIDTH, grid.width - 2 * NOTICE_TOP)
    return Layout(
        sidebar=pygame.Rect(0, 0, sidebar_width, body),
        grid=grid,
        history=pygame.Rect(grid.right, 0, HISTORY_WIDTH, grid.height),
        film=pygame.Rect(sidebar_width, grid.bottom if film else height, right, FILM_HEIGHT),
        timeline=pygame.Rect(sidebar_width, strip.top - timeline if timeline else height, right, timeline),
        strip=strip,
        tab=pygame.Rect(strip.right, strip.top, TAB_WIDTH, STRIP_HEIGHT),
        status=pygame.Rect(0, body, width, STATUS_HEIGHT),
        notice=pygame.Rect(grid.centerx - notice_width // 2, NOTICE_TOP, notice_width, 0),
    )

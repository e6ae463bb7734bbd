"""Where the parts of the library's view lie, from its size alone. Knows no elements."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

MARGIN = 16
GAP = 8
ROW = 30
WIDE = 860
"""pixels from which search and filters go into one row"""
RAIL_WIDE, RAIL_NARROW = 176, 128
SCOPE_WIDTH, STARS_WIDTH, BUTTON_WIDTH, CLOSE_SIZE, ICON_SIZE = 176, 110, 84, 30, 14
HEADING_HEIGHT = 26
INSPECTOR_HEIGHT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryPlaces:
    """Rectangles relative to the view."""

    search: pygame.Rect
    scope: pygame.Rect
    stars: pygame.Rect
    bring_in: pygame.Rect
    export: pygame.Rect
    close: pygame.Rect
    icon: pygame.Rect
    """the cross on the button that closes"""
    heading: pygame.Rect
    rail: pygame.Rect
    collection_name: pygame.Rect
    collection_button: pygame.Rect
    cards: pygame.Rect
    """and the comparison in their stead"""
    inspector: pygame.Rect


def library_places(width: int, height: int) -> LibraryPlaces:
    """Search and filters above, collections left, what is known about the selected cards below."""
    wide = width >= WIDE
    close = pygame.Rect(width - MARGIN - CLOSE_SIZE, MARGIN - 4, CLOSE_SIZE, CLOSE_SIZE)
    icon = pygame.Rect(0, 0, ICON_SIZE, ICON_SIZE)
    icon.center = close.center
    filters = SCOPE_WIDTH + STARS_WIDTH + 2 * BUTTON_WIDTH + 4 * GAP
    search = pygame.Rect(MARGIN, close.y, close.left - GAP - MARGIN - (filters if wide else 0), ROW)
    left, top = (search.right + GAP, search.y) if wide else (MARGIN, search.bottom + GAP)
    scope = pygame.Rect(left, top, SCOPE_WIDTH, ROW)
    export = pygame.Rect((close.left - GAP if wide else width - MARGIN) - BUTTON_WIDTH, top, BUTTON_WIDTH, ROW)
    body = pygame.Rect(MARGIN, top + ROW + GAP, RAIL_WIDE if wide else RAIL_NARROW, 0)
    body.height = height - INSPECTOR_HEIGHT - GAP - MARGIN // 2 - body.top
    rail = pygame.Rect(body.x, body.y + HEADING_HEIGHT + 2, body.width, 0)
    rail.height = body.bottom - rail.y - 2 * (ROW + GAP)
    name = pygame.Rect(rail.x, rail.bottom + GAP, rail.width, ROW - 2)
    return LibraryPlaces(
        search=search,
        scope=scope,
        stars=pygame.Rect(scope.right + GAP, top, STARS_WIDTH, ROW),
        bring_in=export.move(-BUTTON_WIDTH - GAP, 0),
        export=export,
        close=close,
        icon=icon,
        heading=pygame.Rect(rail.x + 10, body.y, rail.width - 10, HEADING_HEIGHT),
        rail=rail,
        collection_name=name,
        collection_button=name.move(0, name.height + GAP),
        cards=pygame.Rect(body.right, body.y, width - body.right, body.height),
        inspector=pygame.Rect(MARGIN, body.bottom + GAP, width - 2 * MARGIN, INSPECTOR_HEIGHT),
    )

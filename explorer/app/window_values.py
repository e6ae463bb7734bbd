"""What the window is told: how it looks, what clicks in it mean, and what it shows beyond the session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from explorer.elements.favourites_strip import StripActions
from explorer.elements.film_strip import FilmActions
from explorer.elements.history_strip import HistoryActions
from explorer.elements.image_grid import GridActions
from explorer.panels.library_actions import LibraryActions
from explorer.panels.sidebar import SidebarActions
from explorer.panels.states import ModelState
from explorer.panels.timeline_view import TimelineActions
from explorer.session.studio import Studio


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowActions:
    """What clicks mean."""

    sidebar: SidebarActions
    grid: GridActions
    strip: StripActions
    library: LibraryActions
    history: HistoryActions
    film: FilmActions
    studio: Studio
    timeline: TimelineActions
    toggle_timeline: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is shown beyond the session."""

    model: ModelState
    marked: frozenset[int]
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowStyle:
    """How it looks."""

    theme: str = "dark"
    scale: float = 1.0
    visible: bool = True
    """whether a person is to see it"""

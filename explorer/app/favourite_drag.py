"""Where a favourite that is dragged over the window would go: a picture, a sheet's corner, truncation, the timeline.

Knows the session and where things lie in the window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from engine.inference.requests import Look
from explorer.app.favourites import FavouritesDesk
from explorer.app.timeline_desk import TimelineDesk
from explorer.app.window import Window
from explorer.elements.track_geometry import shown_seconds
from explorer.session.arrangements import Sheet
from explorer.session.arranging import corner_of, with_corner
from explorer.session.document import Document
from explorer.session.edits import with_centre, with_look
from explorer.session.session import Session

Point = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What letting go here would do."""

    told: str
    tile: int | None = None
    """the picture that would be another"""
    seconds: float | None = None
    """the time of the key that it would be"""
    truncation: bool = False
    """whether it is the truncation's centre"""
    drop: Callable[[], None]


@dataclass(slots=True, kw_only=True)
class FavouriteDrag:
    """One drag at a time."""

    session: Session
    favourites: FavouritesDesk
    timeline: TimelineDesk
    window: Callable[[], Window]
    told: str = ""
    """what letting go would do now, for the status line; "" while nothing is dragged"""

    def over(self, favourite_id: int, point: Point | None) -> None:
        """Shows what letting go at this point of the window would do; None: it was let go."""
        window = self.window()
        target = None if point is None else self._target(favourite_id, point)
        self.told = "" if target is None else target.told
        window.grid.show_target(None if target is None else target.tile)
        window.sidebar.truncation.show_target(target is not None and target.truncation)
        if window.timeline.view is not None:
            window.timeline.view.track.show_insertion(None if target is None else target.seconds)

    def drop(self, favourite_id: int, point: Point) -> None:
        """Does it."""
        target = self._target(favourite_id, point)
        if target is not None:
            target.drop()

    def _target(self, favourite_id: int, point: Point) -> Target | None:
        favourite, window = self.favourites.shelf.favourite(favourite_id), self.window()
        if favourite is None:
            return None
        look, view = favourite.look, window.timeline.view
        seconds = None if view is None else view.time_at(point)
        if seconds is not None:
            add = partial(self.timeline.add_favourite, favourite_id, seconds)
            return Target(told=self._key_told(seconds), seconds=seconds, drop=add)
        if window.sidebar.truncation.covers(point):
            return Target(told="Let go: truncation pulls towards it", truncation=True, drop=partial(self._pull, look))
        tile = window.grid.tile_under(point)
        return None if tile is None else self._into(tile, look)

    def _key_told(self, seconds: float) -> str:
        duration, sound = self.timeline.studio.timeline.duration, self.timeline.sound
        if seconds >= duration:
            return "Let go: a key at the film's end"
        where = ", on a beat" if seconds in sound.times else ""
        return f"Let go: a key of the film at {shown_seconds(seconds)}{where}"

    def _into(self, tile: int, look: Look) -> Target:
        document = self.session.document
        if not isinstance(document.arrangement, Sheet):
            drop = partial(self._edit, lambda now: with_look(now, tile, look))
            return Target(told="Let go: it comes back in this picture's place", tile=tile, drop=drop)
        corner, place = corner_of(document, tile)
        drop = partial(self._edit, lambda now: with_corner(now, corner, look.latent))
        return Target(told="Let go: this corner of the sheet", tile=place, drop=drop)

    def _pull(self, look: Look) -> None:
        self._edit(lambda now: with_centre(now, look.latent))
        self.window().sidebar.truncation.unfold_centre()

    def _edit(self, change: Callable[[Document], Document]) -> None:
        self.session.edit(change(self.session.document))

"""Which steps the history shows, and with which pictures. Knows the session and the column of thumbnails."""

from __future__ import annotations

import pygame

from engine.inference.requests import Look
from explorer.elements.history_strip import HistoryStrip
from explorer.elements.pixels import scaled_to, surface_of
from explorer.session.session import Session


class HistoryView:
    """Keeps the thumbnails of the steps that are shown."""

    def __init__(self, session: Session, strip: HistoryStrip) -> None:
        self._session = session
        self._strip = strip
        self._thumbnails: dict[Look, pygame.Surface] = {}

    def sync(self) -> None:
        """Brings the column into line with the session."""
        steps, present = self._session.steps(self._strip.room)
        known, self._thumbnails = self._thumbnails, {}
        shown: list[tuple[int, pygame.Surface | None]] = []
        for step, look in steps:
            thumbnail = known.get(look)
            if thumbnail is None or thumbnail.get_width() != self._strip.picture_side:
                picture = self._session.picture_of(look)
                thumbnail = None if picture is None else scaled_to(surface_of(picture), self._strip.picture_side)
            if thumbnail is not None:
                self._thumbnails[look] = thumbnail
            shown.append((step, thumbnail))
        self._strip.show_steps(shown, present)

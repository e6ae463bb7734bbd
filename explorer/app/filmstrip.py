"""What a slider would show along its range: which looks those are, and their pictures as they come.

Knows the session and a slider; the pictures are asked for only while the strip is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pygame

from engine.inference.requests import Look
from explorer.elements.film_strip import FilmStrip
from explorer.elements.pixels import surface_of
from explorer.elements.value_slider import ValueSlider
from explorer.session.document import Document, look_of
from explorer.session.session import Session

FRAMES = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """The looks along one slider, for one state of everything else."""

    document: Document
    values: tuple[float, ...]
    looks: tuple[Look, ...]


class FilmDesk:
    """Open for one slider at a time."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._slider: ValueSlider | None = None
        self._film: Film | None = None
        self._surfaces: dict[Look, pygame.Surface] = {}

    @property
    def slider(self) -> ValueSlider | None:
        """Which one it is open for."""
        return self._slider

    @property
    def opened(self) -> bool:
        """Whether pictures are wanted."""
        return self._slider is not None

    def open(self, slider: ValueSlider) -> None:
        """The pictures along this slider."""
        self._slider, self._film = slider, None

    def close(self) -> bool:
        """False if it was closed."""
        was_open = self.opened
        self._slider = self._film = None
        self._surfaces.clear()
        self._session.preview(())
        return was_open

    def pick(self, index: int) -> None:
        """The slider goes to the value of a picture."""
        slider = self._slider
        if slider is None or self._film is None:
            return
        choose = slider.choose if slider.alive() else slider.tell  # its panel may have been folded or built anew
        choose(self._film.values[index])

    def sync(self, strip: FilmStrip) -> None:
        """Asks for what is missing, and shows what has come."""
        slider, session = self._slider, self._session
        if slider is None:
            return
        if self._film is None or self._film.document != session.document:
            self._film = self._film_of(slider)
            session.preview(self._film.looks)
        film, decimals = self._film, slider.values.decimals
        tile = session.document.selected or 0
        present = next((i for i, look in enumerate(film.looks) if look == session.look_of(tile)), None)
        strip.show_frames(slider.name, [f"{value:.{decimals}f}" for value in film.values], present)
        known, self._surfaces = self._surfaces, {}
        for look in film.looks:
            surface = known.get(look)
            pixels = session.picture_of(look) if surface is None else None
            surface = surface if pixels is None else surface_of(pixels)
            if surface is not None:
                self._surfaces[look] = surface
        strip.show_pictures([self._surfaces.get(look) for look in film.looks])

    def _film_of(self, slider: ValueSlider) -> Film:
        low, high = slider.values.low, slider.values.high
        values = tuple(slider.values.nearest(low + (high - low) * i / (FRAMES - 1)) for i in range(FRAMES))
        tile = self._session.document.selected or 0
        documents = [self._session.tried(partial(slider.tell, value)) for value in values]
        return Film(
            document=self._session.document,
            values=values,
            looks=tuple(look_of(document, tile) for document in documents),
        )

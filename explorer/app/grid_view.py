"""What the grid shows: pictures, their names and marks, and the sentence over an empty grid.

Knows the session and the grid.
"""

from __future__ import annotations

import numpy as np

from explorer.app.window_values import Scene
from explorer.elements.image_grid import ImageGrid
from explorer.panels.states import ModelState
from explorer.session.document import latent_of
from explorer.session.seed_plane import described
from explorer.session.session import Session


class GridView:
    """Remembers which pictures the grid has."""

    def __init__(self, session: Session, grid: ImageGrid) -> None:
        self._session = session
        self._grid = grid
        self._shown: dict[int, np.ndarray] = {}

    def sync(self, scene: Scene) -> None:
        """Brings the grid into line with the session."""
        document = self._session.document
        self._grid.show_grid(document.rows, document.columns)
        self._sync_pictures()
        self._grid.show_names(tuple(self._name_of(tile) for tile in range(len(document.tiles))))
        self._grid.show_marks(scene.marked, document.selected)
        caption, waiting = self._caption(scene.model)
        self._grid.show_caption(caption, waiting=waiting)

    def _sync_pictures(self) -> None:
        results = self._session.results
        if not results and self._shown:
            if not self._session.succeeding:
                self._grid.clear()
            self._shown.clear()
        for tile in [tile for tile in self._shown if tile not in results]:
            del self._shown[tile]
        for tile, result in results.items():
            if self._shown.get(tile) is not result.pixels:
                self._shown[tile] = result.pixels
                self._grid.show_picture(tile, result.pixels)

    def _name_of(self, tile: int) -> str:
        """The seed, and the class where the classes have names."""
        name, model = described(latent_of(self._session.document, tile)), self._session.model
        if model is None or not model.class_names:
            return name
        weights = self._session.look_of(tile).class_weights or (1.0,)
        return f"{name}, {model.class_names[weights.index(max(weights))]}"

    def _caption(self, model: ModelState) -> tuple[str, bool]:
        """(text over the grid, whether empty tiles breathe)"""
        if self._session.model is None:
            return (f"Opening {model.opening}…", True) if model.opening else ("No model is open", False)
        missing = any(tile not in self._session.results for tile in self._session.pending)
        return "", missing and self._session.failure is None

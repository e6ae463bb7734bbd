"""The live grid of pictures. Knows pixels and tile numbers, nothing of models or looks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pygame
from pygame_gui.ui_manager import UIManager

from explorer.elements.drawn import DrawnElement, Press
from explorer.elements.grid_geometry import GridGeometry
from explorer.elements.icons import heart
from explorer.elements.pen import Pen
from explorer.elements.phase import Phase
from explorer.elements.tile_pictures import TilePictures

MARGIN = 16
NAME_HEIGHT = 24
DISC_ALPHA = 190
"""of the ground of a heart, which has to be told from the whitest picture"""
OUTLINE = 2
"""pixels around a tile that is selected"""
PULSE_SECONDS = 2.4
FRAMES_PER_SECOND = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class GridActions:
    """What the grid tells."""

    click: Callable[[int], None]
    """(tile) the left button was pressed and let go on it"""
    select: Callable[[int], None]
    """(tile) the right button was pressed on it"""
    drag: Callable[[float, float, Phase], None]
    """(tiles to the right, tiles down, phase) since the left button went down; phase "drag" or "drop\""""


class ImageGrid(DrawnElement):
    """Tiles as large as fit; a heart on those that are favourites.

    While it has the focus the arrow keys select a tile, and Enter keeps it.
    """

    takes_keys = True

    def __init__(self, rect: pygame.Rect, manager: UIManager, actions: GridActions) -> None:
        self._actions = actions
        self.rows, self.columns = 3, 3
        self._pictures = TilePictures()
        self._marked: frozenset[int] = frozenset()
        self._selected: int | None = None
        self._hovered_tile: int | None = None
        self._press: Press | None = None
        self._target: int | None = None
        self._names: tuple[str, ...] = ()
        self._zoomed: int | None = None
        self._caption = ""
        self._waiting = False
        self._time = 0.0
        super().__init__(rect, manager, None, "image_grid")

    @property
    def geometry(self) -> GridGeometry:
        """Where the tiles are, relative to the element."""
        width, height = int(self.rect.width) - 2 * MARGIN, int(self.rect.height) - 2 * MARGIN
        gap = 8 if max(self.rows, self.columns) <= 5 else 4
        rows, columns = (self.rows, self.columns) if self._zoomed is None else (1, 1)
        fitted = GridGeometry.fitted((width, height), rows, columns, gap)
        return GridGeometry(
            rows=fitted.rows,
            columns=fitted.columns,
            side=fitted.side,
            gap=fitted.gap,
            left=fitted.left + MARGIN,
            top=fitted.top + MARGIN,
        )

    @property
    def zoomed(self) -> int | None:
        """The tile that has all the room; None while all are seen."""
        return self._zoomed

    def zoom(self, tile: int | None) -> None:
        """Gives one tile all the room; None shows all again."""
        if tile != self._zoomed:
            self._zoomed = tile
            self.touch()

    def show_names(self, names: tuple[str, ...]) -> None:
        """What the tile under the mouse is called."""
        if names != self._names:
            self._names = names
            self._touch_tile(self._hovered_tile)

    @property
    def hovered_tile(self) -> int | None:
        """The tile under the mouse."""
        return self._hovered_tile

    @property
    def waiting(self) -> bool:
        """Whether the quiet animation runs."""
        return self._waiting

    @property
    def refining(self) -> bool:
        """Whether pictures are still to be enlarged as well as they can be."""
        return self._pictures.refining

    def tile_centre(self, tile: int) -> tuple[int, int]:
        """The middle of a tile in the window."""
        x, y = self._place(tile).center
        return int(self.rect.x) + x, int(self.rect.y) + y

    def tile_under(self, point: tuple[int, int]) -> int | None:
        """The tile under a point of the window; None beside the tiles, or while the grid is hidden."""
        return self._tile_at(*self._inside(point)) if self.visible and self.rect.collidepoint(point) else None

    def show_target(self, tile: int | None) -> None:
        """A frame round the tile that something that is dragged here would change."""
        if tile != self._target:
            self._target = tile
            self.touch()

    def show_grid(self, rows: int, columns: int) -> None:
        """Another number of tiles. Pictures of tiles that still exist stay until new ones come."""
        if (rows, columns) == (self.rows, self.columns):
            return
        self.rows, self.columns = rows, columns
        self._zoomed = None
        self._pictures.keep(range(rows * columns))
        self.touch()

    def show_picture(self, tile: int, pixels: np.ndarray) -> None:
        """uint8 [height, width, 3 or 4]."""
        self._pictures.put(tile, pixels)
        self._touch_tile(tile)

    def picture(self, tile: int) -> pygame.Surface | None:
        """What a tile shows, unscaled."""
        return self._pictures.unscaled(tile)

    def clear(self) -> None:
        """No pictures: another model."""
        self._pictures.keep(())
        self.touch()

    def show_marks(self, marked: frozenset[int], selected: int | None) -> None:
        """Which tiles are favourites, and which one is selected."""
        marked_before, selected_before = self._marked, self._selected
        self._marked, self._selected = marked, selected
        for tile in (*(marked ^ marked_before), *({selected} ^ {selected_before})):
            self._touch_tile(tile)

    def show_caption(self, text: str, *, waiting: bool) -> None:
        """A line over the middle of the grid, "" for none; `waiting` lets empty tiles breathe quietly."""
        if (text, waiting) != (self._caption, self._waiting):
            self._caption, self._waiting = text, waiting
            self.touch()

    def update(self, time_delta: float) -> None:
        """Follows the mouse and the time."""
        mouse = self.mouse()
        hovered = self._tile_at(*mouse) if mouse and self._press is None else None
        if self._press is not None and not self._press.dragging:
            hovered = self._press.tile
        if hovered != self._hovered_tile:
            self._touch_tile(self._hovered_tile)
            self._touch_tile(hovered)
            self._hovered_tile = hovered
        if self._waiting:
            before = int(self._time * FRAMES_PER_SECOND)
            self._time = (self._time + time_delta) % (PULSE_SECONDS * 1000)
            if int(self._time * FRAMES_PER_SECOND) != before:
                self.touch()
        for tile in self._pictures.pass_time(time_delta):
            self._touch_tile(tile)
        super().update(time_delta)

    def process_event(self, event: pygame.event.Event) -> bool:
        """Left button: click or drag. Right button: select. Everything else but some keys is not for the grid."""
        if event.type == pygame.KEYDOWN and self.is_focused:
            return self._key(event.key)
        if event.type == pygame.MOUSEBUTTONDOWN and self.hover_point(*event.pos):
            tile = self._tile_at(*self._inside(event.pos))
            if event.button == pygame.BUTTON_LEFT:
                self._press = Press(start=event.pos, tile=tile)
                return True
            if event.button == pygame.BUTTON_RIGHT and tile is not None:
                self._actions.select(tile)
                return True
        if event.type == pygame.MOUSEMOTION and self._press is not None:
            offset = self._press.moved(event.pos)
            if self._press.dragging and self._press.tile is not None:
                self._tell_drag(offset, "drag")
            return True
        if event.type == pygame.MOUSEBUTTONUP and event.button == pygame.BUTTON_LEFT and self._press is not None:
            self._end_press(event.pos)
            return True
        return False

    def paint(self, pen: Pen) -> None:
        """Tiles, marks, caption."""
        wanted = pen.clip
        for tile in range(self.rows * self.columns) if self._zoomed is None else (self._zoomed,):
            place = self._place(tile)
            if wanted.colliderect(_with_outline(place)):
                self._paint_tile(pen, tile, place)
        if self._caption:
            self._paint_caption(pen)

    def _key(self, key: int) -> bool:
        if key in (pygame.K_RETURN, pygame.K_KP_ENTER) and self._selected is not None:
            self._actions.click(self._selected)
            return True
        moves = {pygame.K_LEFT: -1, pygame.K_RIGHT: 1, pygame.K_UP: -self.columns, pygame.K_DOWN: self.columns}
        if key not in moves or self._zoomed is not None:
            return False
        target = 0 if self._selected is None else self._selected + moves[key]
        if 0 <= target < self.rows * self.columns:
            self._actions.select(target)
        return True

    def _end_press(self, position: tuple[int, int]) -> None:
        press, self._press = self._press, None
        if press is None or press.tile is None:
            return
        offset = press.moved(position)
        if press.dragging:
            self._tell_drag(offset, "drop")
        elif self._tile_at(*self._inside(position)) == press.tile:
            self._actions.click(press.tile)

    def _tell_drag(self, offset: tuple[int, int], phase: Phase) -> None:
        side = self.geometry.side
        self._actions.drag(offset[0] / side, offset[1] / side, phase)

    def _tile_at(self, x: int, y: int) -> int | None:
        tile = self.geometry.tile_at(x, y)
        return tile if tile is None or self._zoomed is None else self._zoomed

    def _touch_tile(self, tile: int | None) -> None:
        if tile is not None and self._zoomed in (None, tile):
            self.touch(_with_outline(self._place(tile)))

    def _place(self, tile: int) -> pygame.Rect:
        return pygame.Rect(self.geometry.place(tile if self._zoomed is None else 0))

    def _inside(self, position: tuple[int, int]) -> tuple[int, int]:
        return int(position[0] - self.rect.x), int(position[1] - self.rect.y)

    def _paint_tile(self, pen: Pen, tile: int, place: pygame.Rect) -> None:
        if tile in self._pictures:
            pen.picture(self._pictures.scaled(tile, pen.side(place)), place)
        else:
            pen.rect(self._placeholder(tile), place, radius=4)
        if tile == self._selected:
            pen.rect(self.colour("accent"), _with_outline(place), width=OUTLINE, radius=4)
        elif tile == self._hovered_tile and tile in self._pictures:
            pen.rect(self.colour("muted"), place.inflate(2, 2), width=1, radius=3)
        if tile == self._target:
            pen.rect(self.colour("accent"), place.inflate(6, 6), width=4, radius=5)
        marked = tile in self._marked
        if tile in self._pictures and (marked or tile == self._hovered_tile):
            self._paint_heart(pen, place, filled=marked)
        if tile == self._hovered_tile and tile < len(self._names):
            self._paint_name(pen, place, self._names[tile])

    def _paint_name(self, pen: Pen, place: pygame.Rect, name: str) -> None:
        """In the lower left corner, where there is room for it."""
        ground = pygame.Rect(0, 0, self.letters.width(name) + 16, NAME_HEIGHT)
        ground.bottomleft = (place.left + 6, place.bottom - 6)
        if ground.width > place.width - 12:
            return
        shade = pygame.Surface(pen.scale.place(ground).size, pygame.SRCALPHA)
        pygame.draw.rect(shade, (0, 0, 0, 170), shade.get_rect(), border_radius=pen.length(NAME_HEIGHT // 2))
        pen.picture(shade, ground)
        self.write(pen, name, "on_picture", ground.center)

    def _paint_heart(self, pen: Pen, place: pygame.Rect, *, filled: bool) -> None:
        size = max(12, min(22, place.width // 5))
        disc = pygame.Surface((pen.length(size + 10),) * 2, pygame.SRCALPHA)
        radius = pen.length(size // 2 + 5)
        pygame.draw.circle(disc, (0, 0, 0, DISC_ALPHA), (radius, radius), radius)
        corner = (place.right - size - 14, place.top + 4)
        pen.picture(disc, corner)
        colour = self.colour("heart" if filled else "on_picture")
        pen.picture(heart(pen.length(size), colour, filled=filled), (corner[0] + 5, corner[1] + 5))

    def _placeholder(self, tile: int) -> pygame.Color:
        low, high = self.colour("panel"), self.colour("control")
        if not self._waiting:
            return low
        row, column = divmod(tile, self.columns)
        phase = 2 * math.pi * self._time / PULSE_SECONDS - (row + column) * 0.6
        return low.lerp(high, 0.5 + 0.5 * math.sin(phase))

    def _paint_caption(self, pen: Pen) -> None:
        centre = pen.area.center
        ground = pygame.Rect((0, 0), self.letters.size(self._caption)).inflate(40, 24)
        ground.height = 40
        ground.center = centre
        pen.rect(self.colour("raised"), ground, radius=20)
        self.write(pen, self._caption, "text", centre)


def _with_outline(place: pygame.Rect) -> pygame.Rect:
    """A tile and what is drawn around it."""
    return place.inflate(2 * OUTLINE, 2 * OUTLINE)

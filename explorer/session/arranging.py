"""From a picture to its neighbours and back, and to sheets between pictures: pure functions of the document.

Knows nothing of widgets or of favourites; latents are handed in.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from engine.errors import ConfigError
from engine.inference.requests import Latent
from explorer.session.arrangements import (
    FIRST_RADIUS,
    RANDOM_SEEDS,
    Arrangement,
    MixSheet,
    Neighbours,
    Sheet,
    middle_tile,
)
from explorer.session.document import Document, latent_of

LEAST_SIDE = 3
"""Neighbours and sheets need room round a middle."""


def with_arrangement(document: Document, arrangement: Arrangement, size: tuple[int, int] | None = None) -> Document:
    """The tiles laid out as this says, in so many rows and columns, or in those that there are."""
    rows, columns = size or (document.rows, document.columns)
    selected = middle_tile(rows, columns) if isinstance(arrangement, Neighbours) else None
    tiles = arrangement.tiles(rows, columns)
    return replace(document, rows=rows, columns=columns, tiles=tiles, arrangement=arrangement, selected=selected)


def with_neighbours(document: Document, tile: int, source: random.Random | None = None) -> Document:
    """The tile's picture in the middle, its children round it; what was in the middle before is its lineage."""
    parent, before = latent_of(document, tile), document.arrangement
    lineage: tuple[Latent, ...] = ()
    radius = FIRST_RADIUS
    if isinstance(before, Neighbours):
        radius = before.radius
        older = _displaced_parent(document)
        lineage = before.lineage if older == parent else (*before.lineage, older)
    children = Neighbours(parent=parent, radius=radius, draw=_drawn(source), lineage=lineage)
    return with_arrangement(replace(document, pad=(0.0, 0.0)), children, _room(document))


def with_radius(document: Document, radius: float) -> Document:
    """How far the children are from their parent; nothing happens without any."""
    if not isinstance(document.arrangement, Neighbours):
        return document
    return with_arrangement(document, replace(document.arrangement, radius=float(radius)))


def with_other_children(document: Document, source: random.Random | None = None) -> Document:
    """Of the same parent, as far from it; nothing happens without any."""
    if not isinstance(document.arrangement, Neighbours):
        return document
    return with_arrangement(document, replace(document.arrangement, draw=_drawn(source)))


def with_former_parent(document: Document) -> Document:
    """One generation back; nothing happens in the first one."""
    now = document.arrangement
    if not isinstance(now, Neighbours) or not now.lineage:
        return document
    back = replace(now, parent=now.lineage[-1], lineage=now.lineage[:-1])
    return with_arrangement(replace(document, pad=(0.0, 0.0)), back)


def with_sheet(document: Document, corners: Sequence[Latent] | None = None) -> Document:
    """A sheet between four latents; without any, between the grid's own corners."""
    if corners is None:
        last = len(document.tiles) - 1
        own = (0, document.columns - 1, last - document.columns + 1, last)
        corners = [latent_of(document, tile) for tile in own]
    if len(corners) != 4:
        raise ConfigError(f"a sheet lies between four pictures, not {len(corners)}")
    sheet = Sheet(corners=(corners[0], corners[1], corners[2], corners[3]))
    return with_arrangement(replace(document, pad=(0.0, 0.0)), sheet, _room(document))


def corner_of(document: Document, tile: int) -> tuple[int, int]:
    """(which corner of a sheet is nearest to a tile, in reading order; the tile in that corner of the grid)"""
    row, column = divmod(tile, document.columns)
    down, right = 2 * row >= document.rows, 2 * column >= document.columns
    place = (document.rows - 1) * down * document.columns + (document.columns - 1) * right
    return 2 * down + right, place


def with_corner(document: Document, corner: int, latent: Latent) -> Document:
    """Another latent in a corner of the sheet, 0 to 3 in reading order; nothing happens without a sheet."""
    if not isinstance(document.arrangement, Sheet):
        return document
    corners = list(document.arrangement.corners)
    corners[corner] = latent
    return with_sheet(document, corners)


def with_mix_sheet(document: Document, layers: Sequence[int]) -> Document:
    """Layers of the first row's pictures in the pictures of the first column; other layers for a sheet that is one."""
    now = document.arrangement
    if isinstance(now, MixSheet):
        return with_arrangement(document, replace(now, layers=tuple(layers)))
    rows = tuple(latent_of(document, row * document.columns) for row in range(document.rows))
    columns = tuple(latent_of(document, column) for column in range(1, document.columns))
    sheet = MixSheet(rows=rows, columns=columns, layers=tuple(layers))
    return with_arrangement(replace(document, pad=(0.0, 0.0)), sheet, _room(document))


def without_arrangement(document: Document) -> Document:
    """The pictures stay; each stands for itself."""
    return replace(document, arrangement=None)


def _displaced_parent(document: Document) -> Latent:
    """What stands in the middle now: the pad may have moved it."""
    return latent_of(document, middle_tile(document.rows, document.columns))


def _room(document: Document) -> tuple[int, int]:
    """At least three by three."""
    return max(document.rows, LEAST_SIDE), max(document.columns, LEAST_SIDE)


def _drawn(source: random.Random | None) -> int:
    return (source or random.SystemRandom()).randrange(RANDOM_SEEDS)

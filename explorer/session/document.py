"""What the window shows, as one frozen value: undo, save and restore act on it.

The looks of the tiles are not kept but derived: each tile has its own latent, everything else is shared. Knows
nothing of models, of pictures, or of how a document is shown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import ConfigError
from engine.inference.input_transform import InputTransform
from engine.inference.requests import (
    Latent,
    Look,
    Noise,
    SeedLatent,
    StyleMix,
    Truncation,
    latent_from_dict,
    latent_to_dict,
    look_from_dict,
    look_to_dict,
    mix_from_dict,
    mix_to_dict,
)
from engine.video.timeline import Timeline
from engine.video.timeline_file import timeline_from_dict, timeline_to_dict
from explorer.session.arrangements import (
    Arrangement,
    MixSheet,
    arrangement_from_dict,
    arrangement_to_dict,
)
from explorer.session.seed_plane import displaced, leading_seed, snapped

DOCUMENT_VERSION = 2
MAX_SIDE = 8
"""Most rows, and most columns."""
FIRST_MIX_SEED = 1000
"""Away from the first grid's seeds, so that the first touch of a mixing slider shows something new."""
FIRST_SOURCE = StyleMix(latent=SeedLatent(seed=FIRST_MIX_SEED))
MAX_SOURCES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The grid and every control. Raises ConfigError for a grid that cannot be."""

    rows: int
    columns: int
    tiles: tuple[Latent, ...]
    """where on the plane of seeds each tile starts, in reading order; what it shows is `latent_of`"""
    pad: tuple[float, float] = (0.0, 0.0)
    """steps to the right and down that every tile is displaced by; multiples of 1/256"""
    truncation: Truncation = field(default_factory=Truncation)
    sources: tuple[StyleMix, ...] = (FIRST_SOURCE,)
    """what is mixed into every tile, layer by layer, later ones over earlier ones; they stay while they have no
    strength anywhere"""
    locked: tuple[int, ...] = ()
    """layers, in order, whose mixing strengths stay as they are"""
    noise: Noise = field(default_factory=Noise)
    transform: InputTransform = field(default_factory=InputTransform)
    """how every picture is turned and moved from within; at rest for a model that cannot"""
    class_weights: tuple[float, ...] = ()
    """the label; empty for an unconditional model or for class 0"""
    class_by_seed: int = 0
    """how many classes there are if every tile's class follows from its seed; 0 if it does not"""
    arrangement: Arrangement | None = None
    """how the tiles belong together; None if each stands for itself"""
    selected: int | None = None
    """the tile that single-picture actions mean"""
    timeline: Timeline = field(default_factory=Timeline)
    """the film; its keys keep their looks whatever model is open"""

    def __post_init__(self) -> None:
        if not (1 <= self.rows <= MAX_SIDE and 1 <= self.columns <= MAX_SIDE):
            raise ConfigError(
                f"a grid has 1 to {MAX_SIDE} rows and columns, not {self.rows} rows and {self.columns} columns"
            )
        if len(self.tiles) != self.rows * self.columns:
            raise ConfigError(f"{len(self.tiles)} tiles do not fill {self.rows} by {self.columns}")
        if not all(math.isfinite(steps) and snapped(steps) == steps for steps in self.pad):
            raise ConfigError(f"the pad stands on multiples of 1/256 of a step, not at {self.pad}")
        if not self.sources:
            raise ConfigError("the style mixing has at least one source, which may have no strength")
        if self.selected is not None and not 0 <= self.selected < len(self.tiles):
            raise ConfigError(f"there is no tile {self.selected} in {self.rows} by {self.columns}")

    @property
    def class_index(self) -> int:
        """The class with most of the weight."""
        return self.class_weights.index(max(self.class_weights)) if self.class_weights else 0

    def source_seed(self, source: int) -> int:
        """The seed of one source of the style mixing; of a blend the seed with most of the weight."""
        return leading_seed(self.sources[source].latent)

    def mix_strength(self, layer: int, source: int = 0) -> float:
        """The strength of one layer of a source, also of one that was never touched."""
        strengths = self.sources[source].strengths
        return strengths[layer] if layer < len(strengths) else 0.0

    def layer_psi(self, layer: int) -> float | None:
        """A layer's own psi; None where it follows the common one."""
        own = self.truncation.layer_psi
        return own[layer] if layer < len(own) else None

    def seed_of(self, tile: int) -> int:
        """The seed that a label shows for the tile; of a blend the seed with most of the weight."""
        return leading_seed(latent_of(self, tile))

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready copy; `from_dict` is its inverse."""
        return {
            "version": DOCUMENT_VERSION,
            "rows": self.rows,
            "columns": self.columns,
            "tiles": [latent_to_dict(latent) for latent in self.tiles],
            "pad": list(self.pad),
            "selected": self.selected,
            "sources": [mix_to_dict(mix) for mix in self.sources],
            "locked": list(self.locked),
            "class_by_seed": self.class_by_seed,
            "arrangement": self.arrangement and arrangement_to_dict(self.arrangement),
            "timeline": timeline_to_dict(self.timeline),
            "controls": look_to_dict(
                Look(
                    latent=self.tiles[0],
                    class_weights=self.class_weights,
                    truncation=self.truncation,
                    noise=self.noise,
                    transform=self.transform,
                )
            ),
        }

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> Document:
        """Raises ConfigError with a sentence if this is not a document of ours, or from a newer version."""
        try:
            version = int(values["version"])
            if version > DOCUMENT_VERSION:
                raise ConfigError(
                    f"the session has version {version}, newer than this program's {DOCUMENT_VERSION}: "
                    "update the program"
                )
            return _document_from(values)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise ConfigError(f"this is not a session of ours: {error!r} in {values!r}"[:500]) from error


def new_document(rows: int = 3, columns: int = 3, first_seed: int = 0) -> Document:
    """The grid that a person meets first: seeds in reading order, every control at rest."""
    tiles = tuple(SeedLatent(seed=first_seed + i) for i in range(rows * columns))
    return Document(rows=rows, columns=columns, tiles=tiles)


def latent_of(document: Document, tile: int) -> Latent:
    """Where the pad has brought the tile."""
    return displaced(document.tiles[tile], *document.pad)


def look_of(document: Document, tile: int) -> Look:
    """The recipe of the picture that the tile should show."""
    latent = latent_of(document, tile)
    return Look(
        latent=latent,
        class_weights=classes_of(latent, document.class_by_seed) if document.class_by_seed else document.class_weights,
        truncation=document.truncation,
        style_mixes=document.sources + _own_mixes(document, tile),
        noise=document.noise,
        transform=document.transform,
    )


def classes_of(latent: Latent, class_count: int) -> tuple[float, ...]:
    """Class weights where a seed's class is its remainder by the number of classes; empty for class 0."""
    weights = [0.0] * class_count
    for seed, weight in ((latent.seed, 1.0),) if isinstance(latent, SeedLatent) else latent.parts:
        weights[seed % class_count] += weight
    return () if weights[0] == 1 else tuple(weights)


def looks_of(document: Document) -> tuple[Look, ...]:
    """The looks of all tiles, in reading order."""
    return tuple(look_of(document, tile) for tile in range(len(document.tiles)))


def _own_mixes(document: Document, tile: int) -> tuple[StyleMix, ...]:
    """What only this tile takes from another one."""
    if not isinstance(document.arrangement, MixSheet):
        return ()
    source = document.arrangement.source_of(tile, document.columns)
    if source is None:
        return ()
    return (StyleMix(latent=latent_of(document, source), strengths=document.arrangement.strengths),)


def _document_from(values: Mapping[str, Any]) -> Document:
    controls = look_from_dict(values["controls"])
    # version 1 knew one source, which stood among the controls
    sources = values.get("sources") or [values["controls"]["style_mix"]]
    x, y = values["pad"]
    selected, arrangement = values["selected"], values.get("arrangement")
    timeline = values.get("timeline")
    return Document(
        rows=int(values["rows"]),
        columns=int(values["columns"]),
        tiles=tuple(latent_from_dict(latent) for latent in values["tiles"]),
        pad=(float(x), float(y)),
        truncation=controls.truncation,
        sources=tuple(mix_from_dict(mix) for mix in sources),
        locked=tuple(int(layer) for layer in values.get("locked", ())),
        noise=controls.noise,
        transform=controls.transform,
        class_weights=controls.class_weights,
        class_by_seed=int(values.get("class_by_seed", 0)),
        arrangement=None if arrangement is None else arrangement_from_dict(arrangement),
        selected=None if selected is None else int(selected),
        timeline=Timeline() if timeline is None else timeline_from_dict(timeline),
    )

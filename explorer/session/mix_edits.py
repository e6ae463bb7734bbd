"""What a person can do to the sources of the style mixing, as pure functions from one document to the next.

A layer that is locked keeps its strengths, whoever asks. Knows nothing of models or of widgets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.errors import ConfigError
from engine.inference.requests import Latent, SeedLatent, StyleMix
from explorer.session.document import FIRST_MIX_SEED, MAX_SOURCES, Document, latent_of


def with_painted(document: Document, source: int, changes: Mapping[int, float]) -> Document:
    """How much of a source some layers take, 0 to 1."""
    strengths = list(document.sources[source].strengths)
    strengths += [0.0] * (max(changes, default=-1) + 1 - len(strengths))
    for layer, strength in changes.items():
        strengths[layer] = float(strength)
    return with_mix_strengths(document, strengths, source)


def with_mix_strengths(document: Document, strengths: Sequence[float], source: int = 0) -> Document:
    """How much of a source every layer takes; missing layers take none."""
    count = max(len(strengths), len(document.sources[source].strengths))
    wanted = [float(strength) for strength in strengths] + [0.0] * (count - len(strengths))
    for layer in document.locked:
        if layer < count:
            wanted[layer] = document.mix_strength(layer, source)
    return _with_source(document, source, replace(document.sources[source], strengths=tuple(wanted)))


def without_sources(document: Document) -> Document:
    """Nothing is mixed in anywhere, also not in locked layers; the sources stay for the next time."""
    return replace(document, sources=tuple(replace(source, strengths=()) for source in document.sources))


def with_mix_seed(document: Document, seed: int, source: int = 0) -> Document:
    """The seed whose w is mixed in."""
    return with_mix_latent(document, SeedLatent(seed=seed), source)


def with_mix_latent(document: Document, latent: Latent, source: int = 0) -> Document:
    """The latent whose w is mixed in, for instance that of a tile."""
    return _with_source(document, source, replace(document.sources[source], latent=latent))


def with_another_source(document: Document) -> Document:
    """One source more, with a seed that no other has. Raises ConfigError if there are four."""
    if len(document.sources) >= MAX_SOURCES:
        raise ConfigError(f"at most {MAX_SOURCES} pictures are mixed in: take another one out first")
    taken = {document.source_seed(source) for source in range(len(document.sources))}
    seed = next(seed for seed in range(FIRST_MIX_SEED, FIRST_MIX_SEED + MAX_SOURCES + 1) if seed not in taken)
    return replace(document, sources=(*document.sources, StyleMix(latent=SeedLatent(seed=seed))))


def without_source(document: Document, source: int) -> Document:
    """One source less; the last one stays and loses its strengths."""
    if len(document.sources) == 1:
        return without_sources(document)
    return replace(document, sources=document.sources[:source] + document.sources[source + 1 :])


def with_lock(document: Document, layers: Sequence[int], *, locked: bool) -> Document:
    """Locks or unlocks layers."""
    kept = set(document.locked) | set(layers) if locked else set(document.locked) - set(layers)
    return replace(document, locked=tuple(sorted(kept)))


def swapped(document: Document, tile: int, source: int = 0) -> Document:
    """The tile's picture and the source change places; the strengths stay. The other tiles stay where they are."""
    tiles = [latent_of(document, i) for i in range(len(document.tiles))]
    own, tiles[tile] = tiles[tile], document.sources[source].latent
    moved = replace(document, tiles=tuple(tiles), pad=(0.0, 0.0), arrangement=None)
    return with_mix_latent(moved, own, source)


def _with_source(document: Document, source: int, mix: StyleMix) -> Document:
    return replace(document, sources=(*document.sources[:source], mix, *document.sources[source + 1 :]))

"""Hypothesis strategies for every look that can be described, and for documents in any state."""

from __future__ import annotations

import random
from collections.abc import Callable

from hypothesis import strategies as st

from engine.inference.input_transform import InputTransform
from engine.inference.requests import (
    CENTRES,
    MAX_SEED,
    NOISE_MODES,
    BlendLatent,
    Latent,
    Look,
    Noise,
    SeedLatent,
    StyleMix,
    Truncation,
)
from explorer.session import arranging, edits
from explorer.session.document import Document, new_document

numbers = st.floats(-2, 2)
seeds = st.one_of(st.integers(0, 300), st.integers(0, MAX_SEED), st.integers(MAX_SEED - 250, MAX_SEED))
pads = st.tuples(st.floats(-300, 300), st.floats(-300, 300))


ARRANGERS: tuple[Callable[[Document], Document], ...] = (
    lambda document: arranging.with_neighbours(document, 0, random.Random(0)),
    lambda document: arranging.with_neighbours(arranging.with_neighbours(document, 0), 1),
    arranging.with_sheet,
    lambda document: arranging.with_mix_sheet(document, (4, 5)),
)


def blends() -> st.SearchStrategy[BlendLatent]:
    part = st.tuples(seeds, st.floats(0.01, 1))
    return st.lists(part, min_size=1, max_size=5).map(blend_of)


def blend_of(parts: list[tuple[int, float]]) -> BlendLatent:
    """With weights that sum to 1."""
    total = sum(weight for _, weight in parts)
    return BlendLatent(parts=tuple((seed, weight / total) for seed, weight in parts))


def latents() -> st.SearchStrategy[Latent]:
    return st.one_of(seeds.map(lambda seed: SeedLatent(seed=seed)), blends())


def tuples_of(values: st.SearchStrategy) -> st.SearchStrategy[tuple]:
    return st.lists(values, max_size=6).map(tuple)


looks = st.builds(
    Look,
    latent=latents(),
    class_weights=tuples_of(st.floats(0, 1)),
    truncation=st.builds(
        Truncation,
        psi=numbers,
        cutoff=st.none() | st.integers(0, 12),
        layer_psi=tuples_of(st.none() | numbers),
        centre=st.sampled_from(CENTRES) | latents(),
    ),
    style_mixes=tuples_of(st.builds(StyleMix, latent=latents(), strengths=tuples_of(st.floats(0, 1)))),
    noise=st.builds(
        Noise,
        mode=st.sampled_from(NOISE_MODES),
        seed=seeds,
        strength=st.floats(0, 3),
        layer_strengths=tuples_of(st.floats(0, 3)),
    ),
    transform=st.builds(InputTransform, x=numbers, y=numbers, rotate=st.floats(-360, 360)),
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    document = new_document(rows, columns, draw(st.integers(0, 1000)))
    tiles = st.integers(0, rows * columns - 1)
    for tile, look in draw(st.lists(st.tuples(tiles, looks), max_size=3)):
        document = edits.with_look(document, tile, look)
        document = edits.with_pad(document, *draw(pads))
    if draw(st.booleans()):
        document = draw(st.sampled_from(ARRANGERS))(document)
    chosen = st.integers(0, len(document.tiles) - 1)
    return edits.with_selected(document, draw(st.none() | chosen))

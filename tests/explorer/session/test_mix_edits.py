"""Several sources of the style mixing: painting, locks, swapping."""

from __future__ import annotations

import pytest

from engine.errors import ConfigError
from engine.inference.requests import SeedLatent, StyleMix
from explorer.session import edits, mix_edits
from explorer.session.document import MAX_SOURCES, Document, look_of, new_document


def mixed() -> Document:
    document = mix_edits.with_another_source(new_document(2, 2))
    document = mix_edits.with_painted(document, 0, {0: 1.0, 1: 0.5})
    return mix_edits.with_painted(document, 1, {1: 0.25, 3: 1.0})


def test_every_source_reaches_the_look_in_its_order() -> None:
    assert look_of(mixed(), 0).style_mixes == (
        StyleMix(latent=SeedLatent(seed=1000), strengths=(1.0, 0.5)),
        StyleMix(latent=SeedLatent(seed=1001), strengths=(0.0, 0.25, 0.0, 1.0)),
    )
    assert mix_edits.without_sources(mixed()) == mix_edits.with_another_source(new_document(2, 2))


def test_there_are_one_to_four_sources_with_seeds_of_their_own() -> None:
    document = new_document()
    while len(document.sources) < MAX_SOURCES:
        document = mix_edits.with_another_source(document)
    assert [document.source_seed(source) for source in range(4)] == [1000, 1001, 1002, 1003]
    with pytest.raises(ConfigError, match="at most 4"):
        mix_edits.with_another_source(document)
    fewer = mix_edits.without_source(document, 1)
    assert [fewer.source_seed(source) for source in range(3)] == [1000, 1002, 1003]
    alone = mix_edits.with_mix_strengths(new_document(), (1.0,))
    assert mix_edits.without_source(alone, 0) == new_document()


def test_a_locked_layer_keeps_its_strengths() -> None:
    document = mix_edits.with_lock(mixed(), (1, 2), locked=True)
    painted = mix_edits.with_painted(document, 0, {0: 0.3, 1: 0.9, 2: 0.9, 4: 0.6})
    assert painted.sources[0].strengths == (0.3, 0.5, 0.0, 0.0, 0.6)
    assert mix_edits.with_mix_strengths(document, (), 1).sources[1].strengths == (0.0, 0.25)
    assert mix_edits.with_mix_strengths(document, (1.0,) * 6, 1).sources[1].strengths == (1, 0.25, 0, 1, 1, 1)
    unlocked = mix_edits.with_lock(document, (1,), locked=False)
    assert unlocked.locked == (2,)
    assert mix_edits.with_painted(unlocked, 0, {1: 0.9}).mix_strength(1) == 0.9


def test_swapping_twice_is_nothing() -> None:
    document = edits.with_pad(mixed(), 2, 0)
    once = mix_edits.swapped(document, 1, 0)
    assert look_of(once, 1).latent == SeedLatent(seed=1000)
    assert once.sources[0].latent == SeedLatent(seed=3)
    assert [look_of(once, tile).latent for tile in (0, 2, 3)] == [look_of(document, t).latent for t in (0, 2, 3)]
    twice = mix_edits.swapped(once, 1, 0)
    assert [look_of(twice, tile) for tile in range(4)] == [look_of(document, tile) for tile in range(4)]

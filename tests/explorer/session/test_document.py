"""The document: what the tiles show, bringing looks back, and the way into files."""

import json
import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ConfigError
from engine.formats.model_info import ModelInfo
from engine.inference.requests import (
    MAX_SEED,
    BlendLatent,
    Look,
    Noise,
    SeedLatent,
    StyleMix,
    Truncation,
)
from explorer.session import arranging, edits, mix_edits
from explorer.session.document import Document, latent_of, look_of, looks_of, new_document
from explorer.session.seed_plane import displaced, snapped
from tests.explorer.session.strategies import documents, latents, looks, pads


def info(num_ws: int = 6, c_dim: int = 0) -> ModelInfo:
    return ModelInfo(
        z_dim=8,
        c_dim=c_dim,
        w_dim=8,
        num_ws=num_ws,
        img_resolution=16,
        img_channels=3,
        source_format="test",
        content_id="a",
        parameters=1,
    )


@given(documents(), looks, st.data())
def test_a_look_that_is_brought_back_is_exactly_that_look(document: Document, look: Look, data: st.DataObject) -> None:
    tile = data.draw(st.integers(0, len(document.tiles) - 1))
    before = looks_of(document)
    after = edits.with_look(document, tile, look)
    assert look_of(after, tile) == look
    for other in set(range(len(before))) - {tile}:
        assert look_of(after, other).latent == before[other].latent


@given(documents())
def test_a_document_survives_the_way_through_json(document: Document) -> None:
    assert Document.from_dict(json.loads(json.dumps(document.to_dict()))) == document


def test_a_newer_or_broken_document_is_refused_with_a_sentence() -> None:
    values = new_document().to_dict()
    with pytest.raises(ConfigError, match="newer than this program"):
        Document.from_dict({**values, "version": 99})
    for change in ({"rows": 2}, {"pad": [0.0]}, {"pad": [0.1, 0.0]}, {"tiles": 3}, {"controls": {}}, {"selected": 9}):
        with pytest.raises(ConfigError):
            Document.from_dict({**values, **change})
    with pytest.raises(ConfigError, match="not a session of ours"):
        Document.from_dict({})


def plane_weights(seed: int, x: float, y: float) -> dict[int, float]:
    """The slow reference: a tent function around every seed of a window of the plane."""
    weights = {}
    for column in range(int(np.floor(x)) - 1, int(np.floor(x)) + 3):
        for row in range(int(np.floor(y)) - 1, int(np.floor(y)) + 3):
            weight = max(0.0, 1 - abs(x - column)) * max(0.0, 1 - abs(y - row))
            if weight:
                weights[(seed + column + 100 * row) % (MAX_SEED + 1)] = weight
    return weights


@given(st.integers(0, MAX_SEED), pads)
def test_the_pad_blends_the_four_neighbours(seed: int, pad: tuple[float, float]) -> None:
    document = edits.with_pad(new_document(1, 1, 0), *pad)
    document = edits.with_look(document, 0, Look(latent=SeedLatent(seed=seed)))
    latent = latent_of(edits.with_pad(document, *pad), 0)
    expected = plane_weights(seed, snapped(pad[0]), snapped(pad[1]))
    if isinstance(latent, SeedLatent):
        assert expected == {latent.seed: 1.0}
    else:
        assert dict(latent.parts) == expected
        assert sum(weight for _, weight in latent.parts) == 1.0


@given(st.integers(0, MAX_SEED), pads, pads)
def test_a_kept_point_of_the_plane_goes_on_over_the_plane(
    seed: int, first: tuple[float, float], second: tuple[float, float]
) -> None:
    (ax, ay), (bx, by) = ((snapped(x), snapped(y)) for x, y in (first, second))
    start = SeedLatent(seed=seed)
    assert displaced(displaced(start, ax, ay), bx, by) == displaced(start, ax + bx, ay + by)
    assert displaced(displaced(start, ax, ay), -ax, -ay) == start


@given(latents(), pads)
def test_any_blend_keeps_its_total_weight_wherever_it_moves(latent, pad: tuple[float, float]) -> None:
    moved = displaced(latent, snapped(pad[0]), snapped(pad[1]))
    totals = [
        sum(weight for _, weight in each.parts) if isinstance(each, BlendLatent) else 1.0 for each in (latent, moved)
    ]
    assert totals[0] == pytest.approx(totals[1])


def test_untouched_controls_make_plain_looks_and_touching_leaves_no_trace() -> None:
    document = new_document()
    assert look_of(document, 4) == Look(latent=SeedLatent(seed=4))
    touched = mix_edits.with_painted(document, 0, {3: 0.5})
    assert look_of(touched, 0).style_mixes == (
        StyleMix(latent=SeedLatent(seed=document.source_seed(0)), strengths=(0.0, 0.0, 0.0, 0.5)),
    )
    assert mix_edits.with_painted(touched, 0, {3: 0}) == document
    assert edits.with_layers_psi(edits.with_layers_psi(document, {5: 0.2}), {5: None}) == document
    assert edits.with_pad(edits.with_pad(document, 3.3, -7.9), 0, 0) == document


def test_every_control_reaches_the_look() -> None:
    document = edits.with_psi(new_document(), 0.7)
    document = edits.with_cutoff(document, 4)
    document = edits.with_layers_psi(document, {2: 0.3})
    document = mix_edits.with_mix_seed(mix_edits.with_mix_strengths(document, (0.0, 1.0)), 77)
    document = edits.with_noise_strength(edits.with_noise_seed(edits.with_noise_mode(document, "random"), 5), 0.5)
    document = edits.with_class(document, 2, 3)
    assert look_of(document, 1) == Look(
        latent=SeedLatent(seed=1),
        class_weights=(0.0, 0.0, 1.0),
        truncation=Truncation(psi=0.7, cutoff=4, layer_psi=(None, None, 0.3)),
        style_mixes=(StyleMix(latent=SeedLatent(seed=77), strengths=(0.0, 1.0)),),
        noise=Noise(mode="random", seed=5, strength=0.5),
    )
    assert (document.layer_psi(2), document.layer_psi(9)) == (0.3, None)
    assert (document.mix_strength(1), document.mix_strength(9)) == (1.0, 0.0)
    assert (document.source_seed(0), document.class_index) == (77, 2)
    assert edits.with_class(document, 0, 3).class_weights == ()


@pytest.mark.parametrize("index", [-1, 3])
def test_a_class_that_is_not_there_is_refused(index: int) -> None:
    with pytest.raises(ConfigError, match="classes 0 to 2"):
        edits.with_class(new_document(), index, 3)


def test_seeds_in_order_wrap_around_and_random_ones_differ() -> None:
    document = edits.with_first_seed(edits.with_pad(new_document(2, 2), 1.5, 1), MAX_SEED - 1)
    assert [document.seed_of(tile) for tile in range(4)] == [MAX_SEED - 1, MAX_SEED, 0, 1]
    with pytest.raises(ConfigError):
        edits.with_first_seed(document, -1)
    drawn = edits.with_random_seeds(new_document(8, 8), random.Random(1))
    assert len(set(drawn.tiles)) == 64
    assert drawn == edits.with_random_seeds(new_document(8, 8), random.Random(1))
    assert drawn != edits.with_random_seeds(new_document(8, 8))


@settings(max_examples=60)
@given(documents(), st.integers(1, 8), st.integers(1, 8))
def test_another_grid_keeps_what_stays_visible(document: Document, rows: int, columns: int) -> None:
    document = arranging.without_arrangement(document)
    before, count = document.tiles, rows * columns
    after = edits.with_grid(document, rows, columns)
    assert len(after.tiles) == count
    kept = min(len(before), count)
    if document.selected is None:
        assert after.tiles[:kept] == before[:kept]
        assert after.selected is None
    else:
        assert after.tiles[after.selected] == before[document.selected]
        assert after.tiles[: kept - 1] == before[: kept - 1]
    fresh = after.tiles[len(before) :]
    assert len(set(fresh)) == len(fresh)
    assert not set(fresh) & set(before)


def test_a_larger_grid_goes_on_counting() -> None:
    assert edits.with_grid(new_document(2, 2), 2, 4) == new_document(2, 4)
    assert edits.with_grid(edits.with_selected(new_document(), 4), 1, 1).tiles == (SeedLatent(seed=4),)


@pytest.mark.parametrize(("rows", "columns"), [(0, 3), (9, 1), (-1, -1)])
def test_a_grid_that_cannot_be_is_refused(rows: int, columns: int) -> None:
    with pytest.raises(ConfigError, match="rows"):
        edits.with_grid(new_document(), rows, columns)


def test_another_model_keeps_the_controls_that_it_has() -> None:
    document = edits.with_cutoff(edits.with_layers_psi(new_document(), {9: 0.2}), 12)
    document = mix_edits.with_mix_strengths(edits.with_class(document, 1, 3), (0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0))
    fitted = edits.fitted_to(document, info(num_ws=6, c_dim=0))
    assert fitted.truncation == Truncation(cutoff=6)
    assert fitted.sources[0].strengths == (0.0, 0.5)
    assert fitted.class_weights == ()
    assert edits.fitted_to(document, info(num_ws=14, c_dim=3)) == document


def test_the_class_follows_the_seed_and_blends_with_it() -> None:
    document = edits.with_class_by_seed(edits.with_class(new_document(2, 2), 2, 3), 3)
    assert [look_of(document, tile).class_weights for tile in range(4)] == [(), (0, 1, 0), (0, 0, 1), ()]
    between = edits.with_pad(document, 0.25, 0)
    assert look_of(between, 0).class_weights == (0.75, 0.25, 0.0)
    assert edits.with_class_weights(document, (1, 1, 2)).class_weights == (0.25, 0.25, 0.5)
    assert edits.with_class_weights(document, (3, 0, 0)) == edits.with_class(document, 0, 3)
    for impossible in ((0, 0, 0), (1, -1, 1), (math.inf, 0, 0)):
        with pytest.raises(ConfigError, match="class weights"):
            edits.with_class_weights(document, impossible)

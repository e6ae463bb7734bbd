"""Neighbours with their lineage, sheets between four pictures, and mixing sheets."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings

from engine.errors import ConfigError
from engine.inference.requests import BlendLatent, SeedLatent, StyleMix
from explorer.session import arranging, edits
from explorer.session.arrangements import LEAST_WEIGHT, Neighbours, Sheet, blended, middle_tile
from explorer.session.document import Document, latent_of, look_of, new_document
from tests.explorer.session.strategies import documents, latents


def seed(number: int) -> SeedLatent:
    return SeedLatent(seed=number)


def test_children_lie_round_their_parent_at_the_radius_that_was_asked_for() -> None:
    document = arranging.with_neighbours(new_document(), 3, random.Random(1))
    assert document.selected == 4
    assert document.tiles[4] == seed(3)
    children = [latent for tile, latent in enumerate(document.tiles) if tile != 4]
    for child in children:
        assert isinstance(child, BlendLatent)
        assert dict(child.parts)[3] == pytest.approx(0.7)
    assert len(set(children)) == 8
    nearer = arranging.with_radius(document, 0.1)
    for child, before in zip(nearer.tiles, document.tiles, strict=True):
        if isinstance(child, BlendLatent) and isinstance(before, BlendLatent):
            assert dict(child.parts)[3] == pytest.approx(0.9)
            assert dict(child.parts).keys() == dict(before.parts).keys()
    assert set(arranging.with_radius(document, 0.0).tiles) == {seed(3)}
    others = arranging.with_other_children(document, random.Random(2))
    assert others.tiles[4] == seed(3)
    assert not set(others.tiles) & set(children)


def test_the_lineage_leads_back_generation_by_generation() -> None:
    first = arranging.with_neighbours(new_document(), 0, random.Random(1))
    second = arranging.with_neighbours(first, 1, random.Random(2))
    third = arranging.with_neighbours(edits.with_pad(second, 1, 0), 2, random.Random(3))
    assert third.tiles[4] == latent_of(edits.with_pad(second, 1, 0), 2)
    assert third.pad == (0.0, 0.0)
    assert isinstance(third.arrangement, Neighbours)
    assert len(third.arrangement.lineage) == 2
    back = arranging.with_former_parent(third)
    assert latent_of(back, 4) == latent_of(edits.with_pad(second, 1, 0), 4)
    assert latent_of(arranging.with_former_parent(back), 4) == seed(0)
    assert arranging.with_former_parent(first) == first
    again = arranging.with_neighbours(second, 4)
    assert isinstance(again.arrangement, Neighbours)
    assert again.arrangement.lineage == (seed(0),)


@settings(max_examples=60)
@given(latents(), latents())
def test_a_blend_has_all_the_weight_and_its_ends_are_exact(one, other) -> None:
    assert blended((one, other), (1.0, 0.0)) == one
    half = blended((one, other), (0.5, 0.5))
    parts = half.parts if isinstance(half, BlendLatent) else ((half.seed, 1.0),)
    assert math.isclose(sum(weight for _, weight in parts), 1.0, rel_tol=1e-6)
    assert all(weight >= LEAST_WEIGHT for _, weight in parts)


@settings(max_examples=60)
@given(documents())
def test_every_arrangement_survives_the_way_into_a_file_and_another_grid(document: Document) -> None:
    assert Document.from_dict(document.to_dict()) == document
    if document.arrangement is not None:
        larger = edits.with_grid(document, 4, 5)
        assert larger.tiles == document.arrangement.tiles(4, 5)
        assert edits.with_grid(larger, document.rows, document.columns).tiles == document.tiles


def test_a_sheet_has_its_corners_at_its_corners() -> None:
    corners = tuple(seed(number) for number in (5, 6, 7, 8))
    document = arranging.with_sheet(new_document(4, 3), corners)
    assert tuple(document.tiles[tile] for tile in (0, 2, 9, 11)) == corners
    assert document.tiles[1] == BlendLatent(parts=((5, 0.5), (6, 0.5)))
    own = arranging.with_sheet(new_document(2, 2))
    assert (own.rows, own.columns) == (3, 3)
    assert own.arrangement == Sheet(corners=(seed(0), seed(1), seed(2), seed(3)))
    assert own.tiles[4] == BlendLatent(parts=((0, 0.25), (1, 0.25), (2, 0.25), (3, 0.25)))
    with pytest.raises(ConfigError, match="four pictures"):
        arranging.with_sheet(own, corners[:3])


def test_a_mixing_sheet_keeps_its_edges_and_mixes_the_rest() -> None:
    before = new_document(3, 3)
    document = arranging.with_mix_sheet(before, (4, 5))
    for tile in (0, 1, 2, 3, 6):
        assert look_of(document, tile) == look_of(before, tile)
    strengths = (0.0,) * 4 + (1.0, 1.0)
    assert look_of(document, 5).latent == seed(3)
    assert look_of(document, 5).style_mixes == (StyleMix(latent=seed(2), strengths=strengths),)
    assert look_of(document, 7).latent == seed(6)
    moved = edits.with_pad(document, 1, 0)
    assert look_of(moved, 5).latent == seed(4)
    assert look_of(moved, 5).style_mixes[0].latent == seed(3)
    others = arranging.with_mix_sheet(document, (0,))
    assert others.tiles == document.tiles
    assert look_of(others, 5).style_mixes[0].strengths == (1.0,)


def test_what_gives_tiles_a_life_of_their_own_ends_the_arrangement() -> None:
    document = arranging.with_mix_sheet(new_document(3, 3), (0, 1))
    assert edits.with_first_seed(document, 7).arrangement is None
    assert edits.with_random_seeds(document).arrangement is None
    assert edits.with_grid(edits.with_selected(document, 5), 1, 1).tiles == (seed(3),)
    kept = edits.with_look(document, 0, look_of(document, 4))
    assert kept.arrangement is None
    assert look_of(kept, 0) == look_of(document, 4)


def test_the_middle() -> None:
    assert [middle_tile(3, 3), middle_tile(2, 2), middle_tile(1, 1), middle_tile(4, 5)] == [4, 3, 0, 12]


@pytest.mark.parametrize("radius", [-0.1, 1.1, math.nan])
def test_a_radius_that_cannot_be_is_refused(radius: float) -> None:
    with pytest.raises(ConfigError, match="radius"):
        Neighbours(parent=seed(1), radius=radius)


def test_a_session_of_version_1_opens() -> None:
    document = edits.with_psi(new_document(2, 2), 0.7)
    values = document.to_dict()
    for newer in ("sources", "locked", "class_by_seed", "arrangement"):
        del values[newer]
    values["controls"]["style_mix"] = {"latent": {"seed": 9}, "strengths": [0.0, 0.5]}
    opened = Document.from_dict({**values, "version": 1, "mixes": True})
    assert opened == replace(document, sources=(StyleMix(latent=seed(9), strengths=(0.0, 0.5)),))
    values["controls"]["style_mix"] = {"latent": {"seed": 9}, "strengths": []}
    assert Document.from_dict({**values, "version": 1, "mixes": False}).source_seed(0) == 9

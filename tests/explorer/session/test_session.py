"""The session: what it asks for, what it takes, and that undo brings pictures back at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.formats.model_info import ModelInfo
from engine.inference.requests import Look, RenderFailure, RenderRequest, RenderResult, SeedLatent
from explorer.session import edits, mix_edits
from explorer.session.document import looks_of, new_document
from explorer.session.history import Phase
from explorer.session.result_cache import ResultCache
from explorer.session.session import Session
from tests.explorer.session.strategies import looks

INFO = ModelInfo(
    z_dim=8,
    c_dim=0,
    w_dim=8,
    num_ws=6,
    img_resolution=4,
    img_channels=3,
    source_format="test",
    content_id="a",
    parameters=1,
)


def opened(rows: int = 2, columns: int = 2, max_cache_bytes: int = 2**20) -> Session:
    session = Session(new_document(rows, columns), max_cache_bytes)
    session.set_model(INFO)
    return session


def result(request_id: int, tile: int, look: Look) -> RenderResult:
    pixels = np.full((4, 4, 3), hash(look) % 256, np.uint8)
    return RenderResult(request_id=request_id, tile=tile, look=look, pixels=pixels, seconds=0.1)


def answer(session: Session, request: RenderRequest) -> list[bool]:
    return [session.accept(result(request.request_id, tile, look)) for tile, look in request.looks]


def settled(session: Session) -> Session:
    request = session.next_request()
    if request is not None:
        answer(session, request)
    assert session.pending == ()
    return session


def test_nothing_is_asked_for_without_a_model_or_without_a_change() -> None:
    session = Session(new_document(2, 2))
    assert session.next_request() is None
    session.set_model(INFO)
    request = session.next_request()
    assert request is not None
    assert request.looks == tuple(enumerate(looks_of(session.document)))
    assert session.next_request() is None
    assert answer(session, request) == [True] * 4
    assert session.next_request() is None
    session.edit(session.document)
    assert session.next_request() is None


def test_the_hovered_tile_comes_first_and_then_the_selected_one() -> None:
    session = opened()
    session.edit(edits.with_selected(session.document, 2))
    session.hovered = 3
    request = session.next_request()
    assert request is not None
    assert [tile for tile, _ in request.looks] == [3, 2, 0, 1]


def test_neither_starves_the_others_while_something_is_dragged() -> None:
    session = settled(opened())
    session.edit(edits.with_selected(session.document, 2))
    session.hovered = 3
    begun = []
    for step in range(1, 9):  # the engine is so slow that each request brings one picture
        session.edit(edits.with_psi(session.document, step / 10), "drag")
        request = session.next_request()
        assert request is not None
        tile, look = request.looks[0]
        begun.append(tile)
        session.accept(replace(result(request.request_id, tile, look), draft=True))
    assert set(begun) == {0, 1, 2, 3}
    assert begun.count(3) == 4


def test_moving_the_mouse_asks_again_only_for_a_tile_that_is_missing() -> None:
    session = opened()
    first = session.next_request()
    assert first is not None
    session.accept(result(first.request_id, 0, session.look_of(0)))
    session.hovered = 0
    assert session.next_request() is None
    session.hovered = 3
    request = session.next_request()
    assert request is not None
    assert [tile for tile, _ in request.looks] == [3, 1, 2]
    assert session.next_request() is None


def test_only_the_tiles_that_changed_are_asked_for() -> None:
    session = settled(opened())
    look = Look(latent=SeedLatent(seed=50))
    session.edit(edits.with_look(session.document, 1, look))
    request = session.next_request()
    assert request is not None
    assert request.looks == ((1, look),)
    assert session.pending == (1,)


def test_a_stale_picture_is_refused_and_a_late_but_right_one_taken() -> None:
    session = settled(opened(1, 1))
    session.edit(edits.with_psi(session.document, 0.5), "drag")
    half = session.next_request()
    session.edit(edits.with_psi(session.document, 0.4), "drag")
    less = session.next_request()
    assert half is not None
    assert less is not None
    assert answer(session, half) == [False]
    assert session.pending == (0,)
    session.edit(edits.with_psi(session.document, 0.3), "drag")
    last = session.next_request()
    session.edit(edits.with_psi(session.document, 0.4), "drop")
    assert last is not None
    assert answer(session, less) == [True]
    assert session.pending == ()
    assert answer(session, last) == [False]
    assert session.results[0].look == session.look_of(0)


def test_a_picture_for_a_tile_that_is_gone_is_refused() -> None:
    session = opened(2, 2)
    request = session.next_request()
    assert request is not None
    session.edit(edits.with_grid(session.document, 1, 2))
    assert answer(session, request) == [True, True, False, False]
    assert set(session.results) == {0, 1}
    session.edit(edits.with_grid(session.document, 1, 1))
    assert set(session.results) == {0}


def test_undo_and_redo_show_their_pictures_at_once() -> None:
    session = settled(opened())
    session.edit(edits.with_psi(session.document, 0.5))
    settled(session)
    assert session.undo()
    assert session.document == new_document(2, 2)
    assert session.pending == ()
    assert session.next_request() is None
    assert session.redo()
    assert session.pending == ()
    assert all(session.results[tile].tile == tile for tile in range(4))


def test_a_drag_is_one_step_and_a_selection_is_none() -> None:
    session = settled(opened())
    for psi in (0.9, 0.8, 0.7):
        session.edit(edits.with_psi(session.document, psi), "drag")
    session.edit(edits.with_psi(session.document, 0.7), "drop")
    session.edit(edits.with_selected(session.document, 3))
    assert session.undo()
    assert session.document.truncation.psi == 1.0
    session.edit(edits.with_selected(session.document, 1))
    assert session.can_redo
    assert not session.can_undo
    assert session.redo()
    assert session.document.truncation.psi == 0.7


def test_a_failure_is_kept_and_not_asked_for_again_until_something_changes() -> None:
    session = opened()
    request = session.next_request()
    assert request is not None
    assert session.accept(RenderFailure(request_id=request.request_id, message="no memory"))
    assert session.failure is not None
    session.hovered = 1
    assert session.next_request() is None
    session.edit(edits.with_psi(session.document, 0.5))
    again = session.next_request()
    assert again is not None
    assert session.failure is None
    assert not session.accept(RenderFailure(request_id=request.request_id, message="stale"))
    assert session.failure is None


def test_pictures_of_the_former_model_are_refused_though_their_look_is_wanted() -> None:
    session = opened()
    former = session.next_request()
    assert former is not None
    session.set_model(replace(INFO, content_id="b"))
    assert answer(session, former) == [False] * 4
    assert session.results == {}
    request = session.next_request()
    assert request is not None
    assert request.looks == former.looks
    assert answer(session, request) == [True] * 4


def test_a_smaller_model_takes_away_its_missing_layers_also_from_what_undo_brings_back() -> None:
    session = opened()
    session.edit(mix_edits.with_painted(session.document, 0, {5: 1.0}))
    session.edit(edits.with_psi(session.document, 0.5))
    session.set_model(replace(INFO, num_ws=4))
    assert session.look_of(0).style_mixes == ()
    session.undo()
    assert session.document.truncation.psi == 1.0
    assert session.look_of(0).style_mixes == ()


def test_what_failed_is_asked_for_again_when_it_is_wanted_again() -> None:
    session = settled(opened())
    session.edit(edits.with_psi(session.document, 0.5))
    request = session.next_request()
    assert request is not None
    session.accept(RenderFailure(request_id=request.request_id, message="no memory"))
    session.edit(edits.with_selected(session.document, 1))
    assert session.failure is not None
    session.undo()
    assert session.pending == ()
    assert session.failure is None
    session.redo()
    again = session.next_request()
    assert again is not None
    assert dict(again.looks) == dict(request.looks)


@settings(max_examples=50)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("psi"), st.sampled_from((0.0, 0.5, 1.0)), st.sampled_from(("drag", "drop"))),
            st.tuples(st.just("grid"), st.integers(1, 3), st.integers(1, 3)),
            st.tuples(st.just("pad"), st.integers(0, 2), st.sampled_from((0.0, 0.5))),
            st.tuples(st.sampled_from(("undo", "redo", "answer", "answer old")), st.none(), st.none()),
        ),
        max_size=25,
    )
)
def test_whatever_happens_the_last_request_completes_the_grid(steps: list) -> None:
    session = opened(2, 2, max_cache_bytes=48 * 3)
    first = session.next_request()
    assert first is not None
    requests = [first]
    for kind, a, b in steps:
        if kind == "psi":
            phase: Phase = b
            session.edit(edits.with_psi(session.document, a), phase)
        elif kind == "grid":
            session.edit(edits.with_grid(session.document, a, b))
        elif kind == "pad":
            session.edit(edits.with_pad(session.document, a, b))
        elif kind == "undo":
            session.undo()
        elif kind == "redo":
            session.redo()
        else:
            answer(session, requests[-1 if kind == "answer" else 0])
        request = session.next_request()
        if request is not None:
            requests.append(request)
    answer(session, requests[-1])
    assert session.pending == ()
    assert session.next_request() is None
    assert {tile: shown.look for tile, shown in session.results.items()} == dict(enumerate(looks_of(session.document)))


@given(st.lists(looks, max_size=20), st.integers(0, 500))
def test_the_cache_never_holds_more_than_it_may(many: list[Look], max_bytes: int) -> None:
    cache = ResultCache(max_bytes)
    for look in many:
        cache.put(result(1, 0, look))
        assert (cache.get(look) is not None) == (max_bytes >= 48)
        assert cache.used_bytes == 48 * len(cache) <= max_bytes
        cache.get(many[0])
    if max_bytes >= 96 and many:
        assert cache.get(many[0]) is not None  # used after every other one


@pytest.mark.parametrize("edit", [lambda d: edits.with_psi(d, 0.5), lambda d: edits.with_grid(d, 3, 3)])
def test_editing_leaves_the_former_document_as_it_was(edit) -> None:
    document = new_document()
    before = document.to_dict()
    edit(document)
    assert document.to_dict() == before


def draft_of(request: RenderRequest, index: int) -> RenderResult:
    tile, look = request.looks[index]
    return replace(result(request.request_id, tile, look), draft=True)


def test_a_drag_asks_in_a_hurry_and_its_drafts_become_full_pictures() -> None:
    session = settled(opened())
    session.edit(edits.with_psi(session.document, 0.5), "drag")
    hurried = session.next_request()
    assert hurried is not None
    assert hurried.hurry
    assert all(session.accept(draft_of(hurried, index)) for index in range(4))
    assert session.missing == ()
    assert session.pending == (0, 1, 2, 3)
    assert session.finished(0) is None
    assert session.next_request(refine=False) is None
    refined = session.next_request(refine=True)
    assert refined is not None
    assert not refined.hurry
    assert all(answer(session, refined))
    assert session.pending == ()
    assert session.finished(0) is not None


def test_what_was_asked_in_a_hurry_is_asked_for_anew_after_the_release() -> None:
    session = settled(opened())
    session.edit(edits.with_psi(session.document, 0.5), "drag")
    hurried = session.next_request()
    assert hurried is not None
    session.edit(edits.with_psi(session.document, 0.5), "drop")
    calm = session.next_request()
    assert calm is not None
    assert not calm.hurry
    assert dict(calm.looks) == dict(hurried.looks)


def test_a_late_draft_does_not_replace_a_full_picture_and_is_not_remembered() -> None:
    session = settled(opened())
    session.edit(edits.with_psi(session.document, 0.5), "drag")
    hurried = session.next_request()
    assert hurried is not None
    tile, look = hurried.looks[0]
    full = result(hurried.request_id, tile, look)
    assert session.accept(full)
    session.accept(draft_of(hurried, 0))
    assert session.results[tile] is full
    session.accept(draft_of(hurried, 1))
    assert session.picture_of(hurried.looks[1][1]) is None


def test_while_a_drag_goes_on_every_tile_gets_its_turn() -> None:
    """One picture comes for each event; after as many events as there are tiles, none shows what was there before."""
    session = settled(opened(3, 3))
    turn = []
    for event in range(9):
        session.edit(edits.with_psi(session.document, 0.9 - event / 20), "drag")
        request = session.next_request()
        assert request is not None
        session.accept(draft_of(request, 0))
        turn.append(request.looks[0][0])
    assert sorted(turn) == list(range(9))

"""What a hand does to a timeline, without a window: keys, drags as one step of undo, the playhead and its clock."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.inference.requests import Look, SeedLatent
from explorer.session.document import Document
from explorer.session.session import Session
from explorer.session.studio import Studio


def look(seed: int) -> Look:
    return Look(latent=SeedLatent(seed=seed))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def studio_of(*seeds: int) -> tuple[Studio, Session, Clock]:
    session, clock = Session(), Clock()
    studio = Studio(session, clock)
    studio.add([look(seed) for seed in seeds])
    studio.choose(())
    return studio, session, clock


def seeds(studio: Studio) -> list[int]:
    return [key.look.latent.seed for key in studio.timeline.keys]


def test_keys_go_to_the_end_or_between_others() -> None:
    studio, _, _ = studio_of(1, 2, 3)
    assert studio.timeline.starts == (0.0, 2.0, 4.0)
    studio.add([look(9)], 3.0)
    assert seeds(studio) == [1, 2, 9, 3]
    assert studio.timeline.starts == (0.0, 2.0, 3.0, 4.0)
    assert studio.chosen == {2}
    studio.duplicate()
    assert seeds(studio) == [1, 2, 9, 9, 3]
    assert studio.chosen == {3}
    studio.delete()
    assert seeds(studio) == [1, 2, 9, 3]
    assert studio.timeline.starts == (0.0, 2.0, 3.0, 5.0)


@pytest.mark.parametrize(("ripple", "starts"), [(False, (0.0, 3.0, 4.0)), (True, (0.0, 3.0, 5.0))])
def test_a_drag_is_one_step_whatever_way_it_took(ripple: bool, starts: tuple[float, ...]) -> None:
    studio, session, _ = studio_of(1, 2, 3)
    before = studio.timeline
    studio.ripple = ripple
    for seconds in (2.5, 0.0, 9.0, 3.0):
        studio.move(1, seconds, "drag")
    studio.move(1, 3.0, "drop")
    assert studio.timeline.starts == starts
    session.undo()
    assert studio.timeline == before
    session.redo()
    assert studio.timeline.starts == starts


def test_chosen_keys_move_together() -> None:
    studio, _, _ = studio_of(1, 2, 3, 4)
    studio.choose((1, 2))
    studio.move(1, 2.5, "drag")
    studio.move(1, 3.0, "drop")
    assert studio.timeline.starts == (0.0, 3.0, 5.0, 6.0)
    studio.move(2, 4.0, "drop")
    assert studio.timeline.starts == (0.0, 2.0, 4.0, 6.0)


def test_deleting_with_ripple_moves_the_rest_earlier_and_without_it_does_not() -> None:
    studio, session, _ = studio_of(1, 2, 3)
    studio.delete((1,))
    assert studio.timeline.starts == (0.0, 4.0)
    session.undo()
    studio.ripple = True
    studio.delete((1,))
    assert studio.timeline.starts == (0.0, 2.0)


def test_the_playhead_follows_the_clock_and_begins_again() -> None:
    studio, _, clock = studio_of(1, 2)
    studio.scrub(3.0)
    studio.toggle_play()
    clock.now = 0.5
    studio.pass_time()
    assert studio.playhead == 3.5
    clock.now = 1.5
    studio.pass_time()
    assert studio.playhead == pytest.approx(0.5)
    assert studio.playing
    studio.toggle_play()
    clock.now = 9.0
    studio.pass_time()
    assert studio.playhead == pytest.approx(0.5)


def test_without_a_loop_it_ends_and_starts_over() -> None:
    studio, _, clock = studio_of(1, 2)
    studio.edit(type(studio.timeline)(keys=studio.timeline.keys, loop=False))
    studio.toggle_play()
    clock.now = 5.0
    studio.pass_time()
    assert (studio.playhead, studio.playing) == (2.0, False)
    studio.toggle_play()
    assert (studio.playhead, studio.playing) == (0.0, True)


def test_the_document_keeps_the_timeline_and_older_documents_have_none() -> None:
    studio, session, _ = studio_of(1, 2, 3)
    studio.choose((1,))
    studio.set_hold(0.5)
    values = json.loads(json.dumps(session.document.to_dict()))
    assert Document.from_dict(values) == session.document
    del values["timeline"]
    assert Document.from_dict(values).timeline.keys == ()


hands = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.integers(0, 5), st.floats(-3, 20)),
        st.tuples(st.just("delete"), st.integers(0, 5), st.just(0.0)),
        st.tuples(st.just("add"), st.integers(0, 5), st.floats(0, 20)),
        st.tuples(st.just("duplicate"), st.integers(0, 5), st.just(0.0)),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(hands, st.booleans())
def test_whatever_is_done_can_be_undone_step_by_step(done: list[tuple[str, int, float]], ripple: bool) -> None:
    studio, session, _ = studio_of(1, 2, 3, 4)
    studio.ripple = ripple
    begin = studio.timeline
    for what, index, seconds in done:
        index = min(index, len(studio.timeline.keys) - 1)
        studio.choose((index,) if index >= 0 else ())
        if what == "add":
            studio.add([look(max(index, 0))], seconds)
        elif what == "move" and index >= 0:
            studio.move(index, seconds, "drop")
        elif what == "delete":
            studio.delete()
        elif what == "duplicate":
            studio.duplicate()
        assert list(studio.timeline.starts) == sorted(studio.timeline.starts)
    while studio.timeline != begin and session.undo():
        pass
    assert studio.timeline == begin


def test_the_playhead_goes_where_the_sound_is() -> None:
    studio, _, clock = studio_of(1, 2)
    studio.hear(1.0)
    assert studio.playhead == 0.0  # it does not play
    studio.toggle_play()
    jumps = studio.jumps
    for step in range(1, 40):
        clock.now = step * 0.1
        studio.pass_time()
        studio.hear(clock.now * 0.99)  # a device whose second is a little longer
    assert studio.playhead == pytest.approx(clock.now * 0.99, abs=0.03)
    assert studio.jumps == jumps
    studio.hear(1.0)
    assert studio.playhead == 1.0
    clock.now += 3.5
    studio.pass_time()
    assert studio.playhead == pytest.approx(0.5)
    assert studio.jumps == jumps + 1  # the loop: the sound begins again, too
    studio.scrub(2.0)
    assert studio.jumps == jumps + 2

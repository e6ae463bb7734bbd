import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.errors import ConfigError
from engine.inference.requests import Look, SeedLatent
from engine.video import edits
from engine.video.easing import EASINGS
from engine.video.timeline import Key, Timeline
from tests.engine.video.strategies import keys, quick, seconds, timelines

NEW = Look(latent=SeedLatent(seed=77))
filled = timelines(min_keys=1)


@st.composite
def with_indices(draw):
    timeline = draw(filled)
    return timeline, draw(st.sets(st.integers(0, len(timeline.keys) - 1)))


@quick
@given(timeline=timelines(), key=keys, data=st.data())
def test_insert_and_delete_are_each_others_inverse(timeline, key, data):
    index = data.draw(st.integers(0, len(timeline.keys)))
    longer = edits.insert(timeline, index, key)
    assert longer.keys[index] == key
    assert edits.delete(longer, [index]) == timeline


@quick
@given(timeline=filled, at=seconds)
def test_inserting_at_a_time_moves_no_other_key(timeline, at):
    longer = edits.insert_at(timeline, at, NEW)
    index = next(i for i, key in enumerate(longer.keys) if key.look == NEW)
    others = longer.starts[:index] + longer.starts[index + 1 :]
    assert others == pytest.approx(timeline.starts)
    if timeline.loop and len(timeline.keys) > 1:
        assert longer.duration == pytest.approx(timeline.duration)
    free = all(not start <= at < end for start, end in zip(timeline.starts, timeline.ends, strict=True))
    if free and at <= timeline.duration:
        assert longer.starts[index] == pytest.approx(at)


@quick
@given(case=with_indices())
def test_duplicates_stand_behind_their_originals(case):
    timeline, chosen = case
    doubled = edits.duplicate(timeline, chosen)
    assert len(doubled.keys) == len(timeline.keys) + len(chosen)
    assert edits.delete(doubled, [i + n + 1 for n, i in enumerate(sorted(chosen))]) == timeline


@quick
@given(case=with_indices())
def test_deleting_without_ripple_keeps_the_times_of_the_others(case):
    timeline, chosen = case
    kept = [i for i in range(len(timeline.keys)) if i not in chosen]
    shorter = edits.delete(timeline, chosen, ripple=False)
    assert [key.look for key in shorter.keys] == [timeline.keys[i].look for i in kept]
    if kept:
        first = timeline.starts[kept[0]]
        assert shorter.starts == pytest.approx([timeline.starts[i] - first for i in kept])


@quick
@given(timeline=filled, to=seconds, ripple=st.booleans(), data=st.data())
def test_moving_a_key_keeps_the_order_and_what_is_not_concerned(timeline, to, ripple, data):
    index = data.draw(st.integers(0, len(timeline.keys) - 1))
    moved = edits.move(timeline, index, to, ripple=ripple)
    assert [(key.look, key.hold) for key in moved.keys] == [(key.look, key.hold) for key in timeline.keys]
    assert moved.starts[:index] == timeline.starts[:index]
    by = moved.starts[index] - timeline.starts[index]
    later = [start + (by if ripple else 0) for start in timeline.starts[index + 1 :]]
    assert moved.starts[index + 1 :] == pytest.approx(later)
    assert list(moved.starts) == sorted(moved.starts)
    if index > 0:
        low = timeline.ends[index - 1]
        bounded = not ripple and index < timeline.transitions
        high = timeline.starts[index] + timeline.keys[index].transition if bounded else float("inf")
        assert moved.starts[index] == pytest.approx(min(max(to, low), high))


@quick
@given(timeline=filled, data=st.data())
def test_moving_there_and_back_changes_nothing(timeline, data):
    index = data.draw(st.integers(0, len(timeline.keys) - 1))
    to = data.draw(seconds)
    back = edits.move(edits.move(timeline, index, to), index, timeline.starts[index])
    assert back == timeline  # eighths of a second add up exactly


@quick
@given(case=with_indices(), data=st.data())
def test_reordering_keeps_every_key_and_both_orders(case, data):
    timeline, chosen = case
    to = data.draw(st.integers(0, len(timeline.keys)))
    numbered = list(range(len(timeline.keys)))
    tagged = [Key(look=Look(latent=SeedLatent(seed=n))) for n in numbered]
    result = edits.reorder(Timeline(keys=tuple(tagged)), chosen, to)
    order = [key.look.latent.seed for key in result.keys]
    assert sorted(order) == numbered
    assert [n for n in order if n in chosen] == sorted(chosen)
    assert [n for n in order if n not in chosen] == [n for n in numbered if n not in chosen]
    if chosen:
        place = order.index(min(chosen))
        assert order[place : place + len(chosen)] == sorted(chosen)
        assert place == sum(1 for n in numbered[:to] if n not in chosen)


@quick
@given(case=with_indices(), value=seconds)
def test_settings_change_the_chosen_keys_only(case, value):
    timeline, chosen = case
    for edit, name, new in (
        (edits.with_hold, "hold", value),
        (edits.with_transition, "transition", value),
        (edits.with_easing, "easing", EASINGS["smooth"]),
    ):
        changed = edit(timeline, chosen, new)
        for i, (before, after) in enumerate(zip(timeline.keys, changed.keys, strict=True)):
            assert getattr(after, name) == (new if i in chosen else getattr(before, name))
            assert after.look == before.look
            assert after == before or i in chosen


@quick
@given(timeline=filled, length=st.floats(0.5, 60))
def test_stretching_keeps_proportions(timeline, length):
    assume(timeline.duration > 0)
    longer = edits.stretched(timeline, length)
    assert longer.duration == pytest.approx(length)
    factor = length / timeline.duration
    assert longer.starts == pytest.approx([start * factor for start in timeline.starts])


@quick
@given(timeline=filled, beats=st.lists(st.floats(0, 40), max_size=30))
def test_snapping_puts_keys_on_beats_and_keeps_their_order(timeline, beats):
    snapped = edits.snapped(timeline, beats)
    assert list(snapped.starts) == sorted(snapped.starts)
    assert [key.look for key in snapped.keys] == [key.look for key in timeline.keys]
    for before, after in zip(timeline.starts, snapped.starts, strict=True):
        assert after == pytest.approx(before) or min(abs(after - beat) for beat in beats) < 1e-6
    if timeline.transitions == len(timeline.keys):
        assert snapped.duration == pytest.approx(timeline.duration)


def test_a_key_snaps_to_the_nearest_beat():
    timeline = Timeline(keys=(Key(look=NEW, transition=2.0),) * 3)
    assert edits.snapped(timeline, [0.4, 1.7, 2.4, 4.9]).starts == pytest.approx((0, 1.7, 4.9))
    assert edits.snapped(timeline, [1.7, 4.9], [2]).starts == pytest.approx((0, 2, 4.9))


@pytest.mark.parametrize(
    "edit",
    [
        lambda t: edits.delete(t, [3]),
        lambda t: edits.delete(t, [-1]),
        lambda t: edits.duplicate(t, [9]),
        lambda t: edits.insert(t, 5, Key(look=NEW)),
        lambda t: edits.move(t, 4, 1.0),
        lambda t: edits.reorder(t, [0], 7),
        lambda t: edits.with_look(t, 3, NEW),
        lambda t: edits.with_hold(t, [0], -1.0),
        lambda t: edits.stretched(Timeline(), 2.0),
    ],
)
def test_what_cannot_be_done_is_a_sentence(edit):
    timeline = Timeline(keys=(Key(look=NEW),) * 3)
    with pytest.raises(ConfigError):
        edit(timeline)

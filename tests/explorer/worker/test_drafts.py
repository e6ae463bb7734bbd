"""The sizes of drafts: fast enough by what was measured, and as large as that allows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.worker.drafts import GRID_SECONDS, PICTURE_SECONDS, SMALLEST_SHARE, DraftSizes

SIDES = (4, 8, 16, 32, 64, 128, 256)


def follow(cost: dict[int, float], count: int, pictures: int = 60) -> list[int]:
    """The sides that are chosen one after another by a machine where they cost so much."""
    sizes = DraftSizes(SIDES)
    sizes.learn(256, cost[256], count)
    chosen = []
    for _ in range(pictures):
        chosen.append(sizes.choose(count))
        sizes.learn(chosen[-1], cost[chosen[-1]], count)
    return chosen


def test_a_fast_machine_sees_no_drafts() -> None:
    assert set(follow(dict.fromkeys(SIDES, 0.005), count=9)) == {256}


def test_a_slow_one_gets_the_largest_that_follows_the_hand() -> None:
    cost = {256: 0.2, 128: 0.1, 64: 0.025, 32: 0.012, 16: 0.01, 8: 0.01, 4: 0.01}
    assert follow(cost, count=1)[-1] == 64
    assert follow(cost, count=9)[-1] == 32


def test_nothing_is_smaller_than_an_eighth_however_slow() -> None:
    assert set(follow(dict.fromkeys(SIDES, 9.0), count=64)[3:]) == {256 // SMALLEST_SHARE}


def test_what_became_cheap_is_tried_again() -> None:
    sizes = DraftSizes(SIDES)
    sizes.learn(256, 0.3, 9)
    assert sizes.choose(9) < 256
    for _ in range(200):  # a drag of the last layers alone, whose first ones are kept
        sizes.learn(sizes.choose(9), 0.002, 9)
    assert sizes.choose(9) == 256


@given(
    st.lists(st.tuples(st.sampled_from(SIDES[3:]), st.floats(1e-4, 10), st.integers(1, 64)), max_size=40),
    st.integers(1, 64),
)
def test_the_choice_is_one_of_the_sides_and_never_expected_late_while_another_is_in_time(learned, count) -> None:
    sizes = DraftSizes(SIDES)
    for side, seconds, of in learned:
        sizes.learn(side, seconds, of)
    chosen = sizes.choose(count)
    allowed = min(PICTURE_SECONDS, GRID_SECONDS / count)
    assert chosen in SIDES[3:]
    in_time = [side for side in SIDES[3:] if sizes.expected(side) <= allowed]
    assert chosen == (in_time[-1] if in_time else SIDES[3])


def test_a_model_that_cannot_stop_early_has_one_size() -> None:
    sizes = DraftSizes((64,))
    sizes.learn(64, 5.0, 9)
    assert sizes.choose(9) == 64


@pytest.mark.parametrize("count", [0, 1])
def test_a_count_of_none_is_no_error(count: int) -> None:
    assert DraftSizes(SIDES).choose(count) == 256

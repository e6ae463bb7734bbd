import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ConfigError
from engine.video.easing import EASINGS, LINEAR, Easing, easing_from
from tests.engine.video.strategies import easings, quick, shares


@quick
@given(easing=easings, times=st.lists(shares, min_size=2, max_size=20).map(sorted))
def test_every_easing_runs_from_0_to_1_and_never_back(easing, times):
    assert (easing.at(0), easing.at(1)) == (0, 1)
    ways = [easing.at(time) for time in times]
    assert all(0 <= way <= 1 for way in ways)
    assert all(after >= before - 1e-12 for before, after in itertools.pairwise(ways))


@quick
@given(time=shares)
def test_named_easings_are_what_their_names_say(time):
    assert LINEAR.at(time) == time
    assert EASINGS["smooth"].at(time) == pytest.approx(3 * time**2 - 2 * time**3, abs=1e-12)
    assert EASINGS["ease-in"].at(time) == pytest.approx(1 - EASINGS["ease-out"].at(1 - time), abs=1e-9)


@quick
@given(easing=easings, s=shares)
def test_a_curve_goes_through_the_points_of_its_bezier_form(easing, s):
    def coordinate(first, second):
        return 3 * first * s * (1 - s) ** 2 + 3 * second * s**2 * (1 - s) + s**3

    x, y = coordinate(easing.x1, easing.x2), coordinate(easing.y1, easing.y2)
    around = [easing.at(min(1, max(0, x + step))) for step in (-1e-9, 1e-9)]
    assert around[0] - 1e-6 <= y <= around[1] + 1e-6 or easing.x1 in (0, 1) or easing.x2 in (0, 1)


@quick
@given(easing=easings)
def test_easings_come_back_from_what_files_hold(easing):
    assert easing_from(easing.name or list(easing.handles)) == easing


@pytest.mark.parametrize("value", ["fast", [0, 0, 1], [0, 0, 1, 1.5], [0, 0, 1, math.nan], []])
def test_what_is_no_easing_is_a_sentence(value):
    with pytest.raises(ConfigError, match="easing"):
        easing_from(value)


def test_handles_outside_the_square_are_refused():
    with pytest.raises(ConfigError, match="between 0 and 1"):
        Easing(x1=-0.1)

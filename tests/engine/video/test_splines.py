import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline, PchipInterpolator

from engine.video.splines import hermite, monotone_tangents, spline_tangents
from tests.engine.video.strategies import quick


def keys_and_gaps(count, closed, seed):
    rng = np.random.default_rng(seed)
    keys = rng.standard_normal((count, 3, 2)).astype(np.float32)
    gaps = rng.uniform(0.2, 3, count if closed else count - 1).tolist()
    return keys, gaps


@quick
@given(count=st.integers(2, 9), seed=st.integers(0, 99))
def test_the_natural_spline_is_scipys(count, seed):
    keys, gaps = keys_and_gaps(count, closed=False, seed=seed)
    knots = np.cumsum([0, *gaps])
    expected = CubicSpline(knots, keys, bc_type="natural").derivative()(knots)
    tangents = spline_tangents(torch.from_numpy(keys), gaps, closed=False)
    assert tangents.numpy() == pytest.approx(expected, abs=1e-4)


@quick
@given(count=st.integers(3, 9), seed=st.integers(0, 99))
def test_the_closed_spline_is_scipys(count, seed):
    keys, gaps = keys_and_gaps(count, closed=True, seed=seed)
    knots = np.cumsum([0, *gaps])
    spline = CubicSpline(knots, np.concatenate([keys, keys[:1]]), bc_type="periodic")
    tangents = spline_tangents(torch.from_numpy(keys), gaps, closed=True)
    assert tangents.numpy() == pytest.approx(spline.derivative()(knots[:-1]), abs=1e-3)
    middle = hermite(*(torch.from_numpy(keys[i]) for i in (0, 1)), (tangents[0], tangents[1]), gaps[0], 0.3)
    assert middle.numpy() == pytest.approx(spline(0.3 * gaps[0]), abs=1e-3)


@quick
@given(count=st.integers(3, 9), seed=st.integers(0, 99))
def test_the_monotone_cubic_is_scipys_inside(count, seed):
    keys, gaps = keys_and_gaps(count, closed=False, seed=seed)
    knots = np.cumsum([0, *gaps])
    expected = PchipInterpolator(knots, keys).derivative()(knots)
    tangents = monotone_tangents(torch.from_numpy(keys), gaps, closed=False)
    assert tangents.numpy()[1:-1] == pytest.approx(expected[1:-1], abs=1e-3)


@quick
@given(count=st.integers(2, 7), seed=st.integers(0, 99), closed=st.booleans(), t=st.floats(0, 1))
def test_the_monotone_cubic_never_leaves_the_range_of_two_keys(count, seed, closed, t):
    keys, gaps = keys_and_gaps(count, closed, seed)
    points = torch.from_numpy(keys)
    tangents = monotone_tangents(points, gaps, closed=closed)
    for i, gap in enumerate(gaps):
        j = (i + 1) % count
        point = hermite(points[i], points[j], (tangents[i], tangents[j]), gap, t)
        low, high = torch.minimum(points[i], points[j]), torch.maximum(points[i], points[j])
        assert bool(((point >= low - 1e-5) & (point <= high + 1e-5)).all())


def test_ends_are_exact():
    start, end = torch.rand(4), torch.rand(4)
    assert torch.equal(hermite(start, end, (start, end), 1.0, 0), start)
    assert torch.equal(hermite(start, end, (start, end), 1.0, 1), end)

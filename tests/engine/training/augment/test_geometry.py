"""Geometry: whole pixels exactly, the rest against a slow reference and against pictures known everywhere."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.training.augment.config import AugmentConfig, operations_of
from engine.training.augment.geometry import Placement, draw_placement, place
from engine.training.augment.wavelets import SYM6
from tests.engine.training.augment.recorded import RecordedDraws, binomial_bound


def moved(image, matrix, *, blit=False):
    """One picture [W, W], numpy, through `place`."""
    truth, images = torch.tensor([True]), torch.from_numpy(image)[None, None]
    placement = Placement(matrices=torch.from_numpy(matrix)[None], blitted=truth & blit, resampled=truth & (not blit))
    return place(images, placement)[0, 0].numpy()


def affine(angle=0.0, scale=(1.0, 1.0), shift=(0.0, 0.0)):
    """Scale, then turn, then shift."""
    cos, sin = math.cos(angle), math.sin(angle)
    return (
        np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1.0]])
        @ np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1.0]])
        @ np.diag([*scale, 1.0])
    )


def slow_reference(image, matrix):
    """Pad with the picture's mirror images, up-sample, look up each sample bilinearly, down-sample, crop."""
    size, taps = len(image), np.array(SYM6)
    margin = 6 * size
    padded = np.pad(image, margin, mode="reflect")
    fine = np.zeros((2 * len(padded), 2 * len(padded)))
    fine[::2, ::2] = 4 * padded
    for axis in (0, 1):
        fine = np.apply_along_axis(np.convolve, axis, fine, taps / math.sqrt(2))
    delay = float(taps @ np.arange(12) / taps.sum())  # sample n of the padded picture is at 2 n + delay
    inverse = np.linalg.inv(matrix)
    count = 2 * size + 10
    looked_up = np.zeros((count, count))
    for row in range(count):
        for column in range(count):
            x, y = ((place - delay) / 2 - (size - 1) / 2 for place in (column, row))
            x, y, _ = inverse @ (x, y, 1)
            fx, fy = (2 * (place + (size - 1) / 2 + margin) + delay for place in (x, y))
            ix, iy = math.floor(fx), math.floor(fy)
            ax, ay = fx - ix, fy - iy
            upper = (1 - ax) * fine[iy, ix] + ax * fine[iy, ix + 1]
            lower = (1 - ax) * fine[iy + 1, ix] + ax * fine[iy + 1, ix + 1]
            looked_up[row, column] = (1 - ay) * upper + ay * lower
    result = np.zeros((size, size))
    for row in range(size):
        for column in range(size):
            window = looked_up[2 * row : 2 * row + 12, 2 * column : 2 * column + 12]
            result[row, column] = taps @ window @ taps / 2
    return result


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("shift", [(0, 0), (2, -1), (-3, 3), (0, 17)])
def test_whole_pixels_move_exactly(turns, flip, shift):
    image = np.random.RandomState(0).randn(8, 8).astype(np.float32)
    expected = np.rot90(image[:, ::-1] if flip else image, -turns)  # clockwise
    pad = 20
    padded = np.pad(expected, pad, mode="reflect")
    expected = padded[pad - shift[1] : pad - shift[1] + 8, pad - shift[0] : pad - shift[0] + 8]
    matrix = affine(turns * math.pi / 2, shift=shift) @ np.diag([-1.0 if flip else 1.0, 1, 1])
    np.testing.assert_array_equal(moved(image, matrix, blit=True), expected)


@pytest.mark.parametrize(
    "matrix",
    [
        affine(),
        affine(shift=(2.0, -1.0)),
        affine(0.7),
        affine(2.0, (0.6, 1.3), (2.4, -3.7)),
        affine(-0.4, (0.3, 0.3), (5.0, 0.5)),  # shows the mirror's mirror
        affine(3.0, (-1.8, 0.9), (-1.5, 1.25)),
    ],
)
def test_resampling_against_the_slow_reference(matrix):
    image = np.random.RandomState(0).randn(16, 16)
    np.testing.assert_allclose(moved(image, matrix), slow_reference(image, matrix), atol=1e-9)
    np.testing.assert_allclose(moved(image.astype(np.float32), matrix), slow_reference(image, matrix), atol=2e-4)


@settings(max_examples=25, deadline=None)
@given(
    angle=st.floats(-math.pi, math.pi),
    octaves=st.tuples(st.floats(-0.6, 0.6), st.floats(-0.6, 0.6)),
    shift=st.tuples(st.floats(-20, 20), st.floats(-20, 20)),
    waves=st.tuples(st.integers(0, 6), st.integers(0, 6)),
)
def test_a_picture_that_is_known_everywhere(angle, octaves, shift, waves):
    """cos(pi k x / (W - 1)) is its own mirror image at both edges, so the result has a formula at every pixel."""
    size = 64
    scale = tuple(2.0**octave for octave in octaves)
    matrix = affine(angle, scale, shift)

    def picture(x, y):
        x, y = x + (size - 1) / 2, y + (size - 1) / 2
        return np.cos(math.pi * waves[0] * x / (size - 1)) * np.cos(math.pi * waves[1] * y / (size - 1))

    axis = np.arange(size) - (size - 1) / 2
    y, x = np.meshgrid(axis, axis, indexing="ij")
    old = np.linalg.inv(matrix) @ np.stack([x.ravel(), y.ravel(), np.ones(size * size)])
    got = moved(picture(x, y), matrix)
    np.testing.assert_allclose(got, picture(old[0], old[1]).reshape(size, size), atol=0.03)


def test_what_is_resampled_by_the_identity_stays():
    image = np.random.RandomState(0).randn(32, 32)
    np.testing.assert_allclose(moved(image, affine()), image, atol=1e-9)


def test_shrinking_does_not_alias():
    """A wave of 0.41 a pixel, shrunk by half, has 0.82 a pixel: it cannot be shown and must not come back as 0.18."""

    def shrunk(waves):
        wave = np.cos(math.pi * waves * np.arange(64) / 63)  # goes on smoothly beyond the edges
        return np.abs(moved(np.tile(wave, (64, 1)), affine(scale=(0.5, 0.5)))).max()

    assert shrunk(52) < 0.02  # a look-up in the picture itself would leave 1
    assert shrunk(12) > 0.95


def test_operations_in_the_papers_order_with_the_papers_spread():
    """Rebuilds each matrix from the numbers that were drawn, with the order written out once more."""
    count, size = 64, 32
    draws = RecordedDraws(count)
    got = draw_placement(AugmentConfig.named("bg"), draws, size).matrices.numpy()
    flip, turns, whole, scale, before, stretch, after, shift = draws.log
    assert not draws.log[8:]
    for index in range(count):
        expected = np.diag([1 - 2 * flip[index], 1.0, 1.0])
        expected = affine(turns[index] * math.pi / 2) @ expected
        expected = affine(shift=np.round(whole[index] * size)) @ expected
        expected = affine(scale=[2 ** scale[index]] * 2) @ expected
        expected = affine(before[index]) @ expected
        expected = affine(scale=(2 ** stretch[index], 2 ** -stretch[index])) @ expected
        expected = affine(after[index]) @ expected
        expected = affine(shift=shift[index] * size) @ expected
        np.testing.assert_allclose(got[index], expected, atol=1e-12)


def test_parameters_are_spread_as_in_the_paper():
    draws = RecordedDraws(20000)
    draw_placement(AugmentConfig.named("bg"), draws, 64)
    flip, turns, whole, scale, before, stretch, after, shift = draws.log
    assert abs(flip.mean() - 0.5) < binomial_bound(0.5, 20000)
    for turn in range(4):
        assert abs((turns == turn).mean() - 0.25) < binomial_bound(0.25, 20000)
    assert np.abs(whole).max() <= 0.125
    assert abs(whole.std() - 0.125 / math.sqrt(3)) < 0.001
    for numbers, std in ((scale, 0.2), (stretch, 0.2), (shift, 0.125)):
        assert abs(numbers.mean()) < 5 * std / math.sqrt(numbers.size)
        assert abs(numbers.std() / std - 1) < 5 / math.sqrt(2 * numbers.size)
    for angle in (before, after):
        assert np.abs(angle).max() <= math.pi
        assert abs(angle.std() - math.pi / math.sqrt(3)) < 0.04


@pytest.mark.parametrize("p", [0.1, 0.5, 1.0])
def test_each_operation_happens_with_probability_p(p):
    count = 20000
    draws = RecordedDraws(count, p)
    placement = draw_placement(AugmentConfig.named("bg"), draws, 64)
    assert len(draws.coins) == 8
    coins = [coin.numpy() for _, coin in draws.coins]
    flip, turns, whole, scale, before, stretch, after, shift = coins
    for coin in (flip, turns, whole, scale, stretch, shift, before | after):
        assert abs(coin.mean() - p) < binomial_bound(p, count)
    both = (flip & scale).mean()
    assert abs(both - p * p) < binomial_bound(p * p, count)  # independently
    geom = scale | before | stretch | after | shift
    np.testing.assert_array_equal(placement.resampled.numpy(), geom)
    np.testing.assert_array_equal(placement.blitted.numpy(), (flip | turns | whole) & ~geom)


def test_an_operation_alone_leaves_out_the_others():
    for name in operations_of("bg"):
        draws = RecordedDraws(8)
        draw_placement(AugmentConfig(operations=(name,)), draws, 64)
        assert len(draws.coins) == (2 if name == "rotate" else 1)

"""Colours against arithmetic on one pixel at a time."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.training.augment.color import brightness, colour, contrast, draw_colours, hue, lumaflip, saturation
from engine.training.augment.config import AugmentConfig, operations_of
from tests.engine.training.augment.recorded import RecordedDraws, binomial_bound

PIXEL = st.tuples(*[st.floats(-1, 1)] * 3)
EVERY = torch.tensor([True])


def one(matrix, pixel):
    """What becomes of a pixel."""
    images = torch.tensor(pixel, dtype=torch.float64).reshape(1, 3, 1, 1)
    return colour(images, matrix[:, :3], EVERY).flatten().tolist()


def number(value):
    return torch.tensor([value], dtype=torch.float64)


@settings(max_examples=50, deadline=None)
@given(pixel=PIXEL, value=st.floats(-2, 2), factor=st.floats(0.1, 4))
def test_each_operation_on_a_pixel(pixel, value, factor):
    luma = sum(pixel) / 3
    assert one(brightness(number(value)), pixel) == pytest.approx([v + value for v in pixel])
    assert one(contrast(number(factor)), pixel) == pytest.approx([v * factor for v in pixel])
    assert one(lumaflip(number(0.0)), pixel) == pytest.approx(pixel)
    # The luma changes its sign, what remains of the colour stays.
    assert one(lumaflip(number(1.0)), pixel) == pytest.approx([v - luma - luma for v in pixel])
    assert one(saturation(number(factor)), pixel) == pytest.approx([luma + (v - luma) * factor for v in pixel])


def test_hue_turns_the_primary_colours_into_each_other():
    turn = hue(number(2 * math.pi / 3))
    assert one(turn, (1.0, 0.0, 0.0)) == pytest.approx([0, 1, 0], abs=1e-12)
    assert one(turn, (0.0, 1.0, 0.0)) == pytest.approx([0, 0, 1], abs=1e-12)
    assert one(turn, (0.0, 0.0, 1.0)) == pytest.approx([1, 0, 0], abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(pixel=PIXEL, first=st.floats(-math.pi, math.pi), second=st.floats(-math.pi, math.pi))
def test_hue_is_a_rotation_about_grey(pixel, first, second):
    turned = one(hue(number(first)), pixel)
    assert sum(turned) == pytest.approx(sum(pixel), abs=1e-9)
    assert math.hypot(*turned) == pytest.approx(math.hypot(*pixel), abs=1e-9)
    assert one(hue(number(first)), (0.4, 0.4, 0.4)) == pytest.approx([0.4] * 3)
    assert one(hue(number(second)), turned) == pytest.approx(one(hue(number(first + second)), pixel), abs=1e-9)


def test_operations_in_the_papers_order_with_the_papers_spread():
    """Pixel by pixel, from the numbers that were drawn, with the order written out once more."""
    count = 64
    draws = RecordedDraws(count)
    matrices, changed = draw_colours(AugmentConfig.named("color"), draws)
    assert changed.all()
    offset, power, flip, angle, saturate = draws.log
    images = torch.rand(count, 3, 2, 2, dtype=torch.float64) * 2 - 1
    got = colour(images, matrices, changed).numpy()
    axis = np.ones(3) / math.sqrt(3)
    for index in range(count):
        for row in range(2):
            for column in range(2):
                v = images[index, :, row, column].numpy()
                v = (v + offset[index]) * 2 ** power[index]
                v = v - 2 * v.mean() if flip[index] else v
                cos, sin = math.cos(angle[index]), math.sin(angle[index])
                v = v * cos + np.cross(axis, v) * sin + axis * (axis @ v) * (1 - cos)
                v = v.mean() + (v - v.mean()) * 2 ** saturate[index]
                np.testing.assert_allclose(got[index, :, row, column], v, atol=1e-9)


def test_parameters_are_spread_as_in_the_paper():
    draws = RecordedDraws(20000)
    draw_colours(AugmentConfig.named("color"), draws)
    offset, power, flip, angle, saturate = draws.log
    for numbers, std in ((offset, 0.2), (power, 0.5), (saturate, 1.0)):
        assert abs(numbers.mean()) < 5 * std / math.sqrt(numbers.size)
        assert abs(numbers.std() / std - 1) < 5 / math.sqrt(2 * numbers.size)
    assert abs(flip.mean() - 0.5) < binomial_bound(0.5, 20000)
    assert np.abs(angle).max() <= math.pi
    assert abs(angle.std() - math.pi / math.sqrt(3)) < 0.04


@pytest.mark.parametrize("p", [0.1, 0.6])
def test_each_operation_happens_with_probability_p(p):
    draws = RecordedDraws(20000, p)
    _, changed = draw_colours(AugmentConfig.named("color"), draws)
    assert len(draws.coins) == len(operations_of("color"))
    for _, coin in draws.coins:
        assert abs(coin.double().mean() - p) < binomial_bound(p, 20000)
    untouched = (1 - p) ** 5
    assert abs((~changed).double().mean() - untouched) < binomial_bound(untouched, 20000)


def test_grey_is_the_mean_of_what_happens_to_three_equal_channels():
    matrices, changed = draw_colours(AugmentConfig.named("color"), RecordedDraws(32))
    grey = torch.rand(32, 1, 4, 4, dtype=torch.float64)
    expected = colour(grey.expand(-1, 3, -1, -1), matrices, changed).mean(dim=1, keepdim=True)
    torch.testing.assert_close(colour(grey, matrices, changed), expected)


def test_alpha_stays():
    matrices, changed = draw_colours(AugmentConfig.named("color"), RecordedDraws(8))
    images = torch.rand(8, 4, 4, 4)
    got = colour(images, matrices, changed)
    assert torch.equal(got[:, 3], images[:, 3])
    torch.testing.assert_close(got[:, :3], colour(images[:, :3], matrices, changed))

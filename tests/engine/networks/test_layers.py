"""Layers against slow, obvious versions of themselves."""

import math

import pytest
import torch
import torch.nn.functional as F

from engine.errors import ConfigError
from engine.networks.layers import (
    FullyConnectedLayer,
    MinibatchStdLayer,
    modulated_conv2d,
    normalize_2nd_moment,
)
from engine.networks.ops.upfirdn2d import conv2d_up2, make_filter

FILTER = make_filter((1, 3, 3, 1)).double()


@pytest.mark.parametrize("up", [False, True])
@pytest.mark.parametrize("gain", [None, 1.0, 1.7])
def test_modulated_convolution_scales_the_weights_of_each_sample(up, gain):
    x = torch.randn(3, 4, 6, 6, dtype=torch.float64)
    weight = torch.randn(5, 4, 3, 3, dtype=torch.float64)
    styles = torch.randn(3, 4, dtype=torch.float64)
    expected = []
    for sample, style in zip(x, styles, strict=True):
        own = weight * style[None, :, None, None]  # equation 1
        if gain is not None:
            own = own / (own.square().sum(dim=(1, 2, 3), keepdim=True) + 1e-8).sqrt()  # equation 3
        out = conv2d_up2(sample[None], own, FILTER) if up else F.conv2d(sample[None], own, padding=1)
        expected.append(out * (1.0 if gain is None else gain))
    result = modulated_conv2d(x.float(), weight.float(), styles.float(), FILTER.float(), up=up, gain=gain)
    torch.testing.assert_close(result.double(), torch.cat(expected), atol=1e-5, rtol=1e-5)


def test_half_precision_survives_huge_styles():
    x, weight = torch.randn(2, 4, 6, 6), torch.randn(5, 4, 3, 3)
    styles = torch.randn(2, 4) * 1e30
    exact = modulated_conv2d(x, weight, styles / 1e30, FILTER.float(), gain=1.0)
    low = modulated_conv2d(x.bfloat16(), weight, styles, FILTER.float(), gain=1.0)
    assert (low.float() - exact).abs().max() < 0.05 * exact.abs().max()


def test_minibatch_deviation_by_hand():
    group, channels = 2, 2
    x = torch.randn(6, 4, 3, 3)
    out = MinibatchStdLayer(group, channels)(x)
    assert torch.equal(out[:, :4], x)
    for sample in range(6):
        partners = [other for other in range(6) if other % 3 == sample % 3]  # groups are strided
        for channel in range(channels):
            part = x[partners][:, channel * 2 : channel * 2 + 2]
            deviation = ((part - part.mean(0)).square().mean(0) + 1e-8).sqrt().mean()
            torch.testing.assert_close(out[sample, 4 + channel], deviation.expand(3, 3))


def test_second_moment_is_one():
    x = normalize_2nd_moment(torch.randn(5, 64) * 7)
    torch.testing.assert_close(x.square().mean(dim=1), torch.ones(5))


def test_learning_rate_multiplier_changes_the_speed_not_the_function():
    """The same draw of weights gives the same outputs whatever the multiplier is."""
    outputs = []
    for multiplier in (1.0, 0.01):
        torch.manual_seed(0)
        layer = FullyConnectedLayer(8, 5, activation="lrelu", lr_multiplier=multiplier)
        outputs.append(layer(torch.ones(1, 8)))
    torch.testing.assert_close(outputs[0], outputs[1])
    weight = torch.ones(1, 8) @ (layer.weight * 0.01 / math.sqrt(8)).t()
    torch.testing.assert_close(outputs[1], F.leaky_relu(weight, 0.2) * math.sqrt(2))


def test_an_unknown_activation_is_refused():
    with pytest.raises(ConfigError, match="swish"):
        FullyConnectedLayer(4, 4, activation="swish")

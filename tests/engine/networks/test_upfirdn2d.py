"""The fast resampling against the obvious one, its gradients, and what resampling must leave alone."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.networks.ops.upfirdn2d import (
    conv2d_down2,
    conv2d_up2,
    downsample2d,
    make_filter,
    upfirdn2d,
    upfirdn2d_reference,
    upsample2d,
)

ASYMMETRIC = make_filter(torch.tensor([[1.0, 2, 5, 1], [0, 3, 1, 2], [4, 1, 1, 0], [2, 0, 7, 1]])).double()


@settings(max_examples=80, deadline=None)
@given(
    rates=st.sampled_from([(1, 1), (2, 1), (1, 2)]),
    padding=st.tuples(st.integers(-1, 4), st.integers(-1, 4)),
    size=st.tuples(st.integers(6, 11), st.integers(6, 11)),
    channels_last=st.booleans(),
)
def test_equals_the_reference_with_every_gradient(rates, padding, size, channels_last):
    up, down = rates
    options = {"up": up, "down": down, "padding": padding, "gain": 2.5}
    x = torch.randn(2, 3, *size, dtype=torch.float64)
    x = x.contiguous(memory_format=torch.channels_last) if channels_last else x
    fast_in, slow_in = x.clone().requires_grad_(), x.clone().requires_grad_()
    fast, slow = (
        upfirdn2d(fast_in, ASYMMETRIC, **options),
        upfirdn2d_reference(slow_in, ASYMMETRIC, **options),
    )
    torch.testing.assert_close(fast, slow)
    grads = []
    for out, source in ((fast, fast_in), (slow, slow_in)):
        # cubed, so that the second derivative is not zero
        (first,) = torch.autograd.grad(out.pow(3).sum(), source, create_graph=True)
        (second,) = torch.autograd.grad(first.pow(2).sum(), source)
        grads.append((first, second))
    torch.testing.assert_close(grads[0], grads[1])


def test_convolves_as_scipy_style_convolution_does():
    """One axis against numpy.convolve, which flips its kernel."""
    signal, taps = np.random.RandomState(0).randn(9), np.array([1.0, 2.0, 5.0, 3.0])
    kernel = torch.from_numpy(taps)[None]
    x = torch.from_numpy(signal)[None, None, None]
    wide = upfirdn2d(F.pad(x, (3, 3)), kernel)
    np.testing.assert_allclose(wide[0, 0, 0].numpy(), np.convolve(signal, taps))


def test_a_flat_picture_stays_flat_away_from_the_border():
    kernel = make_filter((1, 3, 3, 1))
    flat = torch.full((1, 2, 8, 8), 0.7)
    torch.testing.assert_close(upsample2d(flat, kernel)[:, :, 2:-2, 2:-2], torch.full((1, 2, 12, 12), 0.7))
    torch.testing.assert_close(downsample2d(flat, kernel)[:, :, 1:-1, 1:-1], torch.full((1, 2, 2, 2), 0.7))


@pytest.mark.parametrize("size", [1, 3])
def test_up_convolution_is_zeros_then_filter_then_convolution(size):
    x, weight = torch.randn(2, 3, 5, 5, dtype=torch.float64), torch.randn(4, 3, size, size, dtype=torch.float64)
    bias = torch.randn(4, dtype=torch.float64)
    pad = size // 2
    filtered = upfirdn2d_reference(x, ASYMMETRIC, up=2, padding=(2 + pad, 1 + pad), gain=4.0)
    expected = F.conv2d(filtered, weight.flip((2, 3)), bias)  # flipped: a true convolution
    torch.testing.assert_close(conv2d_up2(x, weight, ASYMMETRIC, bias), expected)


@pytest.mark.parametrize("size", [1, 3])
def test_down_convolution_is_filter_then_convolution_then_every_second(size):
    x, weight = torch.randn(2, 3, 8, 8, dtype=torch.float64), torch.randn(4, 3, size, size, dtype=torch.float64)
    bias = torch.randn(4, dtype=torch.float64)
    pad = size // 2
    filtered = upfirdn2d_reference(x, ASYMMETRIC, padding=(1 + pad, 1 + pad))
    expected = F.conv2d(filtered, weight, bias)[:, :, ::2, ::2]
    torch.testing.assert_close(conv2d_down2(x, weight, ASYMMETRIC, bias), expected)

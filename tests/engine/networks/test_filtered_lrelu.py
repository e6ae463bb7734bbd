"""The filters against SciPy's, and the filtered non-linearity against its obvious form."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.signal
import scipy.special
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.networks.ops.filtered_lrelu import Activation, Resampling, filtered_lrelu, filtered_lrelu_reference
from engine.networks.ops.lowpass import LowPass, radial_lowpass, separable_lowpass

DESIGNS = st.builds(
    LowPass,
    taps=st.integers(2, 40),
    cutoff=st.floats(0.5, 12),
    half_width=st.floats(0.2, 12),
    rate=st.just(64.0),
)


@given(DESIGNS)
def test_the_separable_filter_is_scipys(wanted: LowPass) -> None:
    width = 2 * wanted.half_width
    expected = scipy.signal.firwin(wanted.taps, wanted.cutoff, width=width, fs=wanted.rate)
    assert np.allclose(separable_lowpass(wanted).numpy(), expected, atol=1e-6)


@given(DESIGNS)
def test_the_radial_filter_is_a_windowed_jinc(wanted: LowPass) -> None:
    """Its formula tap by tap, with SciPy's Bessel function and window."""
    places = (np.arange(wanted.taps) - (wanted.taps - 1) / 2) / wanted.rate
    attenuation = scipy.signal.kaiser_atten(wanted.taps, 2 * wanted.half_width / (wanted.rate / 2))
    window = np.kaiser(wanted.taps, scipy.signal.kaiser_beta(attenuation))
    expected = np.empty((wanted.taps, wanted.taps))
    for row, y in enumerate(places):
        for column, x in enumerate(places):
            r = math.hypot(x, y)
            jinc = scipy.special.j1(2 * math.pi * wanted.cutoff * r) / r if r else math.pi * wanted.cutoff
            expected[row, column] = jinc * window[row] * window[column]
    expected /= expected.sum()
    assert np.allclose(radial_lowpass(wanted).numpy(), expected, atol=1e-6)


@pytest.mark.parametrize("radial", [False, True])
def test_filters_pass_their_band_and_stop_what_is_beyond(radial: bool) -> None:
    wanted = LowPass(taps=48, cutoff=6, half_width=3, rate=64)
    square = radial_lowpass(wanted) if radial else torch.outer(separable_lowpass(wanted), separable_lowpass(wanted))
    response = torch.fft.fft2(square.double(), s=(256, 256)).abs()
    frequencies = torch.fft.fftfreq(256, 1 / wanted.rate)
    along = response[0]
    assert along[0] == pytest.approx(1, abs=1e-6)
    assert (along[frequencies.abs() < 2.5] - 1).abs().max() < 0.02
    assert along[frequencies.abs() > 10].max() < 0.01
    half = along[(frequencies - wanted.cutoff).abs().argmin()]
    assert half == pytest.approx(0.5, abs=0.08)


def test_the_radial_filter_is_the_same_in_every_direction() -> None:
    wanted = LowPass(taps=48, cutoff=6, half_width=3, rate=64)
    places = (torch.arange(48).double() - 23.5) / 64

    def response(kernel: torch.Tensor, angle: float) -> float:
        x, y = 6 * math.cos(angle), 6 * math.sin(angle)
        wave = torch.cos(2 * math.pi * (y * places[:, None] + x * places[None, :]))
        return float((kernel.double() * wave).sum())

    taps = separable_lowpass(wanted)
    radial = [response(radial_lowpass(wanted), angle) for angle in (0, 0.3, math.pi / 4)]
    separable = [response(taps.outer(taps), angle) for angle in (0, 0.3, math.pi / 4)]
    assert max(radial) - min(radial) < 0.02
    assert max(separable) - min(separable) > 0.2


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(st.integers(8, 20), st.integers(8, 20)),
    up=st.integers(1, 4),
    down=st.integers(1, 3),
    taps=st.tuples(st.integers(1, 12), st.integers(1, 7)),
    padding=st.tuples(st.integers(-3, 14), st.integers(-3, 14)),
    radial=st.booleans(),
    clamp=st.sampled_from([None, 0.8]),
    channels_last=st.booleans(),
)
def test_against_the_obvious_form(
    size: tuple[int, int],
    up: int,
    down: int,
    taps: tuple[int, int],
    padding: tuple[int, int],
    radial: bool,
    clamp: float | None,
    channels_last: bool,
) -> None:
    random = torch.Generator().manual_seed(3)

    def values(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=random, dtype=torch.float64)

    if min(size) * up + sum(padding) < sum(taps):
        padding = (12, 12)
    x, bias = values(2, 3, *size), values(3)
    resampling = Resampling(
        up=up,
        up_filter=values(max(taps[0], up)),
        down=down,
        down_filter=values(taps[1], taps[1]) if radial else values(taps[1]),
        padding=padding,
    )
    activation = Activation(gain=1.4, slope=0.2, clamp=clamp)
    expected = filtered_lrelu_reference(x, bias, resampling, activation)
    memory_format = torch.channels_last if channels_last else torch.contiguous_format
    actual = filtered_lrelu(x.contiguous(memory_format=memory_format), bias, resampling, activation)
    assert actual.shape == expected.shape
    assert torch.allclose(actual, expected, atol=1e-10)


def test_without_filters_only_the_bias_and_the_clamp_are_left() -> None:
    x = torch.linspace(-2, 2, 75).reshape(1, 3, 5, 5)
    nothing = Resampling(up=1, up_filter=None, down=1, down_filter=None, padding=(0, 0))
    y = filtered_lrelu(x, torch.tensor([1.0, 0.0, -1.0]), nothing, Activation(gain=1.0, slope=1.0, clamp=1.5))
    assert torch.equal(y, (x + torch.tensor([1.0, 0.0, -1.0])[None, :, None, None]).clamp(-1.5, 1.5))

"""The convolutions in strips against plain ones, in float32, at sizes that strips do not divide."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.inference.fast import rows
from engine.inference.fast.finish import Finish
from engine.inference.fast.folded import FoldedUpConvolution
from engine.inference.fast.modulation import Modulation
from engine.inference.fast.strips import StripConvolution, StripTransposedConvolution, StripUpConvolution
from engine.inference.fast.whole import WholeConvolution, WholeUpConvolution
from engine.networks.ops.upfirdn2d import upfirdn2d_reference

strip_bytes = st.sampled_from([1, 500, 1100, 4000, 2**30])


def numbers(seed, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def channels_last(x):
    return x.contiguous(memory_format=torch.channels_last)


def finish_of(channels, clamp=None):
    return Finish(bias=numbers(1, channels), activation="lrelu", clamp=clamp)


def finished(y, finish, noise):
    y = F.leaky_relu(y + noise + finish.bias[:, None, None], 0.2)
    return y if finish.clamp is None else y.clamp(-finish.clamp, finish.clamp)


def plain_up(x, weight, kernel):
    """A transposed convolution and the filter, written as the paper has them, in the slowest way."""
    spread = F.conv_transpose2d(x, weight.transpose(0, 1), stride=2)
    return upfirdn2d_reference(spread, kernel, padding=(1, 1), gain=4.0)


@settings(max_examples=40, deadline=None)
@given(
    size=st.integers(1, 21),
    inputs=st.integers(1, 5),
    outputs=st.integers(1, 5),
    limit=strip_bytes,
    clamp=st.sampled_from([None, 0.7]),
    kind=st.sampled_from([FoldedUpConvolution, StripUpConvolution, StripTransposedConvolution, WholeUpConvolution]),
)
def test_up_sampling_is_a_transposed_convolution_and_the_filter(size, inputs, outputs, limit, clamp, kind):
    kernel = torch.rand(4, 4, generator=torch.Generator().manual_seed(size))  # asymmetric in both directions
    x, weight = channels_last(numbers(2, 1, inputs, size, size)), numbers(3, outputs, inputs, 3, 3)
    noise, finish = numbers(4, 1, 1, 2 * size, 2 * size), finish_of(outputs, clamp)
    convolve = kind(finish, kernel)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "STRIP_BYTES", limit)
        actual = convolve(x, Modulation(weights=convolve.prepare(weight)), noise)
    expected = finished(plain_up(x, weight, kernel), finish, noise)
    torch.testing.assert_close(actual, expected, atol=1e-4, rtol=1e-4)


@settings(max_examples=40, deadline=None)
@given(
    size=st.integers(1, 21),
    inputs=st.integers(1, 5),
    outputs=st.integers(1, 5),
    limit=strip_bytes,
    scaled=st.booleans(),
    kind=st.sampled_from([StripConvolution, WholeConvolution]),
)
def test_any_number_of_rows(size, inputs, outputs, limit, scaled, kind):
    x, weight = channels_last(numbers(2, 1, inputs, size, size)), numbers(3, outputs, inputs, 3, 3)
    noise, finish = numbers(4, 1, 1, size, size), finish_of(outputs)
    scale, styles = (numbers(5, outputs), numbers(6, inputs)) if scaled else (None, None)
    convolve = kind(finish)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "STRIP_BYTES", limit)
        actual = convolve(x, Modulation(weights=convolve.prepare(weight), styles=styles, scale=scale), noise)
    y = F.conv2d(x if styles is None else x * styles[:, None, None], weight, padding=1)
    expected = finished(y if scale is None else y * scale[:, None, None], finish, noise)
    torch.testing.assert_close(actual, expected, atol=1e-4, rtol=1e-4)


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 70), channels=st.integers(1, 9), limit=strip_bytes, least=st.integers(0, 5000))
def test_strips_are_all_rows_once_in_order_and_begin_at_even_ones(size, channels, limit, least):
    out = torch.empty(1, channels, size, size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "STRIP_BYTES", limit)
        strips = rows.row_strips(out, least)
    assert [row for top, bottom in strips for row in range(top, bottom)] == list(range(size))
    assert all(top % 2 == 0 for top, _ in strips)
    row_bytes = out.nbytes // size
    assert all((bottom - top) * row_bytes <= max(limit, 2 * least) + 2 * row_bytes for top, bottom in strips)
    assert len(strips) <= max(1, out.nbytes // max(least, 1))


@pytest.mark.parametrize(
    ("mebibytes", "weight", "strips"), [(64, 0.1, 16), (8, 0.1, 4), (2, 0.1, 2), (8, 3, 2), (4, 5, 1)]
)
def test_big_layers_are_divided_into_pieces_of_one_size(mebibytes, weight, strips):
    assert rows.strip_count(mebibytes * 2**20, int(weight * 2**20)) == strips


def test_weights_that_outweigh_the_output_are_laid_out_for_one_strip_only(monkeypatch):
    calls = []
    plain = F.conv2d
    monkeypatch.setattr(rows, "STRIP_BYTES", 1)
    monkeypatch.setattr(F, "conv2d", lambda *args, **options: calls.append(1) or plain(*args, **options))
    convolve = StripConvolution(finish_of(64))
    convolve(
        channels_last(numbers(2, 1, 64, 8, 8)), Modulation(weights=convolve.prepare(numbers(3, 64, 64, 3, 3))), None
    )
    assert len(calls) == 1

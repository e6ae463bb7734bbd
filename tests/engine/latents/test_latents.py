"""Seeds, truncation, mixing and blends: what they promise, on any input."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ConfigError
from engine.latents.interpolation import lerp, norm_preserving_blend, slerp
from engine.latents.mixing import mix_styles
from engine.latents.sampling import class_to_c, one_class, seed_to_z
from engine.latents.truncation import truncate


@pytest.mark.parametrize("seed", [0, 42, 2**32 - 1])
def test_a_seed_means_what_it_means_everywhere(seed):
    expected = np.random.RandomState(seed).randn(1, 48)
    z = seed_to_z(seed, 48)
    assert z.dtype == torch.float32
    np.testing.assert_array_equal(z.numpy(), expected.astype(np.float32))


def test_classes():
    assert class_to_c((), 0) is None
    assert class_to_c((), 3).tolist() == [[1.0, 0.0, 0.0]]
    assert class_to_c((0.25, 0.75), 2).tolist() == [[0.25, 0.75]]
    assert one_class(1, 3) == (0.0, 1.0, 0.0)
    with pytest.raises(ConfigError, match="unconditional"):
        class_to_c((1.0,), 0)
    with pytest.raises(ConfigError, match="classes 0 to 2"):
        one_class(3, 3)


psis = st.lists(st.floats(-1, 2), min_size=6, max_size=6)


@settings(max_examples=50, deadline=None)
@given(psis)
def test_truncation_layer_by_layer(psi):
    ws, w_avg = torch.randn(2, 6, 8), torch.randn(8)
    truncated = truncate(ws, w_avg, psi)
    for layer, value in enumerate(psi):
        torch.testing.assert_close(truncated[:, layer], w_avg + value * (ws[:, layer] - w_avg))


def test_psi_one_and_zero_are_exact():
    ws, w_avg = torch.randn(2, 6, 8) * 1e3, torch.randn(8)
    assert torch.equal(truncate(ws, w_avg, [1.0] * 6), ws)
    assert torch.equal(truncate(ws, w_avg, [0.0] * 6), w_avg.expand(2, 6, 8))


def test_mixing_at_the_ends_is_exact_and_missing_layers_stay():
    ws, other = torch.randn(6, 8), torch.randn(6, 8)
    mixed = mix_styles(ws, other, [1.0, 0.0, 0.25])
    assert torch.equal(mixed[0], other[0])
    assert torch.equal(mixed[[1, 3, 4, 5]], ws[[1, 3, 4, 5]])
    torch.testing.assert_close(mixed[2], 0.75 * ws[2] + 0.25 * other[2])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=4))
def test_a_blend_keeps_the_distance_from_w_avg(weights):
    weights = torch.tensor(weights, dtype=torch.float64)
    weights = weights / weights.sum()
    ws, w_avg = torch.randn(len(weights), 6, 64, dtype=torch.float64), torch.randn(64, dtype=torch.float64)
    blend = norm_preserving_blend(ws, weights, w_avg)
    expected = (weights[:, None] * (ws - w_avg).norm(dim=-1)).sum(0)
    torch.testing.assert_close((blend - w_avg).norm(dim=-1), expected)
    mean = (weights[:, None, None] * (ws - w_avg)).sum(0)
    cosine = torch.nn.functional.cosine_similarity(blend - w_avg, mean, dim=-1)
    torch.testing.assert_close(cosine, torch.ones_like(cosine))


def test_slerp_keeps_to_the_sphere_and_moves_evenly():
    a, b = (torch.nn.functional.normalize(torch.randn(16, dtype=torch.float64), dim=0) for _ in range(2))
    points = torch.stack([slerp(a, b, t) for t in np.linspace(0, 1, 11)])
    torch.testing.assert_close(points[0], a)
    torch.testing.assert_close(points[-1], b)
    torch.testing.assert_close(points.norm(dim=1), torch.ones(11, dtype=torch.float64))
    steps = (points[1:] - points[:-1]).norm(dim=1)
    torch.testing.assert_close(steps, steps[:1].expand(10))


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_slerp_of_parallel_and_opposite_vectors_is_a_number(sign):
    a = torch.randn(8)
    assert slerp(a, sign * a, 0.3).isfinite().all()
    torch.testing.assert_close(slerp(a, sign * a, 0.0), a)


def test_lerp_ends_are_exact():
    a, b = torch.randn(8) * 1e6, torch.randn(8)
    assert torch.equal(lerp(a, b, 0.0), a)
    assert torch.equal(lerp(a, b, 1.0), b)

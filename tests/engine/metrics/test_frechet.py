"""The Fréchet distance against closed forms, scipy's matrix root, and torchmetrics."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance

from engine.errors import ConfigError
from engine.metrics.frechet import frechet_distance


def normal(count: int, dim: int, seed: int) -> Tensor:
    return torch.randn(count, dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def exactly_gaussian(mean: list[float], deviation: list[float], seed: int) -> Tensor:
    """Samples [50, D] whose mean and (diagonal) covariance are exact."""
    raw = normal(50, len(mean), seed).numpy()
    raw -= raw.mean(axis=0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(np.cov(raw, rowvar=False))).T
    return torch.from_numpy(white * np.array(deviation) + np.array(mean))


def slow_frechet(x: Tensor, y: Tensor) -> float:
    a, b = x.double().numpy(), y.double().numpy()
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = np.real(scipy.linalg.sqrtm(cov_a @ cov_b))
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(cov_a + cov_b - 2 * root))


def test_gaussians_in_closed_form() -> None:
    x = exactly_gaussian([0.0, 1.0, -2.0], [1.0, 2.0, 0.5], seed=0)
    y = exactly_gaussian([3.0, 1.0, 2.0], [2.0, 2.0, 1.5], seed=1)
    # |m1 - m2|^2 + sum (s1 - s2)^2 for commuting covariances
    assert frechet_distance(x, y) == pytest.approx(9 + 16 + 1 + 0 + 1, rel=1e-9)


def test_rotated_gaussians_in_closed_form() -> None:
    """In the plane, the trace of the root is sqrt(tr(XY) + 2 sqrt(det(XY)))."""
    x, y = exactly_gaussian([0.0, 0.0], [1.0, 3.0], seed=2), exactly_gaussian([0.0, 0.0], [2.0, 1.0], seed=3)
    turn = math.radians(30)
    rotation = torch.tensor([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]], dtype=torch.float64)
    y = y @ rotation.T
    first = np.diag([1.0, 9.0])
    second = rotation.numpy() @ np.diag([4.0, 1.0]) @ rotation.numpy().T
    product = first @ second
    root_trace = math.sqrt(np.trace(product) + 2 * math.sqrt(np.linalg.det(product)))
    assert frechet_distance(x, y) == pytest.approx(10 + 5 - 2 * root_trace, rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(20, 40),
    m=st.integers(20, 40),
    dim=st.integers(2, 12),
    seed=st.integers(0, 1000),
    shift=st.floats(0, 5),
)
def test_equals_the_matrix_root(n: int, m: int, dim: int, seed: int, shift: float) -> None:
    x, y = normal(n, dim, seed), normal(m, dim, seed + 1) * 1.5 + shift
    assert frechet_distance(x, y) == pytest.approx(slow_frechet(x, y), rel=1e-6)


@pytest.mark.parametrize(("n", "m"), [(2, 2), (5, 30), (30, 5), (12, 11)])
def test_fewer_pictures_than_features(n: int, m: int) -> None:
    """The covariances are singular, so the root is taken of the symmetric product."""
    x, y = normal(n, 20, 9), normal(m, 20, 10) + 0.5
    cov_x, cov_y = (np.cov(part.numpy(), rowvar=False) for part in (x, y))
    values, vectors = np.linalg.eigh(cov_x)
    root_x = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    root_trace = np.sqrt(np.linalg.eigvalsh(root_x @ cov_y @ root_x).clip(0)).sum()
    mean_distance = float((x.mean(dim=0) - y.mean(dim=0)).square().sum())
    expected = mean_distance + np.trace(cov_x) + np.trace(cov_y) - 2 * root_trace
    assert frechet_distance(x, y) == pytest.approx(expected, rel=1e-5)


def test_equals_torchmetrics() -> None:
    class Features(nn.Module):
        num_features = 8

        def forward(self, x: Tensor) -> Tensor:
            return x.flatten(1).float()

    x, y = normal(60, 8, 4).float(), normal(70, 8, 5).float() + 0.5
    theirs = FrechetInceptionDistance(feature=Features())
    theirs.update(x[:, :, None, None], real=True)
    theirs.update(y[:, :, None, None], real=False)
    assert frechet_distance(x, y) == pytest.approx(float(theirs.compute()), rel=1e-4)


@pytest.mark.parametrize("shape", [(5, 30), (200, 30)])
def test_a_set_is_no_distance_from_itself(shape: tuple[int, int]) -> None:
    x = normal(*shape, 6)
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(x, x.flip(0)) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(x, x + 1) == pytest.approx(shape[1], rel=1e-9)


def test_is_symmetric() -> None:
    x, y = normal(20, 50, 7), normal(90, 50, 8) * 2
    assert frechet_distance(x, y) == pytest.approx(frechet_distance(y, x), rel=1e-12)


def test_one_picture_is_too_few() -> None:
    with pytest.raises(ConfigError, match="at least two pictures"):
        frechet_distance(normal(1, 4, 0), normal(5, 4, 0))

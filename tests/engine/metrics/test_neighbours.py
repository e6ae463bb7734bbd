"""Nearest neighbours, precision and recall on clouds made by hand, and against brute force."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.errors import ConfigError
from engine.metrics import neighbours
from engine.metrics.neighbours import nearest, nearest_ratio, precision_recall


def normal(count: int, dim: int, seed: int) -> Tensor:
    return torch.randn(count, dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def slow_coverage(centres: Tensor, points: Tensor, k: int) -> float:
    inside = 0
    radii = [
        sorted(float((a - b).norm()) for j, b in enumerate(centres) if j != i)[k - 1] for i, a in enumerate(centres)
    ]
    for point in points:
        inside += any(float((point - a).norm()) <= radius for a, radius in zip(centres, radii, strict=True))
    return inside / len(points)


@settings(max_examples=20, deadline=None)
@given(n=st.integers(4, 12), m=st.integers(4, 12), dim=st.integers(1, 4), seed=st.integers(0, 1000))
def test_precision_and_recall_equal_brute_force(n: int, m: int, dim: int, seed: int) -> None:
    real, fake = normal(n, dim, seed), normal(m, dim, seed + 1) * 1.5
    expected = slow_coverage(real, fake, 3), slow_coverage(fake, real, 3)
    assert precision_recall(real, fake) == pytest.approx(expected, abs=1e-12)


def line(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)[:, None]


def test_a_collapsed_generator_is_precise_and_recalls_little() -> None:
    real = line(0, 1, 2, 3, 10, 11, 12, 13)
    fake = line(1.0, 1.1, 1.2, 1.3)  # all in the first cluster
    # Radii of the fakes: 0.3, 0.2, 0.2, 0.3, so that only the real 1 lies in any of their spheres.
    assert precision_recall(real, fake) == (1.0, 1 / 8)


def test_a_wild_generator_recalls_much_and_is_imprecise() -> None:
    real = line(0, 1, 2, 3)
    fake = line(-40, 1, 2, 3, 60, 100)
    precision, recall = precision_recall(real, fake)
    assert precision == 3 / 6
    assert recall == 1.0


def test_equal_and_distant_sets() -> None:
    x = normal(30, 5, 0)
    assert precision_recall(x, x) == (1.0, 1.0)
    assert precision_recall(x, x + 1000) == (0.0, 0.0)
    assert precision_recall(x.float(), x.float().flip(0)) == (1.0, 1.0)


def test_nearest() -> None:
    found = nearest(line(0.4, 9.0), line(5, 0, 8))
    assert found.indices.tolist() == [1, 2]
    assert found.distances.tolist() == pytest.approx([0.4, 1.0])


def test_large_sets_are_compared_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    real, fake = normal(20, 3, 1), normal(25, 3, 2)
    whole = precision_recall(real, fake), nearest_ratio(real, fake), nearest(fake, real).indices.tolist()
    monkeypatch.setattr(neighbours, "ROWS", 4)
    assert (precision_recall(real, fake), nearest_ratio(real, fake), nearest(fake, real).indices.tolist()) == whole


def test_copies_have_a_ratio_near_nothing() -> None:
    real = normal(60, 8, 3)
    assert nearest_ratio(real, real[:20] + 1e-6) < 1e-4
    assert 0.8 < nearest_ratio(real, normal(60, 8, 4)) < 1.25


def test_doubles_in_the_data_are_told() -> None:
    with pytest.raises(ConfigError, match="exist twice"):
        nearest_ratio(normal(5, 2, 0).repeat(2, 1), normal(4, 2, 1))


def test_too_few_pictures() -> None:
    with pytest.raises(ConfigError, match="more than 3 pictures"):
        precision_recall(normal(3, 2, 0), normal(9, 2, 0))

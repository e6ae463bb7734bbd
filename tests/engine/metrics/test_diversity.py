"""Diversity, against the obvious loop and against what must be."""

import pytest
import torch

from engine.errors import ConfigError
from engine.metrics.diversity import diversity, mean_distance


def test_it_is_the_mean_over_all_pairs():
    x = torch.randn(7, 5, generator=torch.Generator().manual_seed(0))
    distances = [float((x[i] - x[j]).norm()) for i in range(7) for j in range(7) if i != j]
    assert mean_distance(x) == pytest.approx(sum(distances) / len(distances), rel=1e-6)


def test_like_real_is_one_and_all_the_same_is_nothing():
    random = torch.Generator().manual_seed(0)
    real, like_real = torch.randn(2, 200, 16, generator=random)
    assert diversity(real, like_real) == pytest.approx(1, abs=0.05)
    assert diversity(real, like_real * 0.3 + 5) == pytest.approx(0.3, abs=0.02)
    assert diversity(real, like_real[:1].expand(50, -1)) == 0
    two_modes = like_real[:2].repeat(25, 1)
    assert 0.3 < diversity(real, two_modes) < 0.7


def test_real_pictures_that_are_all_the_same_ask_for_nothing():
    assert diversity(torch.ones(4, 3), torch.ones(4, 3)) == 1


def test_one_is_too_few():
    with pytest.raises(ConfigError, match="at least two"):
        mean_distance(torch.ones(1, 3))

"""KID against a double loop, against torchmetrics, and against what its definition promises."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torchmetrics.image.kid import KernelInceptionDistance

from engine.errors import ConfigError
from engine.metrics.judge import KidJudge
from engine.metrics.kid import kid, polynomial_mmd


def normal(count: int, dim: int, seed: int) -> Tensor:
    return torch.randn(count, dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def slow_mmd(x: Tensor, y: Tensor) -> float:
    def kernel(a: Tensor, b: Tensor) -> float:
        return (float(a @ b) / len(a) + 1) ** 3

    n, m = len(x), len(y)
    within_x = sum(kernel(x[i], x[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    within_y = sum(kernel(y[i], y[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    return within_x + within_y - 2 * sum(kernel(a, b) for a in x for b in y) / (n * m)


@settings(max_examples=15, deadline=None)
@given(n=st.integers(2, 8), m=st.integers(2, 8), dim=st.integers(1, 6), seed=st.integers(0, 1000))
def test_equals_a_double_loop(n: int, m: int, dim: int, seed: int) -> None:
    x, y = normal(n, dim, seed), normal(m, dim, seed + 1) + 0.3
    assert polynomial_mmd(x, y) == pytest.approx(slow_mmd(x, y), rel=1e-9, abs=1e-9)


def test_large_sets_are_summed_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = normal(25, 4, 0), normal(17, 4, 1)
    whole = polynomial_mmd(x, y)
    monkeypatch.setattr("engine.metrics.kid.ROWS", 3)
    assert polynomial_mmd(x, y) == pytest.approx(whole, rel=1e-12)


@pytest.mark.filterwarnings("ignore:Metric `Kernel Inception Distance` will save:UserWarning")
def test_equals_torchmetrics() -> None:
    class Features(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.flatten(1)

    x, y = normal(40, 8, 2), normal(40, 8, 3) * 1.2
    theirs = KernelInceptionDistance(feature=Features(), subsets=1, subset_size=40)
    theirs.update(x[:, :, None, None], real=True)
    theirs.update(y[:, :, None, None], real=False)
    assert kid(x, y) == pytest.approx(float(theirs.compute()[0]), rel=1e-6)


def test_has_no_bias_with_few_samples() -> None:
    """Two sets from one distribution: the estimates scatter around 0, whatever their size."""
    estimates = torch.tensor([polynomial_mmd(normal(5, 3, 2 * i), normal(7, 3, 2 * i + 1)) for i in range(400)])
    standard_error = estimates.std() / len(estimates) ** 0.5
    assert estimates.std() > 0.1
    assert abs(estimates.mean()) < 3.5 * standard_error


def test_a_set_against_itself_is_below_its_distance_to_others() -> None:
    x = normal(50, 6, 4)
    assert kid(x, x) < 0 < kid(x, x + 1)  # the same sample twice: the unbiased estimate is negative


def test_subsets_agree_with_the_whole_and_repeat_themselves() -> None:
    x, y = normal(300, 6, 5), normal(200, 6, 6) + 0.5
    whole = polynomial_mmd(x, y)
    by_subsets = kid(x, y, subsets=60, subset_size=80)
    assert by_subsets == pytest.approx(whole, rel=0.1)
    assert by_subsets == kid(x, y, subsets=60, subset_size=80)
    assert by_subsets != kid(x, y, subsets=60, subset_size=80, seed=1)


def test_subsets_are_drawn_from_all_over_both_sets() -> None:
    x = normal(60, 4, 7)
    x[40:] += 4  # the first 40 of both sets are alike, the rest is not
    y = normal(200, 4, 8)
    y[40:] -= 4
    for real, fake in ((x, y), (y, x)):
        assert kid(real, fake, subset_size=30) == pytest.approx(polynomial_mmd(real, fake), rel=0.15)


def test_one_picture_is_too_few() -> None:
    with pytest.raises(ConfigError, match="at least two pictures"):
        kid(normal(1, 3, 0), normal(4, 3, 0))


class MeanColour:
    """A feature network that can be seen through."""

    name = "colour"
    identity = "mean colour"

    def __init__(self) -> None:
        self.seen = 0

    def features(self, images: Tensor) -> Tensor:
        self.seen += len(images)
        return images.float().mean(dim=(2, 3)) / 255


def test_the_judge_looks_at_real_pictures_once() -> None:
    random = torch.Generator().manual_seed(0)
    real, like_real = torch.randint(0, 256, (2, 40, 3, 4, 4), generator=random, dtype=torch.uint8)
    dark = like_real // 4
    network = MeanColour()
    judge = KidJudge(network, real.numpy())
    verdicts = [judge.kid(like_real), judge.kid(dark.numpy())]
    assert judge.name == "kid_colour"
    assert network.seen == 40 + 2 * 40
    assert verdicts[1] > 10 * abs(verdicts[0])
    features = network.features(real), network.features(dark)
    assert verdicts[1] == pytest.approx(slow_mmd(*(part.double() for part in features)), rel=1e-6)

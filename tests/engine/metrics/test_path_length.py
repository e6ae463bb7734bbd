"""Path length where it is known: a generator that is linear in w, and Euclidean distances."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from engine.metrics.networks.registry import open_network
from engine.metrics.path_length import EPSILON, PathOptions, feature_distance, path_length
from tests.engine.inference.tiny_models import tiny_config, tiny_model


class LinearSynthesis:
    """w [N, 1, 4] to pictures [N, 3, 1, 2] by a matrix, plus the noise."""

    def __init__(self, matrix: Tensor) -> None:
        self.matrix = matrix

    def make_noise(self, mode: str, batch: int, *, generator: torch.Generator) -> list[Tensor]:
        assert mode == "random"
        return [torch.randn(batch, 3, 1, 2, generator=generator)]

    def __call__(self, ws: Tensor, *, noise: list[Tensor]) -> Tensor:
        return (ws[:, 0] @ self.matrix).reshape(-1, 3, 1, 2) + 0.01 * noise[0]


class LinearGenerator(nn.Module):
    z_dim, c_dim = 4, 0

    def __init__(self, gain: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.synthesis = LinearSynthesis(gain * torch.eye(4, 6))

    def mapping(self, z: Tensor, c: Tensor | None) -> Tensor:
        assert c is None
        return z[:, None]


def squared_error(a: Tensor, b: Tensor) -> Tensor:
    return (a.double() - b.double()).square().sum(dim=(1, 2, 3))


@pytest.mark.parametrize("gain", [1.0, 10.0])
def test_a_linear_generator_in_closed_form(gain: float) -> None:
    """|A (w' - w)|^2 = gain^2 |w' - w|^2, and for two standard normal w that is 2 gain^2 dim on average."""
    measured = path_length(LinearGenerator(gain), squared_error, PathOptions(samples=2000))  # type: ignore[arg-type]
    assert measured == pytest.approx(2 * gain**2 * 4, rel=0.05)


def test_the_same_seed_gives_the_same_paths() -> None:
    G = LinearGenerator(1.0)
    lengths = [path_length(G, squared_error, PathOptions(samples=20, seed=seed)) for seed in (0, 0, 1)]  # type: ignore[arg-type]
    assert lengths[0] == lengths[1] != lengths[2]


@pytest.mark.parametrize("c_dim", [0, 3])
def test_a_generator_in_the_features_of_a_network(c_dim: int) -> None:
    """In the limit of small steps the length does not depend on the step: the derivative is what is measured."""
    G = tiny_model(tiny_config(c_dim=c_dim)).G_ema
    seen: list[tuple[int, int]] = []
    options = PathOptions(samples=10, on_progress=lambda done, total: seen.append((done, total)))
    distance = feature_distance(open_network("squeezenet"))
    measured = path_length(G, distance, options)
    assert seen == [(8, 10), (10, 10)]
    assert measured > 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.metrics.path_length.EPSILON", 10 * EPSILON)
        assert path_length(G, distance, options) == pytest.approx(measured, rel=0.1)

"""The losses against the slow, obvious way to the same number."""

import math

import torch

from engine.training.config import EmaConfig
from engine.training.ema import ema_beta, update_ema
from engine.training.losses import (
    d_logistic_loss,
    g_nonsaturating_loss,
    path_length_penalty,
    path_lengths,
    r1_penalty,
)
from engine.training.state import lazy_adam


def test_logistic_losses_are_cross_entropies():
    logits = torch.tensor([-3.0, 0.0, 2.5])
    probability = torch.sigmoid(logits)
    torch.testing.assert_close(g_nonsaturating_loss(logits), -probability.log())
    torch.testing.assert_close(
        d_logistic_loss(logits, logits.flip(0)), -probability.log() - (1 - probability.flip(0)).log()
    )


def test_r1_by_finite_differences():
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.Linear(12, 5), torch.nn.Tanh(), torch.nn.Linear(5, 1)
    ).double()
    img = torch.randn(2, 3, 2, 2, dtype=torch.float64, requires_grad=True)
    penalty = r1_penalty(net(img), img)
    for sample in range(2):
        total, step = 0.0, 1e-6
        for index in range(12):
            shift = torch.zeros(12, dtype=torch.float64)
            shift[index] = step
            up, down = (net(img[sample : sample + 1] + s * shift.reshape(1, 3, 2, 2)) for s in (1, -1))
            total += ((up - down) / (2 * step)).item() ** 2
        assert math.isclose(penalty[sample].item(), total, rel_tol=1e-6)
    assert penalty.requires_grad


def test_path_length_of_a_linear_generator_is_known():
    """For img = A w the Jacobian is A, so |J^T y| is |A^T y| / sqrt(H W) in each layer."""
    torch.manual_seed(0)
    a = torch.randn(3, 3 * 4 * 4, 8, dtype=torch.float64)  # one matrix for each of three layers
    ws = torch.randn(2, 3, 8, dtype=torch.float64, requires_grad=True)
    img = torch.einsum("lpw,nlw->np", a, ws).reshape(2, 3, 4, 4)
    noise = torch.randn_like(img)
    lengths = path_lengths(img, ws, noise)
    for sample in range(2):
        per_layer = [(a[layer].t() @ noise[sample].flatten() / 4).square().sum() for layer in range(3)]
        torch.testing.assert_close(lengths[sample], torch.stack(per_layer).mean().sqrt())


def test_path_length_penalty_compares_with_the_running_mean():
    lengths = torch.tensor([2.0, 4.0], requires_grad=True)
    assert path_length_penalty(lengths, torch.tensor(2.0)).tolist() == [0.0, 4.0]


def test_ema_half_life_and_ramp():
    assert math.isclose(ema_beta(EmaConfig(ema_kimg=10, rampup=None), 32, 0) ** (10_000 / 32), 0.5)
    ramped = EmaConfig(ema_kimg=10, rampup=0.05)
    assert math.isclose(ema_beta(ramped, 32, 20_000) ** (1_000 / 32), 0.5)
    assert ema_beta(ramped, 32, 0) == 0.0
    assert ema_beta(ramped, 32, 10**9) == ema_beta(EmaConfig(ema_kimg=10, rampup=None), 32, 0)


def test_ema_moves_parameters_and_copies_buffers():
    average, current = torch.nn.BatchNorm1d(2), torch.nn.BatchNorm1d(2)
    torch.nn.init.constant_(current.weight, 3.0)
    current.running_mean.fill_(7.0)
    update_ema(average, current, beta=0.75)
    assert average.weight.tolist() == [1.5, 1.5]
    assert average.running_mean.tolist() == [7.0, 7.0]


def test_lazy_regularization_corrects_adam():
    optimizer = lazy_adam(torch.nn.Linear(1, 1), 0.002, 4)
    group = optimizer.param_groups[0]
    assert math.isclose(group["lr"], 0.002 * 4 / 5)
    assert group["betas"] == (0.0, 0.99 ** (4 / 5))
    assert lazy_adam(torch.nn.Linear(1, 1), 0.002, 0).param_groups[0]["lr"] == 0.002

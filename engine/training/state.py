"""All that changes during training, in one place: what a checkpoint holds."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.networks.discriminator import Discriminator
from engine.networks.generator import Generator
from engine.training.config import LossConfig, TrainConfig


@dataclass(slots=True, kw_only=True)
class TrainState:
    """The networks, their optimizers, and how far they have come."""

    G: Generator
    D: Discriminator
    G_ema: Generator
    opt_G: torch.optim.Adam
    opt_D: torch.optim.Adam
    pl_mean: Tensor
    """running mean of the path lengths, a scalar on the device"""
    cur_nimg: int = 0
    """real pictures shown so far"""
    step: int = 0
    """steps taken so far"""
    seconds: float = 0.0
    """time spent in training so far, over all resumed runs"""
    learning_rate_factor: float = 1.0
    """below 1 after the run has diverged and gone back once"""

    def is_finite(self) -> bool:
        """Whether every weight is a number; a checkpoint with others would be of no use."""
        networks = (self.G, self.D, self.G_ema)
        return all(bool(p.isfinite().all()) for network in networks for p in network.parameters())

    def lower_learning_rate(self, factor: float) -> None:
        """From now on both optimizers take steps that are `factor` times as long."""
        self.learning_rate_factor *= factor
        for group in (*self.opt_G.param_groups, *self.opt_D.param_groups):
            group["lr"] *= factor


def lazy_adam(network: torch.nn.Module, learning_rate: float, interval: int) -> torch.optim.Adam:
    """Adam for a network that is regularized only every `interval` steps, in a step of its own.

    The extra step counts in the moments, so learning rate and betas are corrected by interval / (interval + 1)
    (StyleGAN2 paper, appendix B, "lazy regularization"). An interval of 0 means no such steps.
    """
    ratio = interval / (interval + 1) if interval else 1.0
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    return torch.optim.Adam(trained, lr=learning_rate * ratio, betas=(0.0, 0.99**ratio), eps=1e-8)


def initial_state(config: TrainConfig, device: str) -> TrainState:
    """Networks with random weights; the same for the same seed, on every device."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        G, D = Generator(config.generator), Discriminator(config.discriminator)
    # Channels-last is the layout that convolutions are fastest in, on CPUs in bfloat16 by several times.
    G, D = (network.to(device=device, memory_format=torch.channels_last) for network in (G, D))  # type: ignore[call-overload]
    G_ema = copy.deepcopy(G).eval().requires_grad_(False)
    D.set_trainable(True)
    opt_G, opt_D = optimizers(G, D, config.loss)
    return TrainState(G=G, D=D, G_ema=G_ema, opt_G=opt_G, opt_D=opt_D, pl_mean=torch.zeros([], device=device))


def optimizers(G: Generator, D: Discriminator, loss: LossConfig) -> tuple[torch.optim.Adam, torch.optim.Adam]:
    """One Adam for each network."""
    g_interval = loss.path_length_interval if loss.path_length_weight else 0
    return lazy_adam(G, loss.learning_rate, g_interval), lazy_adam(D, loss.learning_rate, loss.r1_interval)

"""All that changes during training, in one place: what a checkpoint holds."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor

from engine.networks.discriminator import Discriminator
from engine.networks.generator import Generator
from engine.training.ada import AdaState
from engine.training.best import Best
from engine.training.config import TrainConfig
from engine.training.feature_discriminator import FeatureDiscriminator


@dataclass(slots=True, kw_only=True)
class TrainState:
    """The networks, their optimizers, and how far they have come."""

    G: Generator
    D: Discriminator
    G_ema: Generator
    opt_G: torch.optim.Adam
    opt_D: torch.optim.Adam
    D_features: FeatureDiscriminator | None
    """the discriminator on frozen features, where the run has one"""
    opt_D_features: torch.optim.Adam | None
    pl_mean: Tensor
    """running mean of the path lengths, a scalar on the device"""
    lecam_means: Tensor
    """running means of D's answers to real and to generated pictures, [2], on the device"""
    ada: AdaState
    """p of the augmentations, and what decides its next change"""
    cur_nimg: int = 0
    """real pictures shown so far"""
    step: int = 0
    """steps taken so far"""
    seconds: float = 0.0
    """time spent in training so far, over all resumed runs"""
    learning_rate_factor: float = 1.0
    """below 1 after the run has diverged and gone back once"""
    best: Best | None = None
    """the snapshot that the judge liked best, where the run has one"""

    def is_finite(self) -> bool:
        """Whether every weight is a number; a checkpoint with others would be of no use."""
        return all(bool(p.isfinite().all()) for network in self.networks().values() for p in network.parameters())

    def networks(self) -> dict[str, torch.nn.Module]:
        """Every network by its name."""
        networks: dict[str, torch.nn.Module] = {"G": self.G, "D": self.D, "G_ema": self.G_ema}
        return networks if self.D_features is None else networks | {"D_features": self.D_features}

    def optimizers(self) -> dict[str, torch.optim.Adam]:
        """Every optimizer by the name of its network."""
        optimizers = {"G": self.opt_G, "D": self.opt_D}
        return optimizers if self.opt_D_features is None else optimizers | {"D_features": self.opt_D_features}

    def lower_learning_rate(self, factor: float) -> None:
        """From now on all optimizers take steps that are `factor` times as long."""
        self.learning_rate_factor *= factor
        for optimizer in self.optimizers().values():
            for group in optimizer.param_groups:
                group["lr"] *= factor


def lazy_adam(network: torch.nn.Module, learning_rate: float, interval: int) -> torch.optim.Adam:
    """Adam for a network that is regularized only every `interval` steps, in a step of its own.

    The extra step counts in the moments, so learning rate and betas are corrected by interval / (interval + 1)
    (StyleGAN2 paper, appendix B, "lazy regularization"). An interval of 0 means no such steps.
    """
    ratio = interval / (interval + 1) if interval else 1.0
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(trained, lr=learning_rate * ratio, betas=(0.0, 0.99**ratio), eps=1e-8)
    for parameter in trained:  # what Adam would make at its first step: a checkpoint may come before that
        optimizer.state[parameter] = {
            "step": torch.zeros([], dtype=torch.float32),
            "exp_avg": torch.zeros_like(parameter, memory_format=torch.preserve_format),
            "exp_avg_sq": torch.zeros_like(parameter, memory_format=torch.preserve_format),
        }
    return optimizer


def initial_state(config: TrainConfig, device: str) -> TrainState:
    """Networks with random weights; the same for the same seed, on every device."""
    D_features: FeatureDiscriminator | None = None
    opt_D_features: torch.optim.Adam | None = None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        G, D = Generator(config.generator), Discriminator(config.discriminator)
        if config.features is not None:
            D_features = _on_device(FeatureDiscriminator(config.features, config.generator.c_dim), device)
            opt_D_features = lazy_adam(D_features, config.features.learning_rate, 0)
    G, D = _on_device(G, device), _on_device(D, device)
    G_ema = copy.deepcopy(G).eval().requires_grad_(False)
    D.set_trainable(True)
    loss = config.loss
    return TrainState(
        G=G,
        D=D,
        G_ema=G_ema,
        opt_G=lazy_adam(G, loss.learning_rate, loss.path_length_interval if loss.path_length_weight else 0),
        opt_D=lazy_adam(D, loss.learning_rate, loss.r1_interval),
        D_features=D_features,
        opt_D_features=opt_D_features,
        pl_mean=torch.zeros([], device=device),
        lecam_means=torch.zeros(2, device=device),
        ada=AdaState.begin(config.augmentation.controller, device),
    )


Network = TypeVar("Network", bound=torch.nn.Module)


def _on_device(network: Network, device: str) -> Network:
    # Channels-last is the layout that convolutions are fastest in, on CPUs in bfloat16 by several times.
    moved: Network = network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return moved

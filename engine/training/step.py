"""One training step: up to four phases, each with an optimizer step of its own.

Every draw comes from a generator that is seeded by (seed, cur_nimg), so a step is a function of the state, the
batch and its position.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from engine.training.config import TrainConfig
from engine.training.losses import (
    d_logistic_loss,
    g_nonsaturating_loss,
    path_length_penalty,
    path_lengths,
    r1_penalty,
)
from engine.training.state import TrainState

Stats = dict[str, Tensor]
"""Detached scalars, by name; still on the device, so that reading them is the caller's choice of when to wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepContext:
    """What the phases of one step share."""

    config: TrainConfig
    device: str
    low_precision: torch.dtype | None
    """the type of the highest resolutions; None for float32"""
    random: torch.Generator
    """on the CPU, so that a seed means the same on every device"""

    def normal(self, *shape: int) -> Tensor:
        """Standard normal numbers on the device."""
        return torch.randn(shape, generator=self.random).to(self.device)


def step_generator(seed: int, cur_nimg: int) -> torch.Generator:
    """A generator whose draws depend on nothing but its position in the run."""
    state = np.random.SeedSequence((seed, cur_nimg)).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(state))


def train_step(state: TrainState, real_img: Tensor, context: StepContext) -> Stats:
    """Gmain, Greg, Dmain, Dreg on one batch real_img [N, C, H, W] in [-1, 1]; changes the state in place.

    EMA and counters are the loop's business.
    """
    loss = context.config.loss
    stats = _g_main(state, context, real_img.shape[0])
    if loss.path_length_weight > 0 and state.step % loss.path_length_interval == 0:
        stats |= _g_path_length(state, context, real_img.shape[0])
    stats |= _d_main(state, context, real_img)
    if state.step % loss.r1_interval == 0:
        stats |= _d_r1(state, context, real_img)
    return stats


def _g_main(state: TrainState, context: StepContext, batch: int) -> Stats:
    state.D.set_trainable(False)
    ws = _mixed_ws(state, context, batch, update_w_avg=True)
    logits = state.D(_synthesize(state, context, ws), low_precision=context.low_precision)
    loss = g_nonsaturating_loss(logits).mean()
    _optimize(loss, state.G, state.opt_G)
    state.D.set_trainable(True)
    return {"loss_G": loss.detach(), "logits_fake": logits.detach().mean()}


def _g_path_length(state: TrainState, context: StepContext, batch: int) -> Stats:
    config = context.config.loss
    ws = _mixed_ws(state, context, max(batch // config.path_length_batch_shrink, 1), update_w_avg=False)
    img = _synthesize(state, context, ws)
    lengths = path_lengths(img, ws, context.normal(*img.shape))
    penalty, state.pl_mean = path_length_penalty(lengths, state.pl_mean, config.path_length_decay)
    loss = penalty.mean() * config.path_length_weight * config.path_length_interval
    _optimize(loss, state.G, state.opt_G)
    return {"path_length": lengths.detach().mean(), "path_length_penalty": penalty.detach().mean()}


def _d_main(state: TrainState, context: StepContext, real_img: Tensor) -> Stats:
    with torch.no_grad():
        fake_img = _synthesize(state, context, _mixed_ws(state, context, real_img.shape[0], update_w_avg=False))
    fake_logits = state.D(fake_img, low_precision=context.low_precision)
    real_logits = state.D(real_img, low_precision=context.low_precision)
    loss = d_logistic_loss(real_logits, fake_logits).mean()
    _optimize(loss, state.D, state.opt_D)
    real = real_logits.detach()
    return {"loss_D": loss.detach(), "logits_real": real.mean(), "real_sign": real.sign().mean()}


def _d_r1(state: TrainState, context: StepContext, real_img: Tensor) -> Stats:
    config = context.config.loss
    real_img = real_img.detach().requires_grad_(True)
    logits = state.D(real_img, low_precision=context.low_precision)
    penalty = r1_penalty(logits, real_img)
    loss = penalty.mean() * (config.gamma / 2) * config.r1_interval
    _optimize(loss, state.D, state.opt_D)
    return {"r1_penalty": penalty.detach().mean()}


def _mixed_ws(state: TrainState, context: StepContext, batch: int, *, update_w_avg: bool) -> Tensor:
    """ws [batch, num_ws, w_dim]; with the config's probability two latents meet at a random layer
    (StyleGAN paper, section 3.1)."""
    G = state.G
    ws = G.mapping(context.normal(batch, G.z_dim), update_w_avg=update_w_avg)
    probability = context.config.loss.style_mixing_probability
    cutoff = int(torch.randint(1, G.num_ws, [], generator=context.random))
    mixes = bool(torch.rand([], generator=context.random) < probability)
    other = context.normal(batch, G.z_dim)  # drawn in any case: later draws do not depend on the coin
    if mixes:
        ws = torch.cat([ws[:, :cutoff], G.mapping(other)[:, cutoff:]], dim=1)
    return ws


def _synthesize(state: TrainState, context: StepContext, ws: Tensor) -> Tensor:
    synthesis = state.G.synthesis
    noise = synthesis.make_noise("random", ws.shape[0], generator=context.random)
    img: Tensor = synthesis(ws, noise=noise, low_precision=context.low_precision)
    return img


def _optimize(loss: Tensor, network: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    for parameter in network.parameters():
        if parameter.grad is not None:
            torch.nan_to_num(parameter.grad, nan=0.0, posinf=1e5, neginf=-1e5, out=parameter.grad)
    optimizer.step()

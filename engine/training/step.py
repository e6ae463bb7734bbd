"""One training step: up to four phases, each with an optimizer step of its own.

Every draw comes from a generator that is seeded by (seed, cur_nimg), so a step is a function of the state, the
batch and its position.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from engine.errors import OutOfMemoryError
from engine.inference.devices import is_out_of_memory
from engine.training.ada import observe, update_p
from engine.training.augment.pipeline import Augment
from engine.training.config import TrainConfig
from engine.training.losses import (
    d_hinge_loss,
    d_logistic_loss,
    g_nonsaturating_loss,
    lecam_penalty,
    path_length_penalty,
    path_lengths,
    r1_penalty,
)
from engine.training.state import TrainState

Stats = dict[str, Tensor]
"""Detached scalars, by name; still on the device, so that reading them is the caller's choice of when to wait."""
Trained = tuple[nn.Module, torch.optim.Optimizer]
"""A network and its optimizer"""


@dataclass(slots=True, kw_only=True)
class MemoryUse:
    """How much of a batch goes through the networks at once."""

    part: int
    """pictures"""
    smallest: int
    """pictures that must stay together: a group of the minibatch deviation"""
    on_change: Callable[[int], None] = lambda part: None
    """called with the new size of a part"""

    def slices(self, count: int) -> list[slice]:
        """The parts that `count` pictures are divided into."""
        return [slice(start, min(start + self.part, count)) for start in range(0, count, self.part)]

    def halve(self, error: BaseException) -> None:
        """Half as much from now on. Raises OutOfMemoryError if a part cannot be smaller."""
        half = self.part // 2
        if self.part % 2 or half < self.smallest or half % self.smallest:
            raise OutOfMemoryError(
                f"there is not enough memory to train on {self.part} pictures at once: use a smaller --resolution, "
                "--channel-max or --batch, and close other programs"
            ) from error
        self.part = half
        self.on_change(half)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepContext:
    """What the phases of one step share."""

    config: TrainConfig
    device: str
    low_precision: torch.dtype | None
    """the type of the highest resolutions; None for float32"""
    random: torch.Generator
    """on the CPU, so that a seed means the same on every device"""
    augment: Augment
    """what the discriminators see in place of pictures"""
    random_labels: Callable[[int, torch.Generator], Tensor]
    """labels for generated pictures, float32 [count, c_dim], on the CPU"""
    memory: MemoryUse
    """how much of the batch goes through the networks at once; the gradients of its parts are added up"""

    @property
    def features_alone(self) -> bool:
        """The StyleGAN2 discriminator takes no part."""
        return self.config.features is not None and self.config.features.alone

    def normal(self, *shape: int) -> Tensor:
        """Standard normal numbers on the device."""
        return torch.randn(shape, generator=self.random).to(self.device)

    def labels(self, count: int) -> Tensor:
        """Labels for `count` generated pictures, on the device."""
        return self.random_labels(count, self.random).to(self.device)


def step_generator(seed: int, cur_nimg: int) -> torch.Generator:
    """A generator whose draws depend on nothing but its position in the run."""
    state = np.random.SeedSequence((seed, cur_nimg)).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(state))


def train_step(state: TrainState, real_img: Tensor, real_c: Tensor, context: StepContext) -> Stats:
    """Gmain, Greg, Dmain, Dreg on one batch real_img [N, C, H, W] in [-1, 1] with labels real_c [N, c_dim]; changes
    the state in place.

    EMA and counters are the loop's business.
    """
    loss = context.config.loss
    batch = real_img.shape[0]
    _set_trainable(state, False)
    memory = context.memory
    G = ((state.G, state.opt_G),)
    stats = _phase(G, batch, memory, lambda part: _g_main(state, context, len(real_img[part])))
    if loss.path_length_weight > 0 and state.step % loss.path_length_interval == 0:
        shrunk = max(batch // loss.path_length_batch_shrink, 1)
        stats |= _phase(G, shrunk, memory, lambda part: _g_path_length(state, context, part.stop - part.start))
    _set_trainable(state, True)
    discriminators = _trained_discriminators(state, context.config)
    stats |= _phase(discriminators, batch, memory, lambda part: _d_main(state, context, real_img[part], real_c[part]))
    if state.step % loss.r1_interval == 0 and not context.features_alone:
        D = ((state.D, state.opt_D),)
        stats |= _phase(D, batch, memory, lambda part: _d_r1(state, context, real_img[part], real_c[part]))
    controller = context.config.augmentation.controller
    if context.config.augmentation.kind == "ada" and (state.step + 1) % controller.interval == 0:
        update_p(state.ada, controller)
    return stats


def _trained_discriminators(state: TrainState, config: TrainConfig) -> tuple[Trained, ...]:
    D: tuple[Trained, ...] = ((state.D, state.opt_D),)
    if config.features is None or state.D_features is None or state.opt_D_features is None:
        return D
    D_features: tuple[Trained, ...] = ((state.D_features, state.opt_D_features),)
    return D_features if config.features.alone else (*D, *D_features)


def _set_trainable(state: TrainState, trainable: bool) -> None:
    """Gradients for the discriminators' weights, or none: G's phases need them only for the pictures."""
    state.D.set_trainable(trainable)
    if state.D_features is not None:
        state.D_features.requires_grad_(trainable)


def _phase(
    trained: tuple[Trained, ...], count: int, memory: MemoryUse, loss_of: Callable[[slice], tuple[Tensor, Stats]]
) -> Stats:
    """One step of each optimizer on the mean loss over all parts of `count` pictures; returns the statistics' means.

    Where the device runs out of memory, the phase begins again with smaller parts: no weight has changed yet.
    """
    while True:
        try:
            means = _accumulate(trained, count, memory, loss_of)
            break
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            memory.halve(error)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
    for network, optimizer in trained:
        for parameter in network.parameters():
            if parameter.grad is not None:
                torch.nan_to_num(parameter.grad, nan=0.0, posinf=1e5, neginf=-1e5, out=parameter.grad)
        optimizer.step()
    return means


def _accumulate(
    trained: tuple[Trained, ...], count: int, memory: MemoryUse, loss_of: Callable[[slice], tuple[Tensor, Stats]]
) -> Stats:
    for _, optimizer in trained:
        optimizer.zero_grad(set_to_none=True)
    means: Stats = {}
    for part in memory.slices(count):
        share = (part.stop - part.start) / count
        loss, stats = loss_of(part)
        (loss * share).backward()
        means = {name: means.get(name, 0.0) + value.detach() * share for name, value in stats.items()}
    return means


def _g_main(state: TrainState, context: StepContext, batch: int) -> tuple[Tensor, Stats]:
    c = context.labels(batch)
    img = _synthesize(state, context, _mixed_ws(state, context, c, update_w_avg=True))
    img = context.augment(img, state.ada.p, context.random)
    loss, stats = torch.zeros([], device=img.device), {}
    if not context.features_alone:
        logits = state.D(img, c, low_precision=context.low_precision)
        loss = g_nonsaturating_loss(logits).mean()
        stats = {"loss_G": loss, "logits_fake": logits.mean()}
    if state.D_features is None or context.config.features is None:
        return loss, stats
    loss_features = -state.D_features(img, c).mean()
    return loss + context.config.features.weight * loss_features, stats | {"loss_G_features": loss_features}


def _g_path_length(state: TrainState, context: StepContext, batch: int) -> tuple[Tensor, Stats]:
    config = context.config.loss
    ws = _mixed_ws(state, context, context.labels(batch), update_w_avg=False)
    img = _synthesize(state, context, ws)
    lengths = path_lengths(img, ws, context.normal(*img.shape))
    penalty, state.pl_mean = path_length_penalty(lengths, state.pl_mean, config.path_length_decay)
    loss = penalty.mean() * config.path_length_weight * config.path_length_interval
    return loss, {"path_length": lengths.mean(), "path_length_penalty": penalty.mean()}


def _d_main(state: TrainState, context: StepContext, real_img: Tensor, real_c: Tensor) -> tuple[Tensor, Stats]:
    c = context.labels(real_img.shape[0])
    with torch.no_grad():
        fake_img = _synthesize(state, context, _mixed_ws(state, context, c, update_w_avg=False))
        fake_img = context.augment(fake_img, state.ada.p, context.random)
        real_img = context.augment(real_img, state.ada.p, context.random)
    loss, stats = torch.zeros([], device=fake_img.device), {"ada_p": torch.tensor(state.ada.p)}
    if not context.features_alone:
        loss, stats = _d_logistic(state, context, (real_img, real_c), (fake_img, c), stats)
    if state.D_features is None:
        return loss, stats
    real_logits, fake_logits = state.D_features(real_img, real_c), state.D_features(fake_img, c)
    if context.features_alone:
        observe(state.ada, real_logits.mean(dim=1))
    loss_features = d_hinge_loss(real_logits, fake_logits).mean()
    return loss + loss_features, stats | {"loss_D_features": loss_features}


def _d_logistic(
    state: TrainState, context: StepContext, real: tuple[Tensor, Tensor], fake: tuple[Tensor, Tensor], stats: Stats
) -> tuple[Tensor, Stats]:
    """The StyleGAN2 discriminator's loss on (pictures, labels), with LeCam where it is asked for."""
    config = context.config.loss
    fake_logits = state.D(*fake, low_precision=context.low_precision)
    real_logits = state.D(*real, low_precision=context.low_precision)
    observe(state.ada, real_logits)
    loss = d_logistic_loss(real_logits, fake_logits).mean()
    stats = stats | {"loss_D": loss, "logits_real": real_logits.mean(), "real_sign": real_logits.sign().mean()}
    if config.lecam_weight > 0:
        means = torch.stack([real_logits.detach().mean(), fake_logits.detach().mean()])
        state.lecam_means = means.lerp(state.lecam_means, config.lecam_decay)
        penalty = lecam_penalty(real_logits, fake_logits, *state.lecam_means).mean()
        loss, stats = loss + config.lecam_weight * penalty, stats | {"lecam_penalty": penalty}
    return loss, stats


def _d_r1(state: TrainState, context: StepContext, real_img: Tensor, real_c: Tensor) -> tuple[Tensor, Stats]:
    config = context.config.loss
    # The gradient is with respect to the picture itself, through the augmentation (StyleGAN2-ADA paper, appendix).
    real_img = real_img.detach().requires_grad_(True)
    augmented = context.augment(real_img, state.ada.p, context.random)
    logits = state.D(augmented, real_c, low_precision=context.low_precision)
    penalty = r1_penalty(logits, real_img)
    return penalty.mean() * (config.gamma / 2) * config.r1_interval, {"r1_penalty": penalty.mean()}


def _mixed_ws(state: TrainState, context: StepContext, c: Tensor, *, update_w_avg: bool) -> Tensor:
    """ws [N, num_ws, w_dim] for labels c [N, c_dim]; with the config's probability two latents meet at a random layer
    (StyleGAN paper, section 3.1)."""
    G = state.G
    ws = G.mapping(context.normal(len(c), G.z_dim), c, update_w_avg=update_w_avg)
    probability = context.config.loss.style_mixing_probability
    cutoff = int(torch.randint(1, G.num_ws, [], generator=context.random))
    mixes = bool(torch.rand([], generator=context.random) < probability)
    other = context.normal(len(c), G.z_dim)  # drawn in any case: later draws do not depend on the coin
    if mixes:
        ws = torch.cat([ws[:, :cutoff], G.mapping(other, c)[:, cutoff:]], dim=1)
    return ws


def _synthesize(state: TrainState, context: StepContext, ws: Tensor) -> Tensor:
    synthesis = state.G.synthesis
    noise = synthesis.make_noise("random", ws.shape[0], generator=context.random)
    img: Tensor = synthesis(ws, noise=noise, low_precision=context.low_precision)
    return img

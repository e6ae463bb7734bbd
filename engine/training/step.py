"""One training step: up to four phases, each with an optimizer step of its own.

Every draw comes from a generator that is seeded by (seed, cur_nimg), and is made for the whole batch: a step is a
function of the state, the batch and its position, however the batch is divided over parts and processes. Running
means (w_avg, pl_mean, LeCam's, what ADA observes) move once a phase, by the mean over the whole batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.training.ada import observe, update_p
from engine.training.augment.draws import Places, normal_images
from engine.training.augment.pipeline import Augment
from engine.training.config import TrainConfig
from engine.training.distributed import ALONE, Processes
from engine.training.losses import (
    d_hinge_loss,
    d_logistic_loss,
    g_nonsaturating_loss,
    lecam_penalty,
    path_length_penalty,
    path_lengths,
    r1_penalty,
)
from engine.training.phase import Division, MemoryUse, Part, Stats, Trained, optimize
from engine.training.sampling import Latents, draw_latents, draw_seeds, map_latents, synthesize
from engine.training.state import TrainState

Labelled = tuple[Tensor, Tensor]
"""This process's pictures [N, C, H, W] in [-1, 1] of a batch, and their labels [N, c_dim]"""


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
    processes: Processes = ALONE
    """which of them has which pictures of the batch"""

    @property
    def features_alone(self) -> bool:
        """The StyleGAN2 discriminator takes no part."""
        return self.config.features is not None and self.config.features.alone

    @property
    def path_length_batch(self) -> int:
        """Pictures in a path length step."""
        return path_length_batch(self.config)

    def labels(self, count: int) -> Tensor:
        """Labels for `count` generated pictures, on the CPU."""
        return self.random_labels(count, self.random)

    def latents(self, state: TrainState, count: int) -> Latents:
        """For `count` generated pictures."""
        return draw_latents(state.G, self.labels(count), self.config.loss.style_mixing_probability, self.random)

    def augmenter(self, state: TrainState) -> Callable[[Tensor, Places], Tensor]:
        """What to look at some pictures of one batch through, the same whenever it is asked."""
        p, (seed,) = state.ada.p, draw_seeds(1, self.random).tolist()
        return lambda img, places: self.augment(img, p, torch.Generator().manual_seed(seed), places)

    def optimize(
        self, trained: tuple[Trained, ...], count: int, loss_of: Callable[[Part], tuple[Tensor, Stats]]
    ) -> Stats:
        """`engine.training.phase.optimize`, with the batch divided as in the whole step."""
        return optimize(trained, count, Division(memory=self.memory, processes=self.processes), loss_of)


def path_length_batch(config: TrainConfig) -> int:
    """Pictures in a path length step: the batch, or a share of it."""
    return max(config.batch // config.loss.path_length_batch_shrink, 1)


def train_step(state: TrainState, real_img: Tensor, real_c: Tensor, context: StepContext) -> Stats:
    """Gmain, Greg, Dmain, Dreg on one batch; changes the state in place.

    real_img [N, C, H, W] in [-1, 1] with labels real_c [N, c_dim]: those of the config.batch pictures that are this
    process's. EMA and counters are the loop's business.
    """
    loss, real = context.config.loss, (real_img, real_c)
    set_trainable(state, False)
    stats = g_main(state, context)
    if loss.path_length_weight > 0 and state.step % loss.path_length_interval == 0:
        stats |= g_path_length(state, context)
    set_trainable(state, True)
    stats |= d_main(state, context, real)
    if state.step % loss.r1_interval == 0 and not context.features_alone:
        stats |= d_r1(state, context, real)
    controller = context.config.augmentation.controller
    if context.config.augmentation.kind == "ada" and (state.step + 1) % controller.interval == 0:
        update_p(state.ada, controller)
    return stats


def set_trainable(state: TrainState, trainable: bool) -> None:
    """Gradients for the discriminators' weights, or none: G's phases need them only for the pictures."""
    state.D.set_trainable(trainable)
    if state.D_features is not None:
        state.D_features.requires_grad_(trainable)


def g_main(state: TrainState, context: StepContext) -> Stats:
    """G's loss, and w_avg."""
    latents, augmented = context.latents(state, context.config.batch), context.augmenter(state)

    def loss_of(part: Part) -> tuple[Tensor, Stats]:
        mine = latents.at(part.places)
        ws = map_latents(state.G, mine, context.device)
        img = synthesize(state.G, ws, mine.noise_seeds, context.low_precision)
        loss, stats = _g_loss(state, context, augmented(img, part.places), mine.c.to(context.device))
        return loss, stats | {"w": ws[:, 0].mean(dim=0)}

    stats = context.optimize(((state.G, state.opt_G),), context.config.batch, loss_of)
    mapping, w = state.G.mapping, stats.pop("w")
    if mapping.w_avg_beta is not None:
        mapping.w_avg.copy_(w.lerp(mapping.w_avg, mapping.w_avg_beta))
    return stats


def _g_loss(state: TrainState, context: StepContext, img: Tensor, c: Tensor) -> tuple[Tensor, Stats]:
    """On generated pictures as the discriminators see them."""
    loss, stats = torch.zeros([], device=img.device), {}
    if not context.features_alone:
        logits = state.D(img, c, low_precision=context.low_precision)
        loss = g_nonsaturating_loss(logits).mean()
        stats = {"loss_G": loss, "logits_fake": logits.mean()}
    if state.D_features is None or context.config.features is None:
        return loss, stats
    loss_features = -state.D_features(img, c).mean()
    return loss + context.config.features.weight * loss_features, stats | {"loss_G_features": loss_features}


def g_path_length(state: TrainState, context: StepContext) -> Stats:
    """G's path length penalty, and pl_mean."""
    config, count = context.config.loss, context.path_length_batch
    latents, seeds = context.latents(state, count), draw_seeds(count, context.random)

    def loss_of(part: Part) -> tuple[Tensor, Stats]:
        mine = latents.at(part.places)
        ws = map_latents(state.G, mine, context.device)
        img = synthesize(state.G, ws, mine.noise_seeds, context.low_precision)
        y = normal_images(part.places.of(seeds), tuple(img.shape[1:]), context.device)
        lengths = path_lengths(img, ws, y)
        penalty = path_length_penalty(lengths, state.pl_mean).mean()
        loss = penalty * config.path_length_weight * config.path_length_interval
        return loss, {"path_length": lengths.mean(), "path_length_penalty": penalty}

    stats = context.optimize(((state.G, state.opt_G),), count, loss_of)
    state.pl_mean = state.pl_mean.lerp(stats["path_length"], config.path_length_decay)
    return stats


def d_main(state: TrainState, context: StepContext, real: Labelled) -> Stats:
    """The discriminators' losses, what ADA observes, and LeCam's means."""
    batch = context.config.batch
    latents, see_fake, see_real = context.latents(state, batch), context.augmenter(state), context.augmenter(state)

    def loss_of(part: Part) -> tuple[Tensor, Stats]:
        mine = latents.at(part.places)
        with torch.no_grad():
            ws = map_latents(state.G, mine, context.device)
            fake_img = synthesize(state.G, ws, mine.noise_seeds, context.low_precision)
            fake_img, real_img = see_fake(fake_img, part.places), see_real(real[0][part.here], part.places)
        return _d_loss(state, context, (real_img, real[1][part.here]), (fake_img, mine.c.to(context.device)))

    stats = context.optimize(_trained_discriminators(state, context.config), batch, loss_of)
    observe(state.ada, stats["real_sign"], batch)
    answers = stats.pop("answers", None)
    if answers is not None and context.config.loss.lecam_weight > 0:
        state.lecam_means = answers.lerp(state.lecam_means, context.config.loss.lecam_decay)
    return stats | {"ada_p": torch.tensor(state.ada.p)}


def _trained_discriminators(state: TrainState, config: TrainConfig) -> tuple[Trained, ...]:
    D: tuple[Trained, ...] = ((state.D, state.opt_D),)
    if config.features is None or state.D_features is None or state.opt_D_features is None:
        return D
    D_features: tuple[Trained, ...] = ((state.D_features, state.opt_D_features),)
    return D_features if config.features.alone else (*D, *D_features)


def _d_loss(state: TrainState, context: StepContext, real: Labelled, fake: Labelled) -> tuple[Tensor, Stats]:
    loss: Tensor = torch.zeros([], device=fake[0].device)
    stats: Stats = {}
    if not context.features_alone:
        loss, stats = _d_logistic(state, context, real, fake)
    if state.D_features is None:
        return loss, stats
    real_logits, fake_logits = state.D_features(*real), state.D_features(*fake)
    if context.features_alone:
        stats["real_sign"] = real_logits.mean(dim=1).sign().mean()
    loss_features = d_hinge_loss(real_logits, fake_logits).mean()
    return loss + loss_features, stats | {"loss_D_features": loss_features}


def _d_logistic(state: TrainState, context: StepContext, real: Labelled, fake: Labelled) -> tuple[Tensor, Stats]:
    """The StyleGAN2 discriminator's loss, with LeCam where it is asked for."""
    weight = context.config.loss.lecam_weight
    fake_logits = state.D(*fake, low_precision=context.low_precision)
    real_logits = state.D(*real, low_precision=context.low_precision)
    loss = d_logistic_loss(real_logits, fake_logits).mean()
    stats = {"loss_D": loss, "logits_real": real_logits.mean(), "real_sign": real_logits.sign().mean()}
    stats["answers"] = torch.stack([real_logits.mean(), fake_logits.mean()])
    if weight > 0:
        penalty = lecam_penalty(real_logits, fake_logits, *state.lecam_means).mean()
        loss, stats = loss + weight * penalty, stats | {"lecam_penalty": penalty}
    return loss, stats


def d_r1(state: TrainState, context: StepContext, real: Labelled) -> Stats:
    """R1 of the StyleGAN2 discriminator."""
    config, augmented = context.config.loss, context.augmenter(state)

    def loss_of(part: Part) -> tuple[Tensor, Stats]:
        # The gradient is with respect to the picture itself, through the augmentation (StyleGAN2-ADA paper, appendix).
        img = real[0][part.here].detach().requires_grad_(True)
        logits = state.D(augmented(img, part.places), real[1][part.here], low_precision=context.low_precision)
        penalty = r1_penalty(logits, img).mean()
        return penalty * (config.gamma / 2) * config.r1_interval, {"r1_penalty": penalty}

    return context.optimize(((state.D, state.opt_D),), context.config.batch, loss_of)

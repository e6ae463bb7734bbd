"""What `--minutes` decides: numbers of a run that suit the pictures it will come to see. Knows nothing of torch.

A published configuration counts on 25,000 kimg. In an hour there may be 20 to 500: smaller batches then give D and G
enough steps to learn, an average with a short memory does not lag behind, and p has to move sooner.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.training.config import PlanConfig, TrainConfig

FEWEST_STEPS = 4000
"""steps below which a batch is halved"""
SMALLEST_BATCH = 8
"""the batch of the published runs on a hundred pictures (Zhao et al. 2020, "Differentiable Augmentation")"""
AVERAGE_SHARE = 0.05
"""the half-life of G_ema as a share of the run, at most; StyleGAN2-ADA's ramp has the same share"""
ADA_SHARE = 0.25
"""of the run, in which p can move from 0 to 1, at most"""
LARGEST_MOVE = 0.02
"""of p at once, however short the run is"""
SNAPSHOTS = 8
TICKS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person has decided, and a plan leaves alone."""

    kimg: float | None = None
    snapshot_kimg: float | None = None
    tick_kimg: float | None = None


def planned_batch(usual: int, together: int, pictures: float) -> int:
    """The usual batch, halved while `pictures` in all give fewer than 4000 steps; not below 8 pictures, and in whole
    groups of `together`."""
    batch = usual
    while pictures / batch < FEWEST_STEPS:
        half = batch // 2
        if batch % 2 or half < SMALLEST_BATCH or half % together:
            break
        batch = half
    return batch


def planned(config: TrainConfig, minutes: float, img_per_second: float, asked: Asked) -> TrainConfig:
    """The configuration with schedule, average and ADA for so many minutes at that pace. Learning rates stay."""
    kimg = img_per_second * minutes * 60 / 1000
    if asked.kimg is not None:
        kimg = min(kimg, asked.kimg)
    controller = config.augmentation.controller
    calmest = controller.interval * config.batch / 1000 / LARGEST_MOVE
    controller = replace(controller, kimg=min(controller.kimg, max(kimg * ADA_SHARE, calmest)))
    schedule = config.schedule
    return replace(
        config,
        ema=replace(config.ema, ema_kimg=min(config.ema.ema_kimg, kimg * AVERAGE_SHARE)),
        augmentation=replace(config.augmentation, controller=controller),
        schedule=replace(
            schedule,
            snapshot_kimg=asked.snapshot_kimg or min(schedule.snapshot_kimg, kimg / SNAPSHOTS),
            tick_kimg=asked.tick_kimg or min(schedule.tick_kimg, kimg / TICKS),
        ),
        plan=PlanConfig(minutes=minutes, img_per_second=img_per_second, kimg=kimg),
    )


def plan_sentence(config: TrainConfig) -> str:
    """The plan as a person reads it; empty without one."""
    plan = config.plan
    if plan is None:
        return ""
    ada = ""
    if config.augmentation.kind == "ada":
        ada = f", p can rise from 0 to 1 within {config.augmentation.controller.kimg:.3g} kimg"
    return (
        f"Planned for {plan.minutes:g} minutes: at {plan.img_per_second:.3g} pictures a second about {plan.kimg:.3g} "
        f"kimg, in batches of {config.batch}; the average of G has a half-life of {config.ema.ema_kimg:.3g} kimg{ada}, "
        f"and there is a snapshot every {config.schedule.snapshot_kimg:.3g} kimg"
    )

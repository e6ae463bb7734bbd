"""Named ways to choose all numbers of a training run from a few. Knows nothing of torch."""

from __future__ import annotations

from dataclasses import dataclass

from engine.networks.config import DiscriminatorConfig, GeneratorConfig
from engine.training.config import DataConfig, EmaConfig, LossConfig, ScheduleConfig, TrainConfig

CPU_CHANNEL_BASE = 4096
CPU_CHANNEL_MAX = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSize:
    """How wide the networks are."""

    channel_base: int
    """channels times resolution, before the cap"""
    channel_max: int
    """most channels of any layer"""
    latent_dim: int = 512
    """z_dim and w_dim"""


def default_size(resolution: int, device: str) -> NetworkSize:
    """The widths of `auto` (StyleGAN2-ADA paper, table 1), or a quarter of them on a CPU, which would otherwise need
    days for the smallest model."""
    if device == "cpu":
        return NetworkSize(channel_base=CPU_CHANNEL_BASE, channel_max=CPU_CHANNEL_MAX, latent_dim=256)
    return NetworkSize(channel_base=32768 if resolution >= 512 else 16384, channel_max=512)


def default_batch(resolution: int) -> int:
    """Pictures a step of `auto` on one device: 32 up to 128 px, half as many with each doubling."""
    return max(min(4096 // resolution, 32), 1)


def auto(
    data: DataConfig, *, batch: int, size: NetworkSize, schedule: ScheduleConfig, seed: int, precision: str
) -> TrainConfig:
    """The numbers of StyleGAN2-ADA's `auto` for one device (paper, appendix C): R1 grows with the picture's area and
    falls with the batch; the average of G has a half-life of 10 kimg at a batch of 32."""
    resolution = data.resolution
    return TrainConfig(
        data=data,
        generator=GeneratorConfig(
            z_dim=size.latent_dim,
            w_dim=size.latent_dim,
            img_resolution=resolution,
            mapping_layers=2,
            w_avg_beta=0.995,
            channel_base=size.channel_base,
            channel_max=size.channel_max,
            num_fp16_res=4,
        ),
        discriminator=DiscriminatorConfig(
            img_resolution=resolution,
            channel_base=size.channel_base,
            channel_max=size.channel_max,
            num_fp16_res=4,
            mbstd_group_size=min(batch, 4),
        ),
        loss=LossConfig(
            learning_rate=0.002 if resolution >= 1024 else 0.0025,
            gamma=0.0002 * resolution**2 / batch,
        ),
        ema=EmaConfig(ema_kimg=batch * 10 / 32),
        schedule=schedule,
        batch=batch,
        seed=seed,
        precision=precision,
    )

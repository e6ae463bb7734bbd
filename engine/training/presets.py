"""Named ways to choose all numbers of a training run from a few. Knows nothing of torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from engine.errors import ConfigError
from engine.networks.config import DiscriminatorConfig, GeneratorConfig
from engine.training.augment.config import AdaConfig, AugmentConfig
from engine.training.config import (
    AugmentationConfig,
    DataConfig,
    EmaConfig,
    FeatureConfig,
    JudgeConfig,
    LossConfig,
    ScheduleConfig,
    TrainConfig,
)

CPU_CHANNEL_BASE = 4096
CPU_CHANNEL_MAX = 128
CPU_LATENT_DIM = 256
FULL_CHANNEL_BASE = 32768
FEWSHOT_PICTURES = 5000
"""from this many on, a discriminator learns enough from the pictures themselves"""
FEATURES = ("none", "beside", "alone")
"""where the discriminator on frozen features stands: beside StyleGAN2's, or in its place"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """The numbers that a configuration has a name for (StyleGAN2-ADA paper, table of appendix C)."""

    batch: int
    mbstd_group_size: int
    channel_factor: float
    """channel_base as a share of 32768"""
    learning_rate: float
    gamma: float
    ema_kimg: float
    ema_rampup: float | None = None
    mapping_layers: int = 8
    path_length_weight: float = 2.0
    style_mixing_probability: float = 0.9
    d_architecture: str = "resnet"
    features: str = "none"
    """one of FEATURES"""
    judge: str = "none"
    """the network that finds the best snapshot"""
    controller: AdaConfig = field(default_factory=AdaConfig)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What a person wants otherwise than the preset has it; None where nothing."""

    batch: int | None = None
    channel_base: int | None = None
    channel_max: int | None = None
    latent_dim: int | None = None
    gamma: float | None = None
    learning_rate: float | None = None
    freeze_layers: int | None = None
    features: str | None = None
    """the discriminator on frozen features: one of FEATURES"""
    feature_resolution: int | None = None
    judge: str | None = None
    """the network that finds the best snapshot, or 'none'"""
    augment: str | None = None
    augment_set: str | None = None
    lecam_weight: float | None = None
    path_length_weight: float | None = None
    style_mixing: float | None = None


def auto(resolution: int, batch: int | None) -> Preset:
    """StyleGAN2-ADA's `auto` on one device: R1 grows with the picture's area and falls with the batch; the average
    of G has a half-life of 10 kimg at a batch of 32."""
    batch = max(min(4096 // resolution, 32), 1) if batch is None else batch
    return Preset(
        batch=batch,
        mbstd_group_size=min(batch, 4),
        channel_factor=1.0 if resolution >= 512 else 0.5,
        learning_rate=0.002 if resolution >= 1024 else 0.0025,
        gamma=0.0002 * resolution**2 / batch,
        ema_kimg=batch * 10 / 32,
        ema_rampup=0.05,
        mapping_layers=2,
    )


def fewshot(resolution: int, batch: int | None) -> Preset:
    """For a few hundred to a few thousand pictures: `auto` with a second discriminator on frozen features, which need
    not learn what a picture is; ADA that works from the first step, five times as fast, and never so strong that it
    leaks into the samples; and the best snapshot is kept, since such runs get worse again. Chosen by a comparison of
    the same minutes (docs/log.md), in which LeCam made the samples worse.
    """
    return replace(
        auto(resolution, batch),
        features="beside",
        judge="squeezenet",
        controller=AdaConfig(kimg=100.0, p_initial=0.2, p_max=0.8),
    )


def usual_configuration(picture_count: int) -> str:
    """The name of the configuration for a set of so many pictures, where a person names none."""
    return "fewshot" if picture_count < FEWSHOT_PICTURES else "auto"


def _fixed(preset: Preset) -> Callable[[int, int | None], Preset]:
    return lambda resolution, batch: preset


PRESETS: dict[str, Callable[[int, int | None], Preset]] = {
    "auto": auto,
    "fewshot": fewshot,
    "stylegan2": _fixed(
        Preset(batch=32, mbstd_group_size=4, channel_factor=1, learning_rate=0.002, gamma=10, ema_kimg=10)
    ),
    "paper256": _fixed(
        Preset(batch=64, mbstd_group_size=8, channel_factor=0.5, learning_rate=0.0025, gamma=1, ema_kimg=20)
    ),
    "paper512": _fixed(
        Preset(batch=64, mbstd_group_size=8, channel_factor=1, learning_rate=0.0025, gamma=0.5, ema_kimg=20)
    ),
    "paper1024": _fixed(
        Preset(batch=32, mbstd_group_size=4, channel_factor=1, learning_rate=0.002, gamma=2, ema_kimg=10)
    ),
    "cifar": _fixed(
        Preset(
            batch=64,
            mbstd_group_size=32,
            channel_factor=1,
            learning_rate=0.0025,
            gamma=0.01,
            ema_kimg=500,
            ema_rampup=0.05,
            mapping_layers=2,
            path_length_weight=0.0,
            style_mixing_probability=0.0,
            d_architecture="orig",
        )
    ),
}
"""name -> (resolution, batch or None) -> numbers"""


def train_config(
    name: str,
    data: DataConfig,
    overrides: Overrides,
    *,
    device: str,
    schedule: ScheduleConfig,
    seed: int,
    precision: str,
    c_dim: int = 0,
) -> TrainConfig:
    """The configuration of that name for these pictures. Raises ConfigError if there is none.

    `auto` and `fewshot` on a CPU have a quarter of the width: the full one would need days for the smallest model.
    """
    if name not in PRESETS:
        raise ConfigError(f"no configuration {name!r}: use {', '.join(PRESETS)}")
    preset = PRESETS[name](data.resolution, overrides.batch)
    batch = overrides.batch or preset.batch
    narrow = name in ("auto", "fewshot") and device == "cpu"
    generator = _generator(preset, overrides, data.resolution, c_dim, narrow=narrow)
    return TrainConfig(
        data=data,
        generator=generator,
        discriminator=DiscriminatorConfig(
            c_dim=c_dim,
            img_resolution=data.resolution,
            architecture=preset.d_architecture,
            channel_base=generator.channel_base,
            channel_max=generator.channel_max,
            num_fp16_res=generator.num_fp16_res,
            freeze_layers=overrides.freeze_layers or 0,
            mbstd_group_size=min(batch, preset.mbstd_group_size),
        ),
        loss=LossConfig(
            learning_rate=_either(overrides.learning_rate, preset.learning_rate),
            gamma=_either(overrides.gamma, preset.gamma),
            path_length_weight=_either(overrides.path_length_weight, preset.path_length_weight),
            style_mixing_probability=_either(overrides.style_mixing, preset.style_mixing_probability),
            lecam_weight=overrides.lecam_weight or 0.0,
        ),
        augmentation=AugmentationConfig(
            kind=overrides.augment or "ada",
            ada_pipeline=AugmentConfig.named(overrides.augment_set or "bgc"),
            controller=preset.controller,
        ),
        features=_features(overrides, preset),
        judge=_judge(overrides, preset),
        ema=EmaConfig(ema_kimg=preset.ema_kimg, rampup=preset.ema_rampup),
        schedule=schedule,
        batch=batch,
        seed=seed,
        precision=precision,
    )


def _generator(preset: Preset, overrides: Overrides, resolution: int, c_dim: int, *, narrow: bool) -> GeneratorConfig:
    usual_base = CPU_CHANNEL_BASE if narrow else int(FULL_CHANNEL_BASE * preset.channel_factor)
    latent_dim = overrides.latent_dim or (CPU_LATENT_DIM if narrow else 512)
    return GeneratorConfig(
        z_dim=latent_dim,
        w_dim=latent_dim,
        c_dim=c_dim,
        img_resolution=resolution,
        mapping_layers=preset.mapping_layers,
        w_avg_beta=0.995,
        channel_base=overrides.channel_base or usual_base,
        channel_max=overrides.channel_max or (CPU_CHANNEL_MAX if narrow else 512),
        num_fp16_res=4,
    )


def _features(overrides: Overrides, preset: Preset) -> FeatureConfig | None:
    chosen = overrides.features or preset.features
    if chosen not in FEATURES:
        raise ConfigError(f"no way to use features is called {chosen!r}: use {', '.join(FEATURES)}")
    if chosen == "none":
        return None
    resolution = overrides.feature_resolution or FeatureConfig().resolution
    return FeatureConfig(resolution=resolution, alone=chosen == "alone")


def _judge(overrides: Overrides, preset: Preset) -> JudgeConfig | None:
    chosen = overrides.judge or preset.judge
    return None if chosen == "none" else JudgeConfig(network=chosen)


def _either(asked: float | None, usual: float) -> float:
    return usual if asked is None else asked

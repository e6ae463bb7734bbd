"""In which type the highest resolutions are trained on a device, and what that asks of the networks."""

from __future__ import annotations

from dataclasses import replace

import torch

from engine.errors import ConfigError
from engine.training.config import TrainConfig

FP16_CLAMP = 256.0
"""bound on activations in fp16, times a layer's gain: float16 ends at 65504 (StyleGAN2-ADA's code, conv_clamp)"""
TENSOR_CORES = (7, 0)
"""compute capability from which fp16 is faster than float32"""


def low_precision(precision: str, device: str, *, clamped: bool) -> torch.dtype | None:
    """The type of the config's num_fp16_res highest resolutions; None for float32 throughout.

    clamped: whether the networks bound their activations, without which 'auto' takes no fp16. bfloat16 has float32's
    range and needs no bound. Raises ConfigError for a type that the device does not have.
    """
    if precision == "float32":
        return None
    if precision == "fp16":
        return _fp16(device)
    if precision == "bf16":
        return _bf16(device)
    if device == "cpu":
        return torch.bfloat16 if cpu_is_fast_in_bf16() else None
    if device != "cuda":
        return None
    if torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    return torch.float16 if clamped and torch.cuda.get_device_capability() >= TENSOR_CORES else None


def with_clamp(config: TrainConfig, device: str) -> TrainConfig:
    """The configuration for this device: networks that will train in fp16 bound their activations, from the start."""
    if low_precision(config.precision, device, clamped=True) is not torch.float16:
        return config
    return replace(
        config,
        generator=replace(config.generator, conv_clamp=FP16_CLAMP),
        discriminator=replace(config.discriminator, conv_clamp=FP16_CLAMP),
    )


def is_clamped(config: TrainConfig) -> bool:
    """Whether both networks bound their activations."""
    return config.generator.conv_clamp is not None and config.discriminator.conv_clamp is not None


def cpu_is_fast_in_bf16() -> bool:
    """Whether this CPU multiplies bfloat16 natively (AVX-512 BF16 or AMX); elsewhere it is emulated and slow."""
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(bool(getattr(torch.cpu, name)()) for name in checks if hasattr(torch.cpu, name))


def remark(precision: str, device: str) -> str | None:
    """What a person should know of their choice; None for nothing."""
    if precision == "bf16" and device == "cpu" and not cpu_is_fast_in_bf16():
        return "This CPU has no bf16 of its own and imitates it, slower than float32: leave --precision out"
    return None


def _fp16(device: str) -> torch.dtype:
    if device != "cuda":
        raise ConfigError(
            f"fp16 trains on CUDA alone, not on {device}: use --precision auto, which takes what is fast here"
        )
    return torch.float16


def _bf16(device: str) -> torch.dtype:
    if device == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False):
        raise ConfigError(
            f"{torch.cuda.get_device_name()} has no bf16: use --precision fp16, or auto, which takes what is fast here"
        )
    return torch.bfloat16

"""Which number type the layers are computed in, on which device and at which resolution."""

from __future__ import annotations

from collections.abc import Callable

import torch

from engine.errors import ConfigError
from engine.networks.config import GeneratorConfig

PRECISIONS = ("auto", "float32", "bf16", "fp16")
SMALL_LAYER = 50_000_000
"""multiplications; layers of fewer stay in float32, which costs them next to nothing: small models are exact"""

DTYPES = {"float32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def pick_precision(precision: str, device: str) -> str:
    """'float32', 'bf16' or 'fp16'; 'auto' takes the fastest that the device has natively.

    Raises ConfigError for a name that does not exist, and for fp16 on a CPU, which is slower there than float32 by far.
    """
    if precision not in PRECISIONS:
        raise ConfigError(f"no precision {precision!r}: use {', '.join(PRECISIONS)}")
    if device == "cpu" and precision == "fp16":
        raise ConfigError("fp16 is very slow on a CPU: use --precision bf16, float32 or auto")
    if precision != "auto":
        return precision
    if device == "cuda":
        return "fp16"
    return "bf16" if device == "cpu" and has_native_bf16() else "float32"


def has_native_bf16() -> bool:
    """Whether this CPU multiplies bf16 itself (AVX512-BF16 or AMX); where that cannot be told, False."""
    probes: tuple[Callable[[], bool] | None, ...] = (
        getattr(torch.cpu, "_is_avx512_bf16_supported", None),
        getattr(torch.cpu, "_is_amx_tile_supported", None),
    )
    return any(probe is not None and probe() for probe in probes)


def dtype_at(resolution: int, config: GeneratorConfig, precision: str) -> torch.dtype:
    """The type of the activations and weights of the block at this resolution."""
    work = 9 * (config.channels(resolution) * resolution) ** 2
    return DTYPES[precision] if work >= SMALL_LAYER else torch.float32

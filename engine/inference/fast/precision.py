"""Which number type the layers are computed in, on which device and at which resolution."""

from __future__ import annotations

from collections.abc import Callable

import torch

from engine.errors import ConfigError

PRECISIONS = ("auto", "float32", "bf16", "fp16")
LOW_PRECISION_ABOVE = 32
"""pixels; the layers up to here stay in float32, which costs little and is worth 4 to 6 dB"""

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


def dtype_at(resolution: int, precision: str) -> torch.dtype:
    """The type of the activations and weights at this resolution."""
    return DTYPES[precision] if resolution > LOW_PRECISION_ABOVE else torch.float32

"""In which type the highest resolutions are trained on a device."""

from __future__ import annotations

import torch


def cpu_is_fast_in_bf16() -> bool:
    """Whether this CPU multiplies bfloat16 natively (AVX-512 BF16 or AMX); elsewhere it is emulated and slow."""
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(bool(getattr(torch.cpu, name)()) for name in checks if hasattr(torch.cpu, name))


def low_precision(precision: str, device: str) -> torch.dtype | None:
    """The type of the config's num_fp16_res highest resolutions; None for float32 throughout.

    bfloat16 has float32's range, so activations need no clamp.
    """
    if precision == "float32":
        return None
    if precision == "bf16":
        return torch.bfloat16
    if device == "cpu":
        return torch.bfloat16 if cpu_is_fast_in_bf16() else None
    if device == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else None
    return None

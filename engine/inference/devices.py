"""Which device computes. Knows nothing of models."""

from __future__ import annotations

import torch

from engine.errors import ConfigError

DEVICES = ("auto", "cpu", "cuda", "mps")


def pick_device(device: str) -> str:
    """'cpu', 'cuda' or 'mps'; 'auto' takes the fastest there is. Raises ConfigError if the one asked for is missing."""
    if device not in DEVICES:
        raise ConfigError(f"no device {device!r}: use {', '.join(DEVICES)}")
    present = available_devices()
    if device == "auto":
        return present[0]
    if device not in present:
        raise ConfigError(f"this computer has no {device} device that torch can use: use auto or {', '.join(present)}")
    return device


def available_devices() -> tuple[str, ...]:
    """Of 'cuda', 'mps' and 'cpu' those that this computer has, the fastest first."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    return tuple(device for device, is_there in there.items() if is_there)


_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether torch or Python ran out of memory; on a CPU and on MPS torch has no class of its own for that."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _OUT_OF_MEMORY)

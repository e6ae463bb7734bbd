"""Options that several kinds of files only imply: widths from the weights' shapes, the taps from the stored filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.formats.config_reading import MAX_TAPS
from engine.formats.refusals import DamagedFileError, UnsupportedModelError
from engine.formats.stored_model import TensorSource
from engine.networks.config import MAX_RESOLUTION

DEFAULT_CHANNEL_BASE: Final = 32768
DEFAULT_CHANNEL_MAX: Final = 512


def block_resolutions(name: str, resolution: Any, lowest: int) -> list[int]:
    """Resolutions of a network's blocks from the lowest up to the picture's. Raises ModelFileError if none fit."""
    if type(resolution) is not int or not 8 <= resolution <= MAX_RESOLUTION or resolution & (resolution - 1):
        shown = resolution if type(resolution) is int and abs(resolution) < 10**12 else "an unknown number of"
        raise UnsupportedModelError(
            f"{name} is for pictures of {shown} pixels, not of a power of two from 8 to {MAX_RESOLUTION}"
        )
    return [2**i for i in range(lowest.bit_length() - 1, resolution.bit_length())]


def channel_limits(
    name: str, widths: Sequence[int], resolutions: Sequence[int], told: tuple[Any, Any]
) -> tuple[int, int]:
    """(channel_base, channel_max): as the file tells them, if that explains the widths, else inferred."""
    inferred = (widths[-1] * resolutions[-1], max(widths))
    for base, most in (told, inferred):
        plain = type(base) is int and type(most) is int
        if plain and all(min(base // r, most) == width for r, width in zip(resolutions, widths, strict=True)):
            return base, most
    raise UnsupportedModelError(f"{name} has widths that no channel_base and channel_max explain")


def filter_taps(stored: Sequence[TensorSource]) -> tuple[float, ...]:
    """The taps of the separable filter that all of these are, times whatever factor."""
    if not stored:
        raise UnsupportedModelError("its blocks have no resample_filter")
    shape = stored[0].shape
    if len(shape) not in (1, 2) or not all(1 <= size <= MAX_TAPS for size in shape):
        raise UnsupportedModelError(f"it resamples with a filter of {len(shape)} axes or more than {MAX_TAPS} taps")
    if any(other.shape != shape for other in stored):
        raise UnsupportedModelError("its blocks resample with different filters")
    first, *others = [tensor.read() for tensor in stored]
    if any(not np.array_equal(other, first) for other in others):
        raise UnsupportedModelError("its blocks resample with different filters")
    if not np.isfinite(first).all() or first.sum() < 1e-3:
        raise DamagedFileError("it resamples with a filter that does not sum to 1")
    taps = first if first.ndim == 1 else first.sum(axis=0)
    if first.ndim == 2 and not np.allclose(np.outer(taps, taps), first * first.sum(), atol=1e-6):
        raise UnsupportedModelError("it resamples with a filter that is not separable")
    return _whole(taps)


def _whole(taps: npt.NDArray[np.float32]) -> tuple[float, ...]:
    """The same filter in small whole numbers where that is exact to float32: (1, 3, 3, 1) rather than eighths."""
    smallest = np.abs(taps[taps != 0]).min()
    for multiple in range(1, 17):
        scaled = taps / smallest * multiple
        if np.allclose(scaled, np.round(scaled), atol=1e-5):
            return tuple(float(tap) for tap in np.round(scaled))
    return tuple(float(tap) for tap in taps)

"""Whether convolutions make pictures or look at them, told by their shapes alone.

A generator without styles (a DCGAN) ends in a kernel with as many outputs as a picture has channels, and normalises by
batch; a classifier or a discriminator begins with one that has as many inputs. Knows nothing of names' meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

CHANNELS: Final = frozenset({1, 3, 4})
FEWEST_KERNELS: Final = 2
Entries = Sequence[tuple[str, tuple[int, ...]]]
"""the name and shape of each tensor of a network, in its order"""


def kind_by_shape(entries: Entries) -> str | None:
    """'generator', 'looks', or None."""
    kernels = [shape for _, shape in entries if len(shape) == 4 and shape[2] == shape[3] and shape[2] > 1]
    if len(kernels) < FEWEST_KERNELS or any("style" in name.lower() for name, _ in entries):
        return None
    first, last = kernels[0], kernels[-1]
    by_batch = any(name.endswith("running_mean") for name, _ in entries)
    # Kernels are [out, in, k, k], those of transposed convolutions [in, out, k, k]: either axis may be the picture's.
    if by_batch and not CHANNELS & set(first[:2]) and CHANNELS & set(last[:2]):
        return "generator"
    ends_in_one_number = last[0] == 1  # a discriminator's verdict
    if first[1] in CHANNELS and first[0] not in CHANNELS and (ends_in_one_number or not CHANNELS & set(last[:2])):
        return "looks"
    return None

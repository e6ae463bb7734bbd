"""What files of StyleGAN3 only imply, and whether what they tell fits together: widths by layer name, filters by their
taps. Knows nothing of how the files are laid out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from torch import Tensor

from engine.formats.refusals import UnsupportedModelError
from engine.formats.stored_model import TensorSource
from engine.networks.stylegan3_config import LayerPlan, StyleGAN3Config
from engine.networks.stylegan3_synthesis import down_filter, up_filter

COMMON_BASES: Final = (32768, 65536, 16384, 8192, 131072, 4096, 2048, 1024)
LAYER_NAME: Final = re.compile(r"L(\d{1,3})_(\d{1,5})_(\d{1,5})")
MAX_TAP_ERROR: Final = 1e-4
FILTERS: Final[Mapping[str, Callable[[LayerPlan], Tensor | None]]] = {
    "up_filter": up_filter,
    "down_filter": down_filter,
}


def with_widths(config: StyleGAN3Config, names: Sequence[str]) -> StyleGAN3Config:
    """The configuration, or the same with another channel_base and channel_max, whose layers have exactly these names.

    A name is the layer's number, size and channels. Raises ModelFileError if no widths explain them.
    """
    candidates = [config]
    matches = [LAYER_NAME.fullmatch(name) for name in names]
    if len(matches) == config.num_layers + 1 and all(matches):
        widths = [int(match[3]) for match in matches[:-1] if match is not None]
        candidates += [replace(config, channel_base=base, channel_max=max(widths)) for base in _bases(config, widths)]
    for candidate in candidates:
        if [plan.name for plan in candidate.layers()] == list(names):
            return candidate
    shown = ", ".join(str(name)[:40] for name in names[:4])
    raise UnsupportedModelError(f"it has the layers {shown}, ..., which no widths and rates of StyleGAN3 explain")


def _bases(config: StyleGAN3Config, widths: Sequence[int]) -> list[int]:
    """Whole numbers that could be the channel_base; a common one first."""
    cutoffs = [band.cutoff for band in config.bands()]
    narrow = [(width, cutoff) for width, cutoff in zip(widths, cutoffs, strict=False) if width < max(widths)]
    wide = [cutoff for width, cutoff in zip(widths, cutoffs, strict=False) if width == max(widths)]
    low = max([(width - 0.5) * 2 * cutoff for width, cutoff in narrow] + [max(widths) * 2 * max(wide, default=1.0)])
    high = min([(width + 0.5) * 2 * cutoff for width, cutoff in narrow], default=math.inf)
    own = math.ceil(low) if math.isfinite(low) else 1
    return [base for base in COMMON_BASES if low - 1 <= base <= high + 1] + [own, own + 1]


def check_filters(config: StyleGAN3Config, tensors: Mapping[str, TensorSource]) -> None:
    """Raises ModelFileError if a filter that the file keeps is not the one that its options make."""
    for plan in config.layers():
        for key, design in FILTERS.items():
            stored = tensors.get(f"synthesis.{plan.name}.{key}")
            if stored is None:
                continue
            expected = design(plan)
            if expected is None or stored.shape != tuple(expected.shape):
                raise UnsupportedModelError(f"synthesis.{plan.name} has a {key} of another size than its options make")
            if not np.allclose(stored.read(), expected.numpy(), atol=MAX_TAP_ERROR):
                raise UnsupportedModelError(f"synthesis.{plan.name} has another {key} than its options make")


def without_filters(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """The tensors that the network keeps; filters follow from the options."""
    return {name: tensor for name, tensor in tensors.items() if name.rpartition(".")[2] not in FILTERS}

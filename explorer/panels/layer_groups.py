"""The layers of a generator as people speak of them: coarse, middle, fine. Knows neither widgets nor pygame."""

from __future__ import annotations

from dataclasses import dataclass

_FIRST_LAYERS = (("Coarse", 0), ("Middle", 4), ("Fine", 8))
"""StyleGAN paper, section 3.1: 4 and 8 pixels, 16 and 32 pixels, all above"""


GROUP_NAMES = tuple(name for name, _ in _FIRST_LAYERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerGroup:
    """Neighbouring layers under one name."""

    name: str
    layers: tuple[int, ...]


def layer_groups(num_ws: int) -> tuple[LayerGroup, ...]:
    """The groups that a generator of num_ws layers has; a small one has no fine layers."""
    firsts = [first for _, first in _FIRST_LAYERS] + [num_ws]
    groups = []
    for index, (name, first) in enumerate(_FIRST_LAYERS):
        layers = tuple(range(first, min(firsts[index + 1], num_ws) if index < 2 else num_ws))
        if layers:
            groups.append(LayerGroup(name=name, layers=layers))
    return tuple(groups)


def layer_resolution(layer: int, img_resolution: int) -> int:
    """Pixels across of the feature maps that a layer's w modulates; the last w only colours the full picture."""
    return min(4 * 2 ** ((layer + 1) // 2), img_resolution)

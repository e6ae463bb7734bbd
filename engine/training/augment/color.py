"""Changes the colours of pictures: the category color (StyleGAN2-ADA paper, appendix B).

All operations on a picture become one matrix on (red, green, blue, 1), in the range where black is -1 and white is 1.
Grey pictures get what happens to the mean of the three channels; alpha stays as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from engine.training.augment.config import AugmentConfig
from engine.training.augment.draws import Draws
from engine.training.augment.selection import change_chosen

LUMA_AXIS = torch.full((3,), 1 / math.sqrt(3), dtype=torch.float64)
"""The direction from black to white."""


def draw_colours(config: AugmentConfig, draws: Draws) -> tuple[Tensor, Tensor]:
    """The matrix of each picture, float64 [N, 3, 4], and whether anything happens to it, bool [N]; on the CPU."""
    steps: dict[str, Callable[[], Tensor]] = {
        "brightness": lambda: brightness(draws.normal(config.brightness_std)),
        "contrast": lambda: contrast(draws.octaves(config.contrast_std)),
        "lumaflip": lambda: lumaflip(draws.integers(2)),
        "hue": lambda: hue(draws.uniform(-math.pi, math.pi) * config.hue_max),
        "saturation": lambda: saturation(draws.octaves(config.saturation_std)),
    }
    matrices = torch.eye(4, dtype=torch.float64).repeat(draws.count, 1, 1)
    changed = torch.zeros(draws.count, dtype=torch.bool)
    for name, draw in steps.items():
        if name in config.operations:
            matrix, happens = draw(), draws.happens()
            matrices = torch.where(happens[:, None, None], matrix @ matrices, matrices)
            changed |= happens
    return matrices[:, :3], changed


def brightness(offset: Tensor) -> Tensor:
    """Adds to every channel: [N] -> [N, 4, 4]."""
    matrices = torch.eye(4, dtype=torch.float64).repeat(len(offset), 1, 1)
    matrices[:, :3, 3] = offset[:, None]
    return matrices


def contrast(factor: Tensor) -> Tensor:
    """Multiplies every channel: [N] -> [N, 4, 4]."""
    return _on_rgb(factor[:, None, None] * torch.eye(3, dtype=torch.float64))


def lumaflip(flips: Tensor) -> Tensor:
    """Mirrors light and dark where flips [N] is 1 and keeps hue and saturation: [N, 4, 4]."""
    return _on_rgb(torch.eye(3, dtype=torch.float64) - 2 * flips[:, None, None] * LUMA_AXIS.outer(LUMA_AXIS))


def hue(angle: Tensor) -> Tensor:
    """Turns around the luma axis, in radians (Rodrigues' formula): [N] -> [N, 4, 4]."""
    onto_axis = LUMA_AXIS.outer(LUMA_AXIS)
    x, y, z = LUMA_AXIS.tolist()
    cross = torch.tensor([[0, -z, y], [z, 0, -x], [-y, x, 0]], dtype=torch.float64)
    cos, sin = torch.cos(angle)[:, None, None], torch.sin(angle)[:, None, None]
    return _on_rgb(cos * torch.eye(3, dtype=torch.float64) + sin * cross + (1 - cos) * onto_axis)


def saturation(factor: Tensor) -> Tensor:
    """Multiplies the distance from the luma axis: [N] -> [N, 4, 4]."""
    onto_axis = LUMA_AXIS.outer(LUMA_AXIS)
    return _on_rgb(onto_axis + factor[:, None, None] * (torch.eye(3, dtype=torch.float64) - onto_axis))


def _on_rgb(linear: Tensor) -> Tensor:
    matrices = torch.eye(4, dtype=torch.float64).repeat(len(linear), 1, 1)
    matrices[:, :3, :3] = linear
    return matrices


def colour(images: Tensor, matrices: Tensor, changed: Tensor) -> Tensor:
    """images [N, 1, 3 or 4, H, W] through matrices [N, 3, 4] where changed [N]."""
    chosen = matrices[changed].to(device=images.device, dtype=images.dtype)
    return change_chosen(images, changed, lambda some: _apply(some, chosen))


def _apply(images: Tensor, matrices: Tensor) -> Tensor:
    linear, offset = matrices[:, :, :3], matrices[:, :, 3:]
    if images.shape[1] == 1:
        # The mean of what becomes of (grey, grey, grey).
        gain = linear.sum(dim=2).mean(dim=1)
        return images * gain[:, None, None, None] + offset.mean(dim=1)[:, :, None, None]
    rgb = images[:, :3]
    coloured = (linear @ rgb.flatten(2) + offset).reshape(rgb.shape)
    return coloured if images.shape[1] == 3 else torch.cat([coloured, images[:, 3:]], dim=1)

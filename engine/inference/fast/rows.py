"""Strips of rows of an activation that lies channels last: what works on one finds it in the core's cache.

Knows nothing of convolutions.
"""

from __future__ import annotations

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.inference.fast.team import share

STRIP_BYTES = 4 * 2**20
"""of output; about what the second-level caches of two cores hold, and enough to be worth the calls"""
LEAST_STRIP_BYTES = 2**20
"""smaller strips are not worth the calls"""
LEAST_STRIPS = 4
"""of layers big enough, so that threads have something to share; how many threads there are makes no difference"""


def strip_count(out_bytes: int, least_bytes: int = 0) -> int:
    """Into how many strips a layer's output is divided, each no smaller than `least_bytes` if that is given."""
    count = max(-(-out_bytes // STRIP_BYTES), min(LEAST_STRIPS, out_bytes // LEAST_STRIP_BYTES), 1)
    if least_bytes == 0 or count * least_bytes <= out_bytes:
        return count
    return 1 << max(1, out_bytes // least_bytes).bit_length() - 1  # a power of two: strips of the same size


def row_strips(out: Tensor, least_bytes: int = 0) -> list[tuple[int, int]]:
    """(first row, row behind the last) of each strip; an even number of rows, the first strip has the most."""
    size = out.shape[2]
    rows = -(-size // strip_count(out.nbytes, least_bytes) // 2) * 2
    return [(top, min(top + rows, size)) for top in range(0, size, rows)]


def scaled(x: Tensor, factors: Tensor) -> Tensor:
    """x times one factor for each channel, channels last, new."""
    out = torch.empty_like(x, memory_format=torch.channels_last)
    share([partial(torch.mul, x[:, :, a:b], factors[:, None, None], out=out[:, :, a:b]) for a, b in row_strips(out)])
    return out


def with_halo(x: Tensor, first: int, end: int) -> Tensor:
    """Rows first to end - 1 of x, and zeros where it has none."""
    inside = x[:, :, max(first, 0) : min(end, x.shape[2])]
    above, below = max(-first, 0), max(end - x.shape[2], 0)
    return inside if above == below == 0 else F.pad(inside, (0, 0, above, below))


def convolved_rows(x: Tensor, weight: Tensor, bias: Tensor | None, strip: tuple[int, int]) -> Tensor:
    """Rows top to bottom - 1 of a 'same' 3x3 convolution, [1, O, bottom - top, w]; no strip is copied for its edge."""
    top, bottom = strip
    if top > 0 and bottom < x.shape[2]:
        return F.conv2d(x[:, :, top - 1 : bottom + 1], weight, bias, padding=(0, 1))
    first = max(top - 1, 0)
    y = F.conv2d(x[:, :, first : bottom + 1], weight, bias, padding=1)  # at the inner edge a row too many, and wrong
    return y[:, :, top - first : bottom - first]


def channels_last(like: Tensor, channels: int, height: int, width: int) -> Tensor:
    """A new [1, channels, height, width] of the same type, not filled."""
    return like.new_empty((1, height, width, channels)).permute(0, 3, 1, 2)


def side_by_side(y: Tensor) -> Tensor:
    """[1, 2 O, h, w] -> [1, O, h, 2 w]: even columns are the first O channels. Channels last, the memory stays."""
    rows = y.permute(0, 2, 3, 1)
    return rows.reshape(1, rows.shape[1], 2 * rows.shape[2], rows.shape[3] // 2).permute(0, 3, 1, 2)


def as_rows(img: Tensor) -> Tensor:
    """[1, C, h, w] -> [h, w C]. Channels last, the memory stays."""
    return img.permute(0, 2, 3, 1).reshape(img.shape[2], -1)

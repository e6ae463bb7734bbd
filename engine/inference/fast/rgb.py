"""Features to colour, and the sum of the colours of all resolutions. Knows nothing of the order of the layers."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.inference.fast.affine import Affine
from engine.inference.fast.rows import as_rows, channels_last, row_strips
from engine.inference.fast.upsampling import PictureUpsampler
from engine.networks.synthesis import ToRGBLayer


class FastToRGB:
    """Modulated, not demodulated, 1x1 (StyleGAN2 paper, section 4); the up-sampled picture so far is added."""

    def __init__(self, layer: ToRGBLayer, resolution: int, upsample: PictureUpsampler, dtype: torch.dtype) -> None:
        self._affine = Affine(layer.affine, layer.weight_gain)
        self._weight = layer.weight.detach().float()
        self._bias = layer.bias.detach().float().repeat(resolution)  # of a whole row: such passes are fast
        self._clamp = layer.conv_clamp
        self._upsample = upsample
        self._dtype = dtype

    def __call__(self, x: Tensor, w: Tensor, img: Tensor | None) -> Tensor:
        """x: [1, I, r, r], w: [w_dim], img: [1, C, r/2, r/2] or None -> float32 [1, C, r, r], new, channels last."""
        weight = (self._weight * self._affine(w)[:, None, None]).to(self._dtype)
        out = channels_last(self._bias, len(weight), *x.shape[2:])
        rows = as_rows(out)
        even_odd = () if img is None else self._upsample(img)
        for top, bottom in _strips(x):
            rgb = F.conv2d(x[:, :, top:bottom].to(self._dtype), weight)
            strip = rows[top:bottom].copy_(as_rows(rgb)).add_(self._bias)
            if self._clamp is not None:
                strip.clamp_(-self._clamp, self._clamp)
            for phase, below in enumerate(even_odd):
                strip[phase::2].add_(below[top // 2 : bottom // 2])
        return out


def _strips(x: Tensor) -> list[tuple[int, int]]:
    return row_strips(x) if x.device.type == "cpu" else [(0, x.shape[2])]

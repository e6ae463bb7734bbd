"""Features to colour, and the sum of the colours of all resolutions. Knows nothing of the order of the layers."""

from __future__ import annotations

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.inference.fast.affine import Affine
from engine.inference.fast.rows import as_rows, channels_last, row_strips
from engine.inference.fast.team import share
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

    def modulation(self, w: Tensor) -> Tensor:
        """w: [w_dim] -> the modulated weight."""
        return (self._weight * self._affine(w)[:, None, None]).to(self._dtype)

    def __call__(self, x: Tensor, weight: Tensor, img: Tensor | None) -> Tensor:
        """x: [1, I, r, r], weight: modulated, img: [1, C, r/2, r/2] or None -> float32 [1, C, r, r], channels last."""
        out = channels_last(self._bias, len(weight), *x.shape[2:])
        rows = as_rows(out)

        def make(top: int, bottom: int) -> None:
            rgb = F.conv2d(x[:, :, top:bottom].to(self._dtype), weight)
            strip = rows[top:bottom].copy_(as_rows(rgb)).add_(self._bias)
            if self._clamp is not None:
                strip.clamp_(-self._clamp, self._clamp)
            if img is not None:
                for phase, below in enumerate(self._upsample(img, top // 2, bottom // 2)):
                    strip[phase::2].add_(below)

        share([partial(make, *strip) for strip in _strips(x)])
        return out


def _strips(x: Tensor) -> list[tuple[int, int]]:
    return row_strips(x) if x.device.type == "cpu" else [(0, x.shape[2])]

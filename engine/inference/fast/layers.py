"""The layers of the synthesis, prepared for single pictures: the same functions as in `engine.networks`, less work.

Gains are folded into styles, biases and noise; weights are converted and laid out once. Styles and demodulation go
into the weights where those are smaller than the activations, else onto the activations. Knows nothing of the order
of the layers.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.inference.fast.affine import Affine
from engine.inference.fast.finish import Finish
from engine.inference.fast.folded import FoldedUpConvolution
from engine.inference.fast.modulation import Modulation
from engine.inference.fast.strips import (
    FIR_TAPS,
    StripConvolution,
    StripTransposedConvolution,
    StripUpConvolution,
    pieces_of,
)
from engine.inference.fast.whole import WholeConvolution, WholeUpConvolution
from engine.networks.layers import EPSILON, Conv2dLayer
from engine.networks.ops.bias_act import ACTIVATION_GAIN
from engine.networks.ops.upfirdn2d import upsample2d
from engine.networks.synthesis import SynthesisLayer

FOLDING_WORK = 4
"""what a weight costs that is modulated and converted to bf16, if an activation costs one"""
FEW_CHANNELS = 32
"""so many and fewer are up-sampled by `FoldedUpConvolution`"""


Convolution: TypeAlias = (
    WholeConvolution
    | WholeUpConvolution
    | StripConvolution
    | StripUpConvolution
    | StripTransposedConvolution
    | FoldedUpConvolution
)


class FastLayer:
    """Modulated convolution, noise, bias, activation, clamp (StyleGAN2 paper, figure 2c)."""

    def __init__(self, layer: SynthesisLayer, kernel: Tensor, dtype: torch.dtype, gain: float = 1.0) -> None:
        """kernel: the low-pass filter [h, w]; gain: on top of the activation's own."""
        weight = layer.weight.detach().float()
        outputs, inputs = weight.shape[:2]
        if dtype != torch.float32:  # a factor for each output cancels in the demodulation; unit length keeps in range
            weight = weight / weight.square().sum(dim=(1, 2, 3), keepdim=True).sqrt().clamp_min(EPSILON)
        self._gain = gain * ACTIVATION_GAIN[layer.activation]
        self._noise_gain = float(layer.noise_strength) * self._gain if layer.use_noise else 0.0
        self._dtype = dtype
        self._affine = Affine(layer.affine)
        self._energy = weight.square().sum(dim=(2, 3))  # [O, I]
        finish = Finish(
            bias=(layer.bias.detach() * self._gain).to(dtype),
            activation=layer.activation,
            clamp=None if layer.conv_clamp is None else layer.conv_clamp * gain,
        )
        pixels = (layer.resolution // 2 if layer.up else layer.resolution) ** 2
        work = FOLDING_WORK if dtype == torch.bfloat16 else 1
        self._folds = outputs * inputs * 9 * work < pixels * (inputs + outputs)
        self._convolve = _convolution(layer, finish, kernel, self._folds)
        weights = self._convolve.prepare(weight)
        self._weights = weights if self._folds else tuple(part.to(dtype) for part in weights)

    def prepare_noise(self, image: Tensor | None) -> Tensor | None:
        """[1, 1, r, r] times all gains, in this layer's type; None where it would change nothing."""
        if image is None or self._noise_gain == 0.0:
            return None
        return (image * self._noise_gain).to(self._dtype)

    def modulation(self, w: Tensor) -> Modulation:
        """w: [w_dim] -> all that this layer wants of it."""
        styles = self._affine(w)
        if self._dtype != torch.float32:
            styles = styles / styles.abs().amax().clamp_min(EPSILON)
        demodulation = (torch.mv(self._energy, styles.square()) + EPSILON).rsqrt() * self._gain  # [O]
        if self._folds:
            return Modulation(weights=self._folded(styles, demodulation))
        dtype = self._dtype
        return Modulation(weights=self._weights, styles=styles.to(dtype), scale=demodulation.to(dtype))

    def __call__(self, x: Tensor, modulation: Modulation, noise: Tensor | None) -> Tensor:
        """x: [1, I, h, h], modulation: of this layer, noise: as `prepare_noise` gives it -> a new [1, O, r, r]."""
        return self._convolve(x.to(self._dtype), modulation, noise)

    def _folded(self, styles: Tensor, demodulation: Tensor) -> tuple[Tensor, ...]:
        """The weights, modulated and demodulated; a prepared weight may have the outputs several times."""
        modulation = demodulation[:, None] * styles  # [O, I]
        times = self._weights[0].shape[0] // len(demodulation)
        modulation = modulation.repeat(times, 1)[:, :, None, None]
        return tuple((part * modulation).to(self._dtype) for part in self._weights)


def _convolution(layer: SynthesisLayer, finish: Finish, kernel: Tensor, folds: bool) -> Convolution:
    low = finish.bias.dtype == torch.bfloat16
    sizes = len(finish.bias) * layer.resolution**2, layer.weight.numel()
    strips, groups = pieces_of(*(size * finish.bias.itemsize for size in sizes))
    if finish.bias.device.type != "cpu" or (strips == groups == 1 and not low):
        return WholeUpConvolution(finish, kernel) if layer.up else WholeConvolution(finish)
    groups = 1 if folds else groups
    if not layer.up:
        return StripConvolution(finish, groups)
    if not low or kernel.shape != (FIR_TAPS, FIR_TAPS):
        return StripTransposedConvolution(finish, kernel, groups)
    if folds and len(finish.bias) <= FEW_CHANNELS:
        return FoldedUpConvolution(finish, kernel)
    return StripUpConvolution(finish, kernel, groups)


class FastSkip:
    """The 1x1 convolution that carries the 'resnet' architecture's features past a block, up-sampled."""

    def __init__(self, layer: Conv2dLayer, kernel: Tensor, dtype: torch.dtype) -> None:
        gain = layer.weight_gain * math.sqrt(0.5)
        self._weight = (layer.weight.detach() * gain).to(dtype)
        self._kernel = kernel
        self._dtype = dtype

    def __call__(self, x: Tensor) -> Tensor:
        """[1, I, r/2, r/2] -> [1, O, r, r]"""
        return upsample2d(F.conv2d(x.to(self._dtype), self._weight), self._kernel)

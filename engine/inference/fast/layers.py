"""The layers of the synthesis, prepared for single pictures: the same functions as in `engine.networks`, less work.

Gains are folded into styles, biases and noise; weights are converted and laid out once. Styles and demodulation go
into the weights where those are smaller than the activations, else onto the activations. Knows nothing of the order
of the layers.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.inference.fast.upsampling import UpConvolution
from engine.networks.layers import EPSILON, Conv2dLayer, FullyConnectedLayer
from engine.networks.ops.bias_act import ACTIVATION_GAIN, LRELU_SLOPE
from engine.networks.ops.upfirdn2d import upsample2d
from engine.networks.synthesis import SynthesisLayer, ToRGBLayer


class Affine:
    """w to styles, float32."""

    def __init__(self, layer: FullyConnectedLayer, gain: float = 1.0) -> None:
        self._weight = layer.weight * (layer.weight_gain * gain)
        self._bias = layer.bias * (layer.bias_gain * gain)

    def __call__(self, w: Tensor) -> Tensor:
        """[w_dim] -> [I]"""
        return torch.addmv(self._bias, self._weight, w)


class FastLayer:
    """Modulated convolution, noise, bias, activation, clamp (StyleGAN2 paper, figure 2c)."""

    def __init__(self, layer: SynthesisLayer, kernel: Tensor, dtype: torch.dtype, gain: float = 1.0) -> None:
        """kernel: the low-pass filter [h, w]; gain: on top of the activation's own."""
        total_gain = gain * ACTIVATION_GAIN[layer.activation]
        weight = layer.weight.detach().float()
        if dtype != torch.float32:  # a factor for each output cancels in the demodulation; unit length keeps in range
            weight = weight / weight.square().sum(dim=(1, 2, 3), keepdim=True).sqrt().clamp_min(EPSILON)
        self.resolution = layer.resolution
        self._dtype = dtype
        self._affine = Affine(layer.affine)
        self._gain = total_gain
        self._energy = weight.square().sum(dim=(2, 3))  # [O, I]
        self._bias = (layer.bias.detach() * total_gain).to(dtype)
        self._activation = layer.activation
        self._clamp = None if layer.conv_clamp is None else layer.conv_clamp * gain
        self._noise_gain = float(layer.noise_strength) * total_gain if layer.use_noise else 0.0
        pixels = (layer.resolution // 2 if layer.up else layer.resolution) ** 2
        outputs, inputs = weight.shape[:2]
        self._folds = outputs * inputs * 9 < pixels * (inputs + outputs)
        self._weight = weight.contiguous(memory_format=torch.channels_last)
        self._up = UpConvolution(kernel, outputs, dtype) if layer.up else None
        if not self._folds:
            self._weight = self._weight.to(dtype)

    def prepare_noise(self, image: Tensor | None) -> Tensor | None:
        """[1, 1, r, r] times all gains, in this layer's type; None where it would change nothing."""
        if image is None or self._noise_gain == 0.0:
            return None
        return (image * self._noise_gain).to(self._dtype)

    def __call__(self, x: Tensor, w: Tensor, noise: Tensor | None) -> Tensor:
        """x: [1, I, h, h], w: [w_dim], noise: as `prepare_noise` gives it -> a new tensor [1, O, r, r]."""
        x = x.to(self._dtype)
        styles = self._affine(w)
        if self._dtype != torch.float32:
            styles = styles / styles.abs().amax().clamp_min(EPSILON)
        demodulation = (torch.mv(self._energy, styles.square()) + EPSILON).rsqrt() * self._gain  # [O]
        if self._folds:
            weight = self._weight * (demodulation[:, None] * styles)[:, :, None, None]
            y = self._convolve(x, weight.to(self._dtype))
        else:
            y = self._convolve(x * styles.to(self._dtype)[:, None, None], self._weight)
            y.mul_(demodulation.to(self._dtype)[:, None, None])
        if noise is not None:
            y.add_(noise)
        y.add_(self._bias[:, None, None])
        return activate_(y, self._activation, self._clamp)

    def _convolve(self, x: Tensor, weight: Tensor) -> Tensor:
        if self._up is not None:
            return self._up(x, weight)
        return F.conv2d(x, weight, padding=1)


class FastToRGB:
    """Features to colour: modulated, not demodulated, 1x1 (StyleGAN2 paper, section 4)."""

    def __init__(self, layer: ToRGBLayer, dtype: torch.dtype) -> None:
        self._affine = Affine(layer.affine, layer.weight_gain)
        self._weight = layer.weight.detach().float()
        self._bias = layer.bias.detach().float()
        self._clamp = layer.conv_clamp
        self._dtype = dtype

    def __call__(self, x: Tensor, w: Tensor) -> Tensor:
        """x: [1, I, r, r], w: [w_dim] -> float32 [1, img_channels, r, r]."""
        weight = self._weight * self._affine(w)[:, None, None]
        rgb = F.conv2d(x.to(self._dtype), weight.to(self._dtype)).float()
        rgb = rgb + self._bias[:, None, None]
        return rgb if self._clamp is None else rgb.clamp_(-self._clamp, self._clamp)


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


def activate_(x: Tensor, activation: str, clamp: float | None) -> Tensor:
    """activation(x), bounded to +-clamp, in place."""
    if activation == "lrelu":
        F.leaky_relu_(x, LRELU_SLOPE)
    elif activation == "relu":
        F.relu_(x)
    return x if clamp is None else x.clamp_(-clamp, clamp)

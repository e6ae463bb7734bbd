"""The synthesis as it is usually written, for comparison: the benchmarks measure against it, nothing else uses it.

Every sample gets weights of its own, multiplied by its styles and demodulated (StyleGAN2 paper, section 2.2); one
grouped convolution applies them all. Up-sampling is a transposed convolution and then a FIR filter. float32, plain
memory layout, memory as it comes. Knows the 'skip' architecture only.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.networks.generator import Generator
from engine.networks.layers import FullyConnectedLayer
from engine.networks.synthesis import SynthesisLayer, ToRGBLayer

SLOPE = 0.2
EPSILON = 1e-8


def generate(G: Generator, z: Tensor) -> Tensor:
    """z: [N, z_dim] -> float32 pictures [N, img_channels, r, r], with the model's own noise."""
    ws = G.mapping(z)
    kernel = G.synthesis.resample_filter
    x = G.synthesis.blocks[0].const[None].repeat(len(z), 1, 1, 1)
    img: Tensor | None = None
    row = 0
    for block in G.synthesis.blocks:
        for layer in block.layers:
            x = _layer(layer, x, ws[:, row], kernel)
            row += 1
        rgb = _to_rgb(block.torgb, x, ws[:, row])
        img = rgb if img is None else _upsampled(img, kernel) + rgb
    assert img is not None
    return img


def _layer(layer: SynthesisLayer, x: Tensor, w: Tensor, kernel: Tensor) -> Tensor:
    weight = layer.weight[None] * _styles(layer.affine, w)[:, None, :, None, None]  # [N, O, I, 3, 3]
    weight = weight * (weight.square().sum(dim=(2, 3, 4), keepdim=True) + EPSILON).rsqrt()
    x = _up_convolved(x, weight, kernel) if layer.up else _convolved(x, weight)
    if layer.use_noise:
        x = x + layer.noise_const[None, None] * layer.noise_strength
    return F.leaky_relu(x + layer.bias[None, :, None, None], SLOPE) * math.sqrt(2.0)


def _to_rgb(layer: ToRGBLayer, x: Tensor, w: Tensor) -> Tensor:
    styles = _styles(layer.affine, w) / math.sqrt(x.shape[1])
    weight = layer.weight[None] * styles[:, None, :, None, None]
    return _convolved(x, weight) + layer.bias[None, :, None, None]


def _styles(affine: FullyConnectedLayer, w: Tensor) -> Tensor:
    return F.linear(w, affine.weight / math.sqrt(w.shape[1]), affine.bias)


def _convolved(x: Tensor, weight: Tensor) -> Tensor:
    """x: [N, I, r, r], weight: [N, O, I, k, k] -> [N, O, r, r]"""
    samples, outputs, inputs, size, _ = weight.shape
    grouped = x.reshape(1, samples * inputs, *x.shape[2:])
    y = F.conv2d(grouped, weight.reshape(-1, inputs, size, size), padding=size // 2, groups=samples)
    return y.reshape(samples, outputs, *y.shape[2:])


def _up_convolved(x: Tensor, weight: Tensor, kernel: Tensor) -> Tensor:
    """x: [N, I, r, r], weight: [N, O, I, 3, 3] -> [N, O, 2r, 2r]"""
    samples, outputs, inputs = weight.shape[:3]
    grouped = x.reshape(1, samples * inputs, *x.shape[2:])
    transposed = weight.transpose(1, 2).reshape(samples * inputs, outputs, 3, 3)
    y = F.conv_transpose2d(grouped, transposed, stride=2, groups=samples)
    return _filtered(y.reshape(samples, outputs, *y.shape[2:]), kernel, (1, 1))


def _upsampled(img: Tensor, kernel: Tensor) -> Tensor:
    samples, channels, height, width = img.shape
    spread = img.new_zeros(samples, channels, 2 * height, 2 * width)
    spread[:, :, ::2, ::2] = img
    return _filtered(spread, kernel, (2, 1))


def _filtered(x: Tensor, kernel: Tensor, padding: tuple[int, int]) -> Tensor:
    """Depthwise FIR of four taps an axis, times the 4 that inserted zeros cost in brightness."""
    weight = (4 * kernel).flip((0, 1)).expand(x.shape[1], 1, *kernel.shape)
    return F.conv2d(F.pad(x, padding * 2), weight, groups=x.shape[1])


@torch.inference_mode()
def pictures(G: Generator, z: Tensor) -> Tensor:
    """z: [N, z_dim] -> uint8 [N, r, r, img_channels]"""
    return (generate(G, z) * 127.5 + 128).clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()

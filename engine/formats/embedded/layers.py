"""Layers of the networks that travel inside a .pkl: see `nvlabs_writer.py`.

The text of this file, followed by the generator's or the discriminator's, is written into every .pkl for NVlabs' tools,
which execute it. So it is plain PyTorch, imports nothing else, and its names and attributes are those that the tools
look for. Parameters and buffers have the names and meanings of `engine.networks`.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

GAINS = {"linear": 1.0, "lrelu": math.sqrt(2.0), "relu": math.sqrt(2.0)}


def activate(x: Tensor, activation: str, gain: float, clamp: float | None = None) -> Tensor:
    """gain * activation(x), bounded to +-clamp."""
    if activation == "lrelu":
        x = F.leaky_relu(x, 0.2)
    elif activation == "relu":
        x = F.relu(x)
    x = x * gain
    return x if clamp is None else x.clamp(-clamp, clamp)


def filter2d(
    x: Tensor, kernel: Tensor, up: int = 1, down: int = 1, padding: tuple[int, int] = (0, 0), gain: float = 1.0
) -> Tensor:
    """Insert up-1 zeros after each sample, pad, convolve with the flipped kernel, keep every down-th sample."""
    n, c, h, w = x.shape
    if up > 1:
        spread = x.new_zeros(n, c, h * up, w * up)
        spread[:, :, ::up, ::up] = x
        x = spread
    x = F.pad(x, (padding[0], padding[1], padding[0], padding[1]))
    weight = (kernel * gain).to(x.dtype).flip((0, 1)).expand(c, 1, *kernel.shape)
    return F.conv2d(x, weight, stride=down, groups=c)


def upsample(x: Tensor, kernel: Tensor) -> Tensor:
    taps = kernel.shape[-1]
    return filter2d(x, kernel, up=2, padding=((taps + 1) // 2, (taps - 2) // 2), gain=4.0)


def downsample(x: Tensor, kernel: Tensor) -> Tensor:
    taps = kernel.shape[-1]
    return filter2d(x, kernel, down=2, padding=((taps - 1) // 2, (taps - 2) // 2))


def convolve(x: Tensor, weight: Tensor, kernel: Tensor | None, resample: str | None = None) -> Tensor:
    """A 'same' convolution, after up-sampling (the weight is turned around then) or before down-sampling by two."""
    size = weight.shape[-1]
    if resample is None or kernel is None:
        return F.conv2d(x, weight, padding=size // 2)
    if size == 1:
        return upsample(F.conv2d(x, weight), kernel) if resample == "up" else F.conv2d(downsample(x, kernel), weight)
    taps = kernel.shape[-1]
    if resample == "up":
        before = size // 2 + (taps + 1) // 2 - (size - 1)
        after = size // 2 + (taps - 2) // 2 - (size - 1) + 1
        x = F.conv_transpose2d(x, weight.transpose(0, 1), stride=2)
        return filter2d(x, kernel, padding=(before, after), gain=4.0)
    padding = (size // 2 + (taps - 1) // 2, size // 2 + (taps - 2) // 2)
    return F.conv2d(filter2d(x, kernel, padding=padding), weight, stride=2)


def normalize(x: Tensor) -> Tensor:
    return x * (x.square().mean(dim=-1, keepdim=True) + 1e-8).rsqrt()


class FullyConnectedLayer(torch.nn.Module):
    def __init__(
        self, in_features: int, out_features: int, activation: str = "linear", lr_multiplier: float = 1.0
    ) -> None:
        super().__init__()
        self.activation = activation
        self.weight = torch.nn.Parameter(torch.zeros(out_features, in_features))
        self.bias = torch.nn.Parameter(torch.zeros(out_features))
        self.weight_gain = lr_multiplier / math.sqrt(in_features)
        self.bias_gain = lr_multiplier

    def forward(self, x: Tensor) -> Tensor:
        x = F.linear(x, self.weight.to(x.dtype) * self.weight_gain, self.bias.to(x.dtype) * self.bias_gain)
        return activate(x, self.activation, GAINS[self.activation])


class Conv2dLayer(torch.nn.Module):
    resample_filter: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        resample_filter: Tensor,
        activation: str = "linear",
        bias: bool = True,
        resample: str | None = None,
        conv_clamp: float | None = None,
    ) -> None:
        super().__init__()
        self.activation = activation
        self.resample = resample
        self.conv_clamp = conv_clamp
        self.register_buffer("resample_filter", resample_filter)
        self.weight = torch.nn.Parameter(torch.zeros(out_channels, in_channels, kernel_size, kernel_size))
        self.bias = torch.nn.Parameter(torch.zeros(out_channels)) if bias else None
        self.weight_gain = 1 / math.sqrt(in_channels * kernel_size**2)
        self.act_gain = GAINS[activation]

    def forward(self, x: Tensor, gain: float = 1.0) -> Tensor:
        x = convolve(x, (self.weight * self.weight_gain).to(x.dtype), self.resample_filter, self.resample)
        if self.bias is not None:
            x = x + self.bias.to(x.dtype)[None, :, None, None]
        clamp = None if self.conv_clamp is None else self.conv_clamp * gain
        return activate(x, self.activation, self.act_gain * gain, clamp)


class MappingNetwork(torch.nn.Module):
    w_avg: Tensor

    def __init__(
        self,
        z_dim: int,
        c_dim: int,
        w_dim: int,
        num_ws: int | None,
        num_layers: int = 8,
        embed_features: int | None = None,
        layer_features: int | None = None,
        activation: str = "lrelu",
        lr_multiplier: float = 0.01,
        w_avg_beta: float | None = 0.998,
    ) -> None:
        super().__init__()
        self.z_dim, self.c_dim, self.w_dim, self.num_ws = z_dim, c_dim, w_dim, num_ws
        self.num_layers = num_layers
        self.w_avg_beta = w_avg_beta
        embedded = (w_dim if embed_features is None else embed_features) if c_dim > 0 else 0
        hidden = w_dim if layer_features is None else layer_features
        if c_dim > 0:
            self.embed = FullyConnectedLayer(c_dim, embedded)
        features = [z_dim + embedded] + [hidden] * (num_layers - 1) + [w_dim]
        for i in range(num_layers):
            setattr(self, f"fc{i}", FullyConnectedLayer(features[i], features[i + 1], activation, lr_multiplier))
        if num_ws is not None and w_avg_beta is not None:
            self.register_buffer("w_avg", torch.zeros(w_dim))

    def forward(
        self,
        z: Tensor | None,
        c: Tensor | None = None,
        truncation_psi: float = 1,
        truncation_cutoff: int | None = None,
        update_emas: bool = False,
        skip_w_avg_update: bool = True,
    ) -> Tensor:
        parts = []
        if self.z_dim > 0:
            assert z is not None
            parts.append(normalize(z.to(torch.float32)))
        if self.c_dim > 0:
            if c is None:
                assert z is not None
                c = z.new_zeros(z.shape[0], self.c_dim)
            parts.append(normalize(self.embed(c.to(torch.float32))))
        x = torch.cat(parts, dim=1)
        for i in range(self.num_layers):
            x = getattr(self, f"fc{i}")(x)
        if (update_emas or not skip_w_avg_update) and self.w_avg_beta is not None:
            self.w_avg.copy_(x.detach().mean(dim=0).lerp(self.w_avg, self.w_avg_beta))
        if self.num_ws is None:
            return x
        x = x[:, None].repeat(1, self.num_ws, 1)
        if truncation_psi == 1:
            return x
        assert self.w_avg_beta is not None, "this model keeps no w_avg, so it cannot be truncated"
        cutoff = self.num_ws if truncation_cutoff is None else truncation_cutoff
        return torch.cat([self.w_avg.lerp(x[:, :cutoff], truncation_psi), x[:, cutoff:]], dim=1)

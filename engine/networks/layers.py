"""The layers that the networks are made of. They know nothing of pictures, resolutions of a model, or latents."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from engine.networks.ops.bias_act import ACTIVATION_GAIN, activate, check_activation
from engine.networks.ops.upfirdn2d import conv2d_down2, conv2d_up2

EPSILON = 1e-8


def normalize_2nd_moment(x: Tensor) -> Tensor:
    """x / sqrt(mean(x^2)) over the last axis (ProGAN paper, section 4.2)."""
    return x * (x.square().mean(dim=-1, keepdim=True) + EPSILON).rsqrt()


class FullyConnectedLayer(nn.Module):
    """[N, in_features] -> [N, out_features], with an equalized learning rate (ProGAN paper, section 4.1)."""

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        activation: str = "linear",
        lr_multiplier: float = 1.0,
        bias_init: float = 0.0,
    ) -> None:
        super().__init__()
        check_activation(activation)
        self.activation = activation
        self.weight = nn.Parameter(torch.randn(out_features, in_features) / lr_multiplier)
        self.bias = nn.Parameter(torch.full((out_features,), bias_init))
        self.weight_gain = lr_multiplier / math.sqrt(in_features) * ACTIVATION_GAIN[activation]
        self.bias_gain = lr_multiplier * ACTIVATION_GAIN[activation]

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.linear(x, self.weight * self.weight_gain, self.bias * self.bias_gain)
        return activate(x, self.activation)


class Conv2dLayer(nn.Module):
    """A 'same' convolution with an equalized learning rate, optionally up- or down-sampling by two."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        *,
        activation: str = "linear",
        bias: bool = True,
        resample: str = "none",
        conv_clamp: float | None = None,
    ) -> None:
        """resample: 'none', 'up' or 'down'."""
        super().__init__()
        check_activation(activation)
        self.activation = activation
        self.resample = resample
        self.conv_clamp = conv_clamp
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None
        self.weight_gain = ACTIVATION_GAIN[activation] / math.sqrt(in_channels * kernel_size**2)

    def forward(self, x: Tensor, resample_filter: Tensor, *, gain: float = 1.0) -> Tensor:
        """[N, in_channels, H, W] -> [N, out_channels, H', W'], times gain; resample_filter: [h, w]."""
        weight = (self.weight * (self.weight_gain * gain)).to(x.dtype)
        bias = None
        if self.bias is not None:
            bias = (self.bias * (ACTIVATION_GAIN[self.activation] * gain)).to(x.dtype)
        if self.resample == "up":
            x = conv2d_up2(x, weight, resample_filter, bias)
        elif self.resample == "down":
            x = conv2d_down2(x, weight, resample_filter, bias)
        else:
            x = nn.functional.conv2d(x, weight, bias, padding=weight.shape[-1] // 2)
        clamp = None if self.conv_clamp is None else self.conv_clamp * gain
        return activate(x, self.activation, clamp=clamp)


def modulated_conv2d(
    x: Tensor, weight: Tensor, styles: Tensor, resample_filter: Tensor, *, up: bool = False, gain: float | None = None
) -> Tensor:
    """Convolution whose input channels are scaled per sample (StyleGAN2 paper, section 2.2, equations 1 to 3).

    x: [N, I, H, W]; weight: [O, I, k, k]; styles: [N, I]. With `up` the result is twice as large, and the weight is
    applied as a true convolution. A gain asks for demodulation, times that gain; None for neither. Scaling the
    activations instead of the weights is the same linear map and lets the whole batch share one convolution.
    """
    if gain is not None and x.dtype != torch.float32:
        # A common factor of weight or styles cancels in the demodulation; a largest value of 1 keeps them in range.
        weight = weight / weight.abs().amax(dim=(1, 2, 3), keepdim=True).clamp_min(EPSILON)
        styles = styles / styles.abs().amax(dim=1, keepdim=True).clamp_min(EPSILON)
    x = x * styles.to(x.dtype)[:, :, None, None]
    typed = weight.to(x.dtype)
    if up:
        x = conv2d_up2(x, typed, resample_filter)
    else:
        x = nn.functional.conv2d(x, typed, padding=weight.shape[-1] // 2)
    if gain is None:
        return x
    energy = styles.square() @ weight.square().sum(dim=(2, 3)).t()  # [N, O]
    return x * ((energy + EPSILON).rsqrt() * gain).to(x.dtype)[:, :, None, None]


class MinibatchStdLayer(nn.Module):
    """Appends the standard deviation over groups of samples as extra channels (ProGAN paper, section 3)."""

    def __init__(self, group_size: int | None, num_channels: int) -> None:
        super().__init__()
        self.group_size = group_size
        self.num_channels = num_channels

    def forward(self, x: Tensor) -> Tensor:
        """[N, C, H, W] -> [N, C + num_channels, H, W]; N is a multiple of the group size, or smaller than it."""
        n, c, h, w = x.shape
        group = n if self.group_size is None else min(self.group_size, n)
        y = x.reshape(group, n // group, self.num_channels, c // self.num_channels, h, w)
        y = (y - y.mean(dim=0)).square().mean(dim=0)
        y = (y + EPSILON).sqrt().mean(dim=(2, 3, 4))  # [N / group, num_channels]
        y = y.reshape(-1, self.num_channels, 1, 1).repeat(group, 1, h, w)
        return torch.cat([x, y], dim=1)

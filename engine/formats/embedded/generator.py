"""The generator that travels inside a .pkl: see `layers.py`, whose text stands before this file's there."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from engine.formats.embedded.layers import (
    GAINS,
    Conv2dLayer,
    FullyConnectedLayer,
    MappingNetwork,
    activate,
    convolve,
    upsample,
)

# --- embedded from here on ---


def modulated_conv2d(
    x: Tensor, weight: Tensor, styles: Tensor, kernel: Tensor | None, up: bool = False, demodulate: bool = True
) -> Tensor:
    """Convolution whose input channels are scaled per sample; x: [N, I, H, W], styles: [N, I]."""
    if demodulate and x.dtype != torch.float32:
        weight = weight / weight.abs().amax(dim=(1, 2, 3), keepdim=True).clamp_min(1e-8)
        styles = styles / styles.abs().amax(dim=1, keepdim=True).clamp_min(1e-8)
    x = convolve(x * styles.to(x.dtype)[:, :, None, None], weight.to(x.dtype), kernel, "up" if up else None)
    if not demodulate:
        return x
    energy = styles.square() @ weight.square().sum(dim=(2, 3)).t()
    return x * (energy + 1e-8).rsqrt().to(x.dtype)[:, :, None, None]


class SynthesisLayer(torch.nn.Module):
    noise_const: Tensor
    resample_filter: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        w_dim: int,
        resolution: int,
        resample_filter: Tensor,
        up: bool,
        use_noise: bool,
        activation: str,
        conv_clamp: float | None,
    ) -> None:
        super().__init__()
        self.resolution, self.up, self.use_noise = resolution, up, use_noise
        self.activation, self.conv_clamp = activation, conv_clamp
        self.act_gain = GAINS[activation]
        self.register_buffer("resample_filter", resample_filter)
        self.affine = FullyConnectedLayer(w_dim, in_channels)
        self.weight = torch.nn.Parameter(torch.zeros(out_channels, in_channels, 3, 3))
        self.bias = torch.nn.Parameter(torch.zeros(out_channels))
        if use_noise:
            self.register_buffer("noise_const", torch.zeros(resolution, resolution))
            self.noise_strength = torch.nn.Parameter(torch.zeros([]))

    def forward(
        self, x: Tensor, w: Tensor, noise_mode: str = "random", fused_modconv: bool = True, gain: float = 1
    ) -> Tensor:
        assert noise_mode in ("random", "const", "none")
        x = modulated_conv2d(x, self.weight, self.affine(w), self.resample_filter, self.up)
        if self.use_noise and noise_mode != "none":
            noise = self.noise_const
            if noise_mode == "random":
                noise = torch.randn(x.shape[0], 1, self.resolution, self.resolution, device=x.device)
            x = x + (noise * self.noise_strength).to(x.dtype)
        x = x + self.bias.to(x.dtype)[None, :, None, None]
        clamp = None if self.conv_clamp is None else self.conv_clamp * gain
        return activate(x, self.activation, self.act_gain * gain, clamp)


class ToRGBLayer(torch.nn.Module):
    def __init__(self, in_channels: int, out_channels: int, w_dim: int, conv_clamp: float | None) -> None:
        super().__init__()
        self.conv_clamp = conv_clamp
        self.affine = FullyConnectedLayer(w_dim, in_channels)
        self.weight = torch.nn.Parameter(torch.zeros(out_channels, in_channels, 1, 1))
        self.bias = torch.nn.Parameter(torch.zeros(out_channels))
        self.weight_gain = 1 / math.sqrt(in_channels)

    def forward(self, x: Tensor, w: Tensor, fused_modconv: bool = True) -> Tensor:
        styles = self.affine(w) * self.weight_gain
        x = modulated_conv2d(x, self.weight, styles, None, demodulate=False)
        return activate(x + self.bias.to(x.dtype)[None, :, None, None], "linear", 1, self.conv_clamp)


class SynthesisBlock(torch.nn.Module):
    resample_filter: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        w_dim: int,
        resolution: int,
        img_channels: int,
        is_last: bool,
        architecture: str,
        resample_filter: Tensor,
        use_fp16: bool,
        use_noise: bool,
        activation: str,
        conv_clamp: float | None,
    ) -> None:
        super().__init__()
        self.in_channels, self.w_dim, self.resolution = in_channels, w_dim, resolution
        self.img_channels, self.is_last, self.architecture = img_channels, is_last, architecture
        self.use_fp16 = use_fp16
        self.register_buffer("resample_filter", resample_filter)
        options = (use_noise, activation, conv_clamp)
        self.num_conv, self.num_torgb = 1, 0
        if in_channels == 0:
            self.const = torch.nn.Parameter(torch.zeros(out_channels, resolution, resolution))
        else:
            self.conv0 = SynthesisLayer(in_channels, out_channels, w_dim, resolution, resample_filter, True, *options)
            self.num_conv = 2
        self.conv1 = SynthesisLayer(out_channels, out_channels, w_dim, resolution, resample_filter, False, *options)
        if is_last or architecture == "skip":
            self.torgb = ToRGBLayer(out_channels, img_channels, w_dim, conv_clamp)
            self.num_torgb = 1
        if in_channels != 0 and architecture == "resnet":
            self.skip = Conv2dLayer(in_channels, out_channels, 1, resample_filter, bias=False, resample="up")

    def forward(
        self,
        x: Tensor | None,
        img: Tensor | None,
        ws: Tensor,
        force_fp32: bool = False,
        fused_modconv: bool | None = None,
        update_emas: bool = False,
        noise_mode: str = "random",
    ) -> tuple[Tensor, Tensor | None]:
        low = self.use_fp16 and not force_fp32 and ws.device.type == "cuda"
        dtype = torch.float16 if low else torch.float32
        w = iter(ws.unbind(dim=1))
        if x is None:
            x = self.const.to(dtype)[None].repeat(ws.shape[0], 1, 1, 1)
            x = self.conv1(x, next(w), noise_mode)
        elif self.architecture == "resnet":
            x = x.to(dtype)
            y = self.skip(x, gain=math.sqrt(0.5))
            x = self.conv0(x, next(w), noise_mode)
            x = y + self.conv1(x, next(w), noise_mode, gain=math.sqrt(0.5))
        else:
            x = self.conv0(x.to(dtype), next(w), noise_mode)
            x = self.conv1(x, next(w), noise_mode)
        if img is not None:
            img = upsample(img, self.resample_filter)
        if self.num_torgb:
            rgb = self.torgb(x, next(w)).to(torch.float32)
            img = rgb if img is None else img + rgb
        return x, img


class SynthesisNetwork(torch.nn.Module):
    def __init__(
        self,
        w_dim: int,
        img_resolution: int,
        img_channels: int,
        channel_base: int = 32768,
        channel_max: int = 512,
        num_fp16_res: int = 4,
        architecture: str = "skip",
        resample_filter: tuple[float, ...] = (1, 3, 3, 1),
        use_noise: bool = True,
        activation: str = "lrelu",
        conv_clamp: float | None = 256,
    ) -> None:
        super().__init__()
        self.w_dim, self.img_resolution, self.img_channels = w_dim, img_resolution, img_channels
        self.img_resolution_log2 = int(math.log2(img_resolution))
        self.num_fp16_res = num_fp16_res
        self.block_resolutions = [2**i for i in range(2, self.img_resolution_log2 + 1)]
        self.num_ws = 2 * len(self.block_resolutions)
        taps = torch.tensor(resample_filter, dtype=torch.float32)
        kernel = taps.outer(taps) / taps.outer(taps).sum()
        in_channels, lowest_fp16 = 0, max(2 ** (self.img_resolution_log2 + 1 - num_fp16_res), 8)
        for resolution in self.block_resolutions:
            out_channels = min(channel_base // resolution, channel_max)
            block = SynthesisBlock(
                in_channels,
                out_channels,
                w_dim,
                resolution,
                img_channels,
                resolution == img_resolution,
                architecture,
                kernel,
                resolution >= lowest_fp16,
                use_noise,
                activation,
                conv_clamp,
            )
            setattr(self, f"b{resolution}", block)
            in_channels = out_channels

    def forward(
        self,
        ws: Tensor,
        noise_mode: str = "random",
        force_fp32: bool = False,
        fused_modconv: bool | None = None,
        update_emas: bool = False,
    ) -> Tensor:
        x = img = None
        ws, start = ws.to(torch.float32), 0
        for resolution in self.block_resolutions:
            block = getattr(self, f"b{resolution}")
            own = ws.narrow(1, start, block.num_conv + block.num_torgb)
            start += block.num_conv
            x, img = block(x, img, own, force_fp32=force_fp32, noise_mode=noise_mode)
        assert img is not None
        return img


class Generator(torch.nn.Module):
    def __init__(
        self,
        z_dim: int,
        c_dim: int,
        w_dim: int,
        img_resolution: int,
        img_channels: int,
        mapping_kwargs: dict[str, Any],
        **synthesis_kwargs: Any,
    ) -> None:
        super().__init__()
        self.z_dim, self.c_dim, self.w_dim = z_dim, c_dim, w_dim
        self.img_resolution, self.img_channels = img_resolution, img_channels
        self.synthesis = SynthesisNetwork(w_dim, img_resolution, img_channels, **synthesis_kwargs)
        self.num_ws = self.synthesis.num_ws
        self.mapping = MappingNetwork(z_dim, c_dim, w_dim, self.num_ws, **mapping_kwargs)

    def forward(
        self,
        z: Tensor | None,
        c: Tensor | None = None,
        truncation_psi: float = 1,
        truncation_cutoff: int | None = None,
        update_emas: bool = False,
        noise_mode: str = "random",
        force_fp32: bool = False,
        fused_modconv: bool | None = None,
    ) -> Tensor:
        ws = self.mapping(z, c, truncation_psi, truncation_cutoff, update_emas)
        return self.synthesis(ws, noise_mode=noise_mode, force_fp32=force_fp32)

"""The discriminator that travels inside a .pkl: see `layers.py`, whose text stands before this file's there."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from engine.formats.embedded.layers import Conv2dLayer, FullyConnectedLayer, MappingNetwork, downsample

# --- embedded from here on ---


class MinibatchStdLayer(torch.nn.Module):
    def __init__(self, group_size: int | None, num_channels: int) -> None:
        super().__init__()
        self.group_size, self.num_channels = group_size, num_channels

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        group = n if self.group_size is None else min(self.group_size, n)
        y = x.reshape(group, n // group, self.num_channels, c // self.num_channels, h, w)
        y = ((y - y.mean(dim=0)).square().mean(dim=0) + 1e-8).sqrt().mean(dim=(2, 3, 4))
        return torch.cat([x, y.reshape(-1, self.num_channels, 1, 1).repeat(group, 1, h, w)], dim=1)


class DiscriminatorBlock(torch.nn.Module):
    resample_filter: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        resolution: int,
        img_channels: int,
        has_fromrgb: bool,
        architecture: str,
        resample_filter: Tensor,
        use_fp16: bool,
        activation: str,
        conv_clamp: float | None,
    ) -> None:
        super().__init__()
        self.resolution, self.architecture, self.use_fp16 = resolution, architecture, use_fp16
        self.register_buffer("resample_filter", resample_filter)
        options: dict[str, Any] = {"activation": activation, "conv_clamp": conv_clamp}
        self.has_fromrgb = has_fromrgb
        if has_fromrgb:
            self.fromrgb = Conv2dLayer(img_channels, in_channels, 1, resample_filter, **options)
        self.conv0 = Conv2dLayer(in_channels, in_channels, 3, resample_filter, **options)
        self.conv1 = Conv2dLayer(in_channels, out_channels, 3, resample_filter, resample="down", **options)
        if architecture == "resnet":
            self.skip = Conv2dLayer(in_channels, out_channels, 1, resample_filter, bias=False, resample="down")

    def forward(self, x: Tensor | None, img: Tensor, force_fp32: bool = False) -> tuple[Tensor, Tensor]:
        dtype = torch.float16 if self.use_fp16 and not force_fp32 and img.device.type == "cuda" else torch.float32
        x = None if x is None else x.to(dtype)
        if self.has_fromrgb:
            y = self.fromrgb(img.to(dtype))
            x = y if x is None else x + y
            img = downsample(img, self.resample_filter) if self.architecture == "skip" else img
        assert x is not None
        if self.architecture == "resnet":
            y = self.skip(x, gain=math.sqrt(0.5))
            return y + self.conv1(self.conv0(x), gain=math.sqrt(0.5)), img
        return self.conv1(self.conv0(x)), img


class DiscriminatorEpilogue(torch.nn.Module):
    def __init__(
        self,
        channels: int,
        outputs: int,
        img_channels: int,
        architecture: str,
        mbstd_group_size: int | None,
        mbstd_num_channels: int,
        resample_filter: Tensor,
        activation: str,
        conv_clamp: float | None,
    ) -> None:
        super().__init__()
        self.architecture = architecture
        options: dict[str, Any] = {"activation": activation, "conv_clamp": conv_clamp}
        if architecture == "skip":
            self.fromrgb = Conv2dLayer(img_channels, channels, 1, resample_filter, **options)
        self.mbstd = MinibatchStdLayer(mbstd_group_size, mbstd_num_channels) if mbstd_num_channels > 0 else None
        self.conv = Conv2dLayer(channels + mbstd_num_channels, channels, 3, resample_filter, **options)
        self.fc = FullyConnectedLayer(channels * 16, channels, activation)
        self.out = FullyConnectedLayer(channels, outputs)

    def forward(self, x: Tensor, img: Tensor, force_fp32: bool = False) -> Tensor:
        x = x.to(torch.float32)
        if self.architecture == "skip":
            x = x + self.fromrgb(img.to(torch.float32))
        x = x if self.mbstd is None else self.mbstd(x)
        return self.out(self.fc(self.conv(x).flatten(1)))


class Discriminator(torch.nn.Module):
    def __init__(
        self,
        c_dim: int,
        img_resolution: int,
        img_channels: int,
        architecture: str,
        channel_base: int,
        channel_max: int,
        num_fp16_res: int,
        conv_clamp: float | None,
        cmap_dim: int | None,
        resample_filter: tuple[float, ...],
        activation: str,
        mapping_kwargs: dict[str, Any],
        mbstd_group_size: int | None,
        mbstd_num_channels: int,
    ) -> None:
        super().__init__()
        self.c_dim, self.img_resolution, self.img_channels = c_dim, img_resolution, img_channels
        self.img_resolution_log2 = int(math.log2(img_resolution))
        self.block_resolutions = [2**i for i in range(self.img_resolution_log2, 2, -1)]
        taps = torch.tensor(resample_filter, dtype=torch.float32)
        kernel = taps.outer(taps) / taps.outer(taps).sum()
        widths = {r: min(channel_base // r, channel_max) for r in [*self.block_resolutions, 4]}
        lowest_fp16 = max(2 ** (self.img_resolution_log2 + 1 - num_fp16_res), 8)
        for r in self.block_resolutions:
            block = DiscriminatorBlock(
                widths[r],
                widths[r // 2],
                r,
                img_channels,
                r == img_resolution or architecture == "skip",
                architecture,
                kernel,
                r >= lowest_fp16,
                activation,
                conv_clamp,
            )
            setattr(self, f"b{r}", block)
        self.cmap_dim = (widths[4] if cmap_dim is None else cmap_dim) if c_dim > 0 else 0
        if c_dim > 0:
            self.mapping = MappingNetwork(0, c_dim, self.cmap_dim, None, w_avg_beta=None, **mapping_kwargs)
        self.b4 = DiscriminatorEpilogue(
            widths[4],
            self.cmap_dim or 1,
            img_channels,
            architecture,
            mbstd_group_size,
            mbstd_num_channels,
            kernel,
            activation,
            conv_clamp,
        )

    def forward(
        self, img: Tensor, c: Tensor | None = None, update_emas: bool = False, force_fp32: bool = False
    ) -> Tensor:
        x = None
        for r in self.block_resolutions:
            x, img = getattr(self, f"b{r}")(x, img, force_fp32)
        x = self.b4(x, img, force_fp32)
        if self.c_dim == 0:
            return x
        return (x * self.mapping(None, c)).sum(dim=1, keepdim=True) / math.sqrt(self.cmap_dim)


class NoDiscriminator(torch.nn.Module):
    """Stands where the tools insist on a discriminator, in a file that was written without one."""

    def forward(self, img: Tensor, c: Tensor | None = None) -> Tensor:
        raise RuntimeError("this file was written without a discriminator")

"""The StyleGAN2 discriminator. Knows nothing of losses or augmentation."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from engine.networks.config import DiscriminatorConfig
from engine.networks.layers import Conv2dLayer, FullyConnectedLayer, MinibatchStdLayer
from engine.networks.mapping import MappingNetwork
from engine.networks.ops.upfirdn2d import downsample2d, make_filter


class DiscriminatorBlock(nn.Module):
    """The layers of one resolution (StyleGAN2 paper, figure 7)."""

    def __init__(self, config: DiscriminatorConfig, resolution: int) -> None:
        super().__init__()
        self.architecture = config.architecture
        self.resolution = resolution
        channels, out_channels = config.channels(resolution), config.channels(resolution // 2)
        act, clamp = config.activation, config.conv_clamp
        self.has_fromrgb = resolution == config.img_resolution or config.architecture == "skip"
        if self.has_fromrgb:
            self.fromrgb = Conv2dLayer(config.img_channels, channels, 1, activation=act, conv_clamp=clamp)
        self.conv0 = Conv2dLayer(channels, channels, 3, activation=act, conv_clamp=clamp)
        self.conv1 = Conv2dLayer(channels, out_channels, 3, activation=act, conv_clamp=clamp, resample="down")
        if config.architecture == "resnet":
            self.skip = Conv2dLayer(channels, out_channels, 1, bias=False, resample="down")

    def forward(
        self, x: Tensor | None, img: Tensor, resample_filter: Tensor, dtype: torch.dtype
    ) -> tuple[Tensor, Tensor]:
        """x: [N, I, r, r] or None, img: [N, C, r, r] -> x [N, O, r/2, r/2], img."""
        x = None if x is None else x.to(dtype)
        if self.has_fromrgb:
            features = self.fromrgb(img.to(dtype), resample_filter)
            x = features if x is None else x + features
            img = downsample2d(img, resample_filter) if self.architecture == "skip" else img
        assert x is not None  # the first block reads the picture
        if self.architecture != "resnet":
            return self.conv1(self.conv0(x, resample_filter), resample_filter), img
        gain = math.sqrt(0.5)
        skipped = self.skip(x, resample_filter, gain=gain)
        return skipped + self.conv1(self.conv0(x, resample_filter), resample_filter, gain=gain), img


class DiscriminatorEpilogue(nn.Module):
    """4x4 features to one number, or to a vector that is compared with the class label's."""

    def __init__(self, config: DiscriminatorConfig, out_features: int) -> None:
        super().__init__()
        channels = config.channels(4)
        act, clamp = config.activation, config.conv_clamp
        self.has_fromrgb = config.architecture == "skip"
        if self.has_fromrgb:
            self.fromrgb = Conv2dLayer(config.img_channels, channels, 1, activation=act, conv_clamp=clamp)
        extra = config.mbstd_num_channels
        self.mbstd = MinibatchStdLayer(config.mbstd_group_size, extra) if extra > 0 else None
        self.conv = Conv2dLayer(channels + extra, channels, 3, activation=act, conv_clamp=clamp)
        self.fc = FullyConnectedLayer(channels * 4 * 4, channels, activation=act)
        self.out = FullyConnectedLayer(channels, out_features)

    def forward(self, x: Tensor, img: Tensor, resample_filter: Tensor) -> Tensor:
        """x: [N, channels, 4, 4], img: [N, C, 4, 4] -> [N, out_features]."""
        if self.has_fromrgb:
            x = x + self.fromrgb(img, resample_filter)
        if self.mbstd is not None:
            x = self.mbstd(x)
        x = self.conv(x, resample_filter)
        return self.out(self.fc(x.flatten(1)))


class Discriminator(nn.Module):
    """D(img, c): how real each picture looks, as a logit."""

    resample_filter: Tensor

    def __init__(self, config: DiscriminatorConfig) -> None:
        super().__init__()
        self.config = config
        for resolution in config.block_resolutions:
            self.add_module(f"b{resolution}", DiscriminatorBlock(config, resolution))
        self.cmap_dim = 0
        if config.c_dim > 0:
            self.cmap_dim = config.channels(4) if config.cmap_dim is None else config.cmap_dim
            self.mapping = MappingNetwork(
                z_dim=0,
                c_dim=config.c_dim,
                w_dim=self.cmap_dim,
                num_ws=None,
                num_layers=config.mapping_layers,
                lr_multiplier=config.mapping_lr_multiplier,
                w_avg_beta=None,
            )
        self.b4 = DiscriminatorEpilogue(config, self.cmap_dim or 1)
        self.register_buffer("resample_filter", make_filter(config.resample_filter), persistent=False)

    def layers_from_image(self) -> list[Conv2dLayer]:
        """The convolutions that freeze-D counts: fromrgb, conv0, conv1, skip of each block, the picture's first."""
        blocks = [getattr(self, f"b{resolution}") for resolution in self.config.block_resolutions]
        names = ("fromrgb", "conv0", "conv1", "skip")
        return [getattr(block, name) for block in blocks for name in names if hasattr(block, name)]

    def set_trainable(self, trainable: bool) -> None:
        """Turns the gradients of all weights on or off, but never those of the config's freeze_layers first layers
        (Mo et al. 2020, "Freeze the Discriminator")."""
        self.requires_grad_(trainable)
        for layer in self.layers_from_image()[: self.config.freeze_layers]:
            layer.requires_grad_(False)

    def forward(self, img: Tensor, c: Tensor | None = None, *, low_precision: torch.dtype | None = None) -> Tensor:
        """img: [N, img_channels, r, r] in [-1, 1], c: [N, c_dim] -> logits [N, 1].

        low_precision: the type in which the config's num_fp16_res highest resolutions are computed.
        """
        config = self.config
        x: Tensor | None = None
        img = img.float()
        lowest_low = config.img_resolution // 2 ** max(config.num_fp16_res - 1, 0)
        for resolution in config.block_resolutions:
            use_low = low_precision is not None and config.num_fp16_res > 0 and resolution >= lowest_low
            dtype = low_precision if use_low and low_precision is not None else torch.float32
            x, img = getattr(self, f"b{resolution}")(x, img, self.resample_filter, dtype)
        assert x is not None
        x = self.b4(x.float(), img, self.resample_filter)
        if self.cmap_dim == 0:
            return x
        c = img.new_zeros(img.shape[0], config.c_dim) if c is None else c
        return (x * self.mapping(None, c)).sum(dim=1, keepdim=True) / math.sqrt(self.cmap_dim)

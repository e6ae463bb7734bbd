"""ws to a picture. Knows nothing of z, of truncation, or of where the ws came from."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from engine.errors import ConfigError
from engine.networks.any_generator import AnySynthesis, NoiseImages
from engine.networks.config import GeneratorConfig
from engine.networks.layers import Conv2dLayer, FullyConnectedLayer, modulated_conv2d
from engine.networks.ops.bias_act import ACTIVATION_GAIN, activate, check_activation
from engine.networks.ops.upfirdn2d import make_filter, upsample2d


class SynthesisLayer(nn.Module):
    """Modulated convolution, noise, bias and activation (StyleGAN2 paper, figure 2c)."""

    noise_const: Tensor

    def __init__(self, config: GeneratorConfig, in_channels: int, resolution: int, *, up: bool) -> None:
        super().__init__()
        check_activation(config.activation)
        out_channels = config.channels(resolution)
        self.resolution = resolution
        self.up = up
        self.activation = config.activation
        self.conv_clamp = config.conv_clamp
        self.use_noise = config.use_noise
        self.affine = FullyConnectedLayer(config.w_dim, in_channels, bias_init=1.0)
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, 3, 3))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        if config.use_noise:
            self.register_buffer("noise_const", torch.randn(resolution, resolution))
            self.noise_strength = nn.Parameter(torch.zeros([]))

    def forward(
        self, x: Tensor, w: Tensor, resample_filter: Tensor, noise: Tensor | None, *, gain: float = 1.0
    ) -> Tensor:
        """x: [N, I, H, W], w: [N, w_dim], noise: [N or 1, 1, r, r] or None -> [N, O, r, r], times gain."""
        total_gain = gain * ACTIVATION_GAIN[self.activation]
        x = modulated_conv2d(x, self.weight, self.affine(w), resample_filter, up=self.up, gain=total_gain)
        if noise is not None and self.use_noise:
            x = x + (noise * (self.noise_strength * total_gain)).to(x.dtype)
        clamp = None if self.conv_clamp is None else self.conv_clamp * gain
        return activate(x, self.activation, bias=self.bias * total_gain, clamp=clamp)


class ToRGBLayer(nn.Module):
    """Features to colour: modulated, not demodulated, 1x1 (StyleGAN2 paper, section 4)."""

    def __init__(self, config: GeneratorConfig, resolution: int) -> None:
        super().__init__()
        in_channels = config.channels(resolution)
        self.conv_clamp = config.conv_clamp
        self.affine = FullyConnectedLayer(config.w_dim, in_channels, bias_init=1.0)
        self.weight = nn.Parameter(torch.randn(config.img_channels, in_channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(config.img_channels))
        self.weight_gain = 1.0 / math.sqrt(in_channels)

    def forward(self, x: Tensor, w: Tensor, resample_filter: Tensor) -> Tensor:
        """x: [N, I, H, W], w: [N, w_dim] -> [N, img_channels, H, W]."""
        styles = self.affine(w) * self.weight_gain
        x = modulated_conv2d(x, self.weight, styles, resample_filter)
        return activate(x, "linear", bias=self.bias, clamp=self.conv_clamp)


class SynthesisBlock(nn.Module):
    """The layers of one resolution (StyleGAN2 paper, figure 7)."""

    def __init__(self, config: GeneratorConfig, resolution: int) -> None:
        super().__init__()
        self.resolution = resolution
        self.is_first = resolution == 4
        self.architecture = config.architecture
        out_channels = config.channels(resolution)
        in_channels = 0 if self.is_first else config.channels(resolution // 2)
        if self.is_first:
            self.const = nn.Parameter(torch.randn(out_channels, resolution, resolution))
        else:
            self.conv0 = SynthesisLayer(config, in_channels, resolution, up=True)
        self.conv1 = SynthesisLayer(config, out_channels, resolution, up=False)
        self.has_torgb = config.architecture == "skip" or resolution == config.img_resolution
        if self.has_torgb:
            self.torgb = ToRGBLayer(config, resolution)
        self.has_skip = config.architecture == "resnet" and not self.is_first
        if self.has_skip:
            self.skip = Conv2dLayer(in_channels, out_channels, 1, bias=False, resample="up")

    @property
    def layers(self) -> list[SynthesisLayer]:
        """The synthesis layers in order: one in the first block, two in the others."""
        return [self.conv1] if self.is_first else [self.conv0, self.conv1]

    def forward(
        self,
        x: Tensor | None,
        img: Tensor | None,
        ws: Tensor,
        noise: NoiseImages,
        resample_filter: Tensor,
    ) -> tuple[Tensor, Tensor | None]:
        """x: [N, I, r/2, r/2] or None, img: [N, C, r/2, r/2] or None, ws: [N, layers + torgb, w_dim] -> x, img."""
        if x is None:
            x = self.const.expand(ws.shape[0], -1, -1, -1)
            x = self.conv1(x, ws[:, 0], resample_filter, noise[0])
        elif self.has_skip:
            gain = math.sqrt(0.5)
            y = self.skip(x, resample_filter, gain=gain)
            x = self.conv0(x, ws[:, 0], resample_filter, noise[0])
            x = y + self.conv1(x, ws[:, 1], resample_filter, noise[1], gain=gain)
        else:
            x = self.conv0(x, ws[:, 0], resample_filter, noise[0])
            x = self.conv1(x, ws[:, 1], resample_filter, noise[1])
        if img is not None:
            img = upsample2d(img, resample_filter)
        if self.has_torgb:
            rgb = self.torgb(x, ws[:, len(self.layers)], resample_filter).float()
            img = rgb if img is None else img + rgb
        return x, img


class SynthesisNetwork(AnySynthesis):
    """The synthesis network: blocks b4, b8, ... up to img_resolution."""

    resample_filter: Tensor

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        self.num_ws = config.num_ws
        for resolution in config.block_resolutions:
            self.add_module(f"b{resolution}", SynthesisBlock(config, resolution))
        self.register_buffer("resample_filter", make_filter(config.resample_filter), persistent=False)

    @property
    def blocks(self) -> list[SynthesisBlock]:
        """The blocks from 4x4 upwards."""
        return [getattr(self, f"b{resolution}") for resolution in self.config.block_resolutions]

    @property
    def layers(self) -> list[SynthesisLayer]:
        """Every synthesis layer in order; layer i takes ws[:, i]."""
        return [layer for block in self.blocks for layer in block.layers]

    def make_noise(
        self, mode: str, batch: int, *, strength: float = 1.0, generator: torch.Generator | None = None
    ) -> list[Tensor | None]:
        """Noise images for `forward`: the model's own ('const'), drawn from `generator` ('random'), or none."""
        if mode == "none" or not self.config.use_noise:
            return [None] * len(self.layers)
        noise: list[Tensor | None] = []
        for layer in self.layers:
            image = layer.noise_const[None, None]
            if mode == "random":
                shape = (batch, 1, layer.resolution, layer.resolution)
                # Drawn on the generator's own device, so that a seed means the same on every device.
                device = image.device if generator is None else generator.device
                image = torch.randn(shape, generator=generator, device=device).to(image.device)
            noise.append(image if strength == 1.0 else image * strength)
        return noise

    def forward(
        self,
        ws: Tensor,
        noise_mode: str = "const",
        *,
        noise: NoiseImages | None = None,
        transform: Tensor | None = None,
        low_precision: torch.dtype | None = None,
    ) -> Tensor:
        """See `AnySynthesis`. Raises ConfigError for a transform: what begins with a constant cannot be moved."""
        if transform is not None:
            raise ConfigError("a StyleGAN2 generator has no input that could be turned or moved")
        images = iter(self.make_noise(noise_mode, ws.shape[0]) if noise is None else noise)
        x: Tensor | None = None
        img: Tensor | None = None
        index = 0
        for block in self.blocks:
            layers = len(block.layers)
            if x is not None:
                x = x.to(self._block_dtype(block.resolution, low_precision))
            x, img = block(x, img, ws[:, index : index + layers + 1], _take(images, layers), self.resample_filter)
            index += layers
        assert img is not None  # the last block always ends in RGB
        return img

    def _block_dtype(self, resolution: int, low_precision: torch.dtype | None) -> torch.dtype:
        first_low = self.config.img_resolution // 2 ** max(self.config.num_fp16_res - 1, 0)
        use_low = low_precision is not None and self.config.num_fp16_res > 0 and resolution >= max(first_low, 8)
        return low_precision if use_low and low_precision is not None else torch.float32


def _take(images: Iterator[Tensor | None], count: int) -> list[Tensor | None]:
    return [next(images) for _ in range(count)]

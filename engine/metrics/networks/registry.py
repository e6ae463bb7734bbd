"""The feature networks by name, and what they have in common: pictures in, one vector for each out.

Every metric is named after its network (`kid_lite0`), since a number means nothing without it. A network that a
discriminator was built on must not judge that discriminator's generator; that is why there are several.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

import torch
from torch import Tensor, nn

from engine.errors import ConfigError
from engine.metrics.networks import inception, lite0, lpips, squeezenet
from engine.metrics.networks.inputs import as_rgb, from_uint8, resized
from engine.metrics.networks.packaged_file import PackagedFile

BATCH = 16
"""pictures at once; more would only cost memory"""

OnProgress = Callable[[int, int], None]
"""called with (pictures seen, all pictures)"""


class FeatureNetwork(Protocol):
    """What the metrics ask of a network."""

    @property
    def name(self) -> str:
        """As it stands in the names of metrics."""

    @property
    def identity(self) -> str:
        """Changes whenever the same picture would get other features."""

    def features(self, images: Tensor, *, on_progress: OnProgress = ...) -> Tensor:
        """uint8 [N, 1, 3 or 4, H, W] -> float32 [N, D], on the CPU."""

    def encode(self, img: Tensor) -> Tensor:
        """float [N, 3, H, W] in [-1, 1] on the network's device -> [N, D], differentiable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSpec:
    """How a network is made."""

    weights: PackagedFile
    resolution: int
    """every picture is resized to this side, bilinearly, with a filter against aliasing where it shrinks"""
    make: Callable[[], nn.Module]
    """float [N, 3, resolution, resolution] in [-1, 1] -> [N, D]"""


NETWORKS: Final[Mapping[str, NetworkSpec]] = MappingProxyType(
    {
        "lite0": NetworkSpec(weights=lite0.WEIGHTS, resolution=lite0.INPUT_RESOLUTION, make=lite0.Lite0Encoder),
        "squeezenet": NetworkSpec(
            weights=squeezenet.WEIGHTS, resolution=squeezenet.INPUT_RESOLUTION, make=squeezenet.SqueezeNetEncoder
        ),
        "alexnet": NetworkSpec(
            weights=lpips.ALEXNET.weights, resolution=224, make=lambda: lpips.StagedEncoder(lpips.ALEXNET)
        ),
        "vgg16": NetworkSpec(
            weights=lpips.VGG16.weights, resolution=224, make=lambda: lpips.StagedEncoder(lpips.VGG16)
        ),
    }
)
PREPARATION: Final = 1
"""counts changes in how pictures are prepared or features pooled; part of every network's identity"""


class EncoderNetwork:
    """A `FeatureNetwork` around a module."""

    def __init__(
        self, name: str, encoder: nn.Module, *, weights_hash: str, resolution: int | None, device: str
    ) -> None:
        """resolution None: the module resizes by itself."""
        self.name = name
        self.identity = f"{name} {weights_hash} at {resolution}, preparation {PREPARATION}"
        self._resolution = resolution
        self._device = device
        self._encoder = encoder.to(device)

    @torch.no_grad()
    def features(self, images: Tensor, *, on_progress: OnProgress = lambda done, total: None) -> Tensor:
        """uint8 [N, 1, 3 or 4, H, W] -> float32 [N, D], on the CPU."""
        parts: list[Tensor] = []
        for start in range(0, len(images), BATCH):
            batch = images[start : start + BATCH].to(self._device)
            parts.append(self.encode(as_rgb(from_uint8(batch))).float().cpu())
            on_progress(start + len(batch), len(images))
        return torch.cat(parts)

    def encode(self, img: Tensor) -> Tensor:
        """float [N, 3, H, W] in [-1, 1] on the network's device -> [N, D], differentiable."""
        features: Tensor = self._encoder(img if self._resolution is None else resized(img, self._resolution))
        return features


def open_network(name: str, device: str = "cpu") -> FeatureNetwork:
    """The network of that name. Raises ConfigError if there is none, FeatureNetworkError if it is not installed."""
    if name not in NETWORKS:
        raise ConfigError(f"there is no feature network {name!r}: choose among {', '.join(NETWORKS)}")
    spec = NETWORKS[name]
    return EncoderNetwork(
        name, spec.make(), weights_hash=spec.weights.sha256, resolution=spec.resolution, device=device
    )


def open_inception(path: Path, device: str = "cpu") -> FeatureNetwork:
    """The network of the real FID, from a file of its weights. Raises FeatureNetworkError."""
    weights, weights_hash = inception.read_weights(path)
    encoder = inception.InceptionEncoder(weights)
    return EncoderNetwork("inception", encoder, weights_hash=weights_hash, resolution=None, device=device)

"""Features of the training pictures, computed once: kept in the platform's cache folder under a hash of the content.

A cached file that is damaged, or that cannot be written, costs time and nothing else. Knows nothing of metrics.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from platformdirs import user_cache_dir
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from engine.atomic_files import replaced_file
from engine.metrics.networks.registry import FeatureNetwork

CACHE_FOLDER_VARIABLE = "STYLEGAN_EXPLORER_CACHE"
FORMAT_NAME = "stylegan-explorer features 1"
BATCH = 64


class PixelSource(Protocol):
    """Numbered pictures of one size; a `PictureSet` is one."""

    def __len__(self) -> int: ...

    def pixels(self, indices: np.ndarray) -> np.ndarray:
        """The pictures at `indices` [N] (int), as a new uint8 array [N, C, H, W]."""


def cache_folder() -> Path:
    """The platform's cache folder, or the one that STYLEGAN_EXPLORER_CACHE names. It need not exist yet."""
    named = os.environ.get(CACHE_FOLDER_VARIABLE)
    return Path(named) if named else Path(user_cache_dir("stylegan-explorer", appauthor=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureCache:
    """Where features are kept, and who is told how their making goes."""

    folder: Path = field(default_factory=cache_folder)
    on_progress: Callable[[int, int], None] = lambda done, total: None
    """called with (pictures seen, all pictures)"""
    on_warning: Callable[[str], None] = lambda sentence: None

    def features(self, network: FeatureNetwork, pictures: PixelSource) -> Tensor:
        """float32 [len(pictures), D], in the order of the pictures."""
        path = self.folder / "features" / f"{network.name}-{content_key(network, pictures)[:32]}.safetensors"
        cached = _read(path)
        if cached is not None and len(cached) == len(pictures):
            self.on_progress(len(pictures), len(pictures))
            return cached
        features = self._compute(network, pictures)
        try:
            _write(path, features)
        except OSError as error:
            self.on_warning(
                f"{path} cannot be written ({error.strerror or error}), so the features of the training pictures are "
                "computed again next time."
            )
        return features

    def _compute(self, network: FeatureNetwork, pictures: PixelSource) -> Tensor:
        parts = []
        done = 0
        for pixels in _batches(pictures):
            parts.append(network.features(torch.from_numpy(pixels)))
            done += len(pixels)
            self.on_progress(done, len(pictures))
        return torch.cat(parts)


def content_key(network: FeatureNetwork, pictures: PixelSource) -> str:
    """A hash of the network, and of the size, channels and pixels of every picture in order."""
    digest = hashlib.sha256(network.identity.encode())
    for pixels in _batches(pictures):
        digest.update(repr(pixels.shape).encode())
        digest.update(np.ascontiguousarray(pixels).tobytes())
    return digest.hexdigest()


def _batches(pictures: PixelSource) -> Iterator[np.ndarray]:
    for start in range(0, len(pictures), BATCH):
        yield pictures.pixels(np.arange(start, min(start + BATCH, len(pictures))))


def _read(path: Path) -> Tensor | None:
    """The features, or None if the file is missing or not whole."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            features: Tensor = file.get_tensor("features")
    except (OSError, SafetensorError):
        return None
    whole = metadata.get("format") == FORMAT_NAME and metadata.get("sha256") == _sha256(features)
    return features if whole else None


def _write(path: Path, features: Tensor) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced_file(path) as temporary:
        try:
            save_file({"features": features}, temporary, {"format": FORMAT_NAME, "sha256": _sha256(features)})
        except SafetensorError as error:  # how the library reports a full disk
            raise OSError(str(error)) from error


def _sha256(features: Tensor) -> str:
    """Of the numbers: safetensors notices a file that was cut off, but not one with other numbers in it."""
    return hashlib.sha256(features.contiguous().numpy().tobytes()).hexdigest()

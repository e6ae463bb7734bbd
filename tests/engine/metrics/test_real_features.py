"""The cache of features: found again by content, and never in the way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.metrics.networks.registry import OnProgress
from engine.metrics.real_features import CACHE_FOLDER_VARIABLE, FeatureCache, cache_folder, content_key


class Corners:
    """A feature network that counts what it is shown."""

    def __init__(self, name: str = "corners", identity: str = "corners 1") -> None:
        self.name = name
        self.identity = identity
        self.seen = 0

    def features(self, images: Tensor, *, on_progress: OnProgress = lambda done, total: None) -> Tensor:
        self.seen += len(images)
        return images[:, :, 0, 0].float()

    def encode(self, img: Tensor) -> Tensor:
        return img[:, :, 0, 0]


class Pixels:
    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def pixels(self, indices: np.ndarray) -> np.ndarray:
        return self.values[indices]


def pictures(count: int = 100, resolution: int = 4, seed: int = 0) -> Pixels:
    return Pixels(np.random.RandomState(seed).randint(0, 256, (count, 3, resolution, resolution), dtype=np.uint8))


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_features_are_computed_once(tmp_path: Path) -> None:
    network, real = Corners(), pictures()
    seen: list[tuple[int, int]] = []
    cache = FeatureCache(folder=tmp_path / "new", on_progress=lambda done, total: seen.append((done, total)))
    first = cache.features(network, real)
    assert seen == [(64, 100), (100, 100)]
    assert torch.equal(first, torch.from_numpy(real.values[:, :, 0, 0]).float())
    assert torch.equal(cache.features(network, Pixels(real.values.copy())), first)
    assert network.seen == 100
    assert len(files(tmp_path)) == 1  # and no partial file


def test_other_content_has_another_key() -> None:
    real = pictures()
    changed = Pixels(real.values.copy())
    changed.values[99, 2, 3, 3] ^= 1
    reordered = Pixels(real.values[::-1])
    keys = {content_key(Corners(), source) for source in (real, changed, reordered, pictures(99), pictures(100, 8))}
    keys |= {content_key(Corners(identity="corners 2"), real)}
    # The same bytes in another shape are other pictures.
    keys |= {content_key(Corners(), Pixels(real.values.reshape(100, 1, 4, 12)))}
    assert len(keys) == 7


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "text"])
def test_a_damaged_file_is_made_again(damage: str, tmp_path: Path) -> None:
    network, real = Corners(), pictures()
    cache = FeatureCache(folder=tmp_path)
    first = cache.features(network, real)
    (path,) = files(tmp_path)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[-3] ^= 64
    path.write_bytes({"cut": whole[:-10], "flipped": bytes(flipped), "empty": b"", "text": b"no features"}[damage])
    assert torch.equal(cache.features(network, real), first)
    assert network.seen == 200
    assert torch.equal(cache.features(network, real), first)
    assert network.seen == 200  # the file was made again


def test_an_unusable_folder_is_a_warning(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    warnings: list[str] = []
    network, real = Corners(), pictures(5)
    features = FeatureCache(folder=blocked, on_warning=warnings.append).features(network, real)
    assert features.shape == (5, 3)
    assert len(warnings) == 1
    assert "cannot be written" in warnings[0]


def test_the_folder_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(CACHE_FOLDER_VARIABLE, str(tmp_path))
    assert cache_folder() == tmp_path
    assert FeatureCache().folder == tmp_path
    monkeypatch.delenv(CACHE_FOLDER_VARIABLE)
    assert cache_folder().name == "stylegan-explorer"

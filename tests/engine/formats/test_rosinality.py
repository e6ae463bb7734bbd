"""rosinality's checkpoints: the fixture, and everything else that such a file may hold or lack."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.errors import ModelFileError
from engine.formats.model_file import Model, load_model
from engine.latents.truncation import truncate
from engine.networks.config import DiscriminatorConfig
from engine.networks.discriminator import Discriminator
from tests.engine.formats import rosinality_writer
from tests.engine.formats.rosinality_writer import unlike, with_prefix
from tests.engine.formats.test_fixtures import FIXTURES, TOLERANCE
from tests.engine.formats.test_nvlabs import make_generator, picture, randomised

OPTIONS: tuple[dict[str, Any], ...] = (
    {"img_resolution": 8},
    {"img_resolution": 16, "img_channels": 1},
    {"img_resolution": 16, "img_channels": 4, "channel_base": 50, "channel_max": 5},
    {"img_resolution": 16, "resample_filter": (1.0, 2.0, 4.0, 1.0)},
    {"img_resolution": 16, "mapping_layers": 1, "z_dim": 8},
    {"img_resolution": 32, "channel_base": 512, "channel_max": 64},
)
OLD = {"_use_new_zipfile_serialization": False}


def opened(folder: Path, value: Any, *, old: bool = False, name: str = "model.pt") -> Model:
    path = folder / name
    torch.save(value, path, **(OLD if old else {}))
    return load_model(path, with_discriminator=True)


@pytest.fixture(scope="module")
def fixture() -> tuple[Model, dict[str, np.ndarray]]:
    with np.load(FIXTURES / "ros_64.npz") as arrays:
        return load_model(FIXTURES / "ros_64.pt"), dict(arrays)


@torch.no_grad()
def test_the_fixture_agrees_with_the_original(fixture: tuple[Model, dict[str, np.ndarray]]) -> None:
    model, expected = fixture
    G = model.G_ema
    ws = G.mapping(torch.from_numpy(expected["z"]))
    half = truncate(ws, G.mapping.w_avg, [0.5] * G.num_ws)
    actual = {
        "latent_avg": G.mapping.w_avg,
        "w": ws[:, 0],
        "img_psi1": G.synthesis(ws),
        "img_psi05": G.synthesis(half),
        "img_nonoise_psi1": G.synthesis(ws, noise_mode="none"),
        "img_mix_idx4": G.synthesis(torch.cat([ws[:1, :4], ws[1:2, 4:]], dim=1)),
        "img_wplus": G.synthesis(torch.from_numpy(expected["wplus"])),
    }
    assert set(actual) | {"z", "wplus"} == set(expected)
    for name, values in actual.items():
        assert values.shape == expected[name].shape, name
        assert np.abs(values.numpy() - expected[name]).max() < TOLERANCE, name
    assert model.info.source_format == "rosinality checkpoint"


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_generator_options(options: dict[str, Any], old: bool, tmp_path: Path) -> None:
    G = make_generator(**options)
    value = {"g_ema": rosinality_writer.generator(G), "latent_avg": G.mapping.w_avg}
    actual = opened(tmp_path, value, old=old).G_ema
    assert actual.config.channels(8) == G.config.channels(8)
    assert actual.config.resample_filter == G.config.resample_filter
    assert torch.equal(actual.mapping.w_avg, G.mapping.w_avg)
    assert torch.equal(picture(actual), picture(G))


@pytest.mark.parametrize("old", [False, True])
def test_a_training_checkpoint(old: bool, tmp_path: Path) -> None:
    G = make_generator(img_resolution=16)
    config = DiscriminatorConfig(img_resolution=16, channel_base=64, channel_max=6)
    D = randomised(Discriminator(config))
    trained = torch.nn.Parameter(torch.ones(3))
    optimizer = torch.optim.Adam([trained], lr=0.002, betas=(0.0, 0.99))
    trained.sum().backward()
    optimizer.step()
    state = rosinality_writer.generator(G)
    value = {
        "g": unlike(state),
        "d": rosinality_writer.discriminator(D),
        "g_ema": state,
        "g_optim": optimizer.state_dict(),
        "d_optim": optimizer.state_dict(),
        "args": argparse.Namespace(
            path=Path("pictures"), size=16, latent=8, device=torch.device("cpu"), lr=np.float64(0.002), ckpt=None
        ),
        "ada_aug_p": 0.25,
        "shape": torch.Size([1, 2]),
        "dtype": torch.float32,
    }
    model = opened(tmp_path, value, old=old)
    assert model.info.has_discriminator
    assert torch.equal(picture(model.G_ema), picture(G))
    assert model.G is not None
    assert (model.G.mapping.fc0.weight == 0.5).all()
    pictures = torch.randn(4, 3, 16, 16, generator=torch.Generator().manual_seed(3))
    assert model.D is not None
    assert torch.equal(model.D(pictures), D(pictures))


def test_w_avg_is_estimated_where_it_is_missing(tmp_path: Path) -> None:
    G = make_generator(img_resolution=8)
    value = {"g_ema": rosinality_writer.generator(G)}
    model = opened(tmp_path, value)
    z = torch.from_numpy(np.random.RandomState(0).randn(4096, G.z_dim)).float()
    expected = G.mapping(z)[:, 0].mean(dim=0)
    assert expected.abs().max() > 0.01
    assert torch.allclose(model.G_ema.mapping.w_avg, expected, atol=1e-5)
    assert opened(tmp_path, value).info.content_id == model.info.content_id


def test_noise_images_are_made_where_they_are_missing(tmp_path: Path) -> None:
    G = make_generator(img_resolution=8)
    value = {"g_ema": rosinality_writer.generator(G, noises=False)}
    first, second = opened(tmp_path, value).G_ema, opened(tmp_path, value).G_ema
    assert torch.equal(picture(first), picture(second))
    assert first.synthesis.b8.conv1.noise_const.std() > 0.5
    with torch.no_grad():
        ws = G.mapping(torch.ones(1, G.z_dim))
        assert torch.equal(first.synthesis(ws, noise_mode="none"), G.synthesis(ws, noise_mode="none"))


@pytest.mark.parametrize("key", ["g", "state_dict", "params_ema", None])
@pytest.mark.parametrize("prefix", ["", "module.", "decoder.", "generator."])
def test_a_generator_by_another_name(key: str | None, prefix: str, tmp_path: Path) -> None:
    G = make_generator(img_resolution=8)
    state: Any = with_prefix(prefix, rosinality_writer.generator(G))
    if key is not None:
        state = {key: state, "latent_avg": G.mapping.w_avg}
    model = opened(tmp_path, state)
    assert torch.equal(picture(model.G_ema), picture(G))
    assert model.G is None


def test_half_precision(tmp_path: Path) -> None:
    G = make_generator(img_resolution=8).half().float()
    state = {name: tensor.half() for name, tensor in rosinality_writer.generator(G).items()}
    assert torch.equal(picture(opened(tmp_path, {"g_ema": state}).G_ema), picture(G))


@pytest.mark.parametrize("name", ["convs.1.conv.weight", "to_rgb1.bias", "style.1.bias", "conv1.noise.weight"])
def test_missing_tensors_are_named(name: str, tmp_path: Path) -> None:
    state = rosinality_writer.generator(make_generator(img_resolution=8))
    del state[name]
    with pytest.raises(ModelFileError, match=f"lacks {name}"):
        opened(tmp_path, {"g_ema": state})


def test_a_discriminator_that_does_not_fit_is_named(tmp_path: Path) -> None:
    D = Discriminator(DiscriminatorConfig(img_resolution=16, channel_base=64, channel_max=6))
    state = rosinality_writer.discriminator(D)
    del state["convs.1.conv2.1.weight"]
    G = rosinality_writer.generator(make_generator(img_resolution=16))
    with pytest.raises(ModelFileError, match=r"the discriminator lacks convs\.1.conv2.1.weight"):
        opened(tmp_path, {"g_ema": G, "d": state})

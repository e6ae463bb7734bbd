"""State dicts, whose options are told by shapes, by a file beside them, or by nothing."""

from __future__ import annotations

import json
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.errors import ModelFileError
from engine.formats.model_file import Model, load_model
from engine.networks.config import DiscriminatorConfig
from engine.networks.discriminator import Discriminator
from engine.networks.ops.upfirdn2d import make_filter
from tests.engine.formats.rosinality_writer import unlike, with_prefix
from tests.engine.formats.test_fixtures import FIXTURES, TOLERANCE
from tests.engine.formats.test_nvlabs import OPTIONS, make_generator, picture, randomised


def state_of(network: Any) -> OrderedDict[str, Tensor]:
    """As NVlabs' modules give it: every block and convolution keeps the filter."""
    state = OrderedDict(network.state_dict())
    kernel = make_filter(network.config.resample_filter)
    blocks = {name.rsplit(".", 2)[0] for name in state if ".conv1." in name and ".affine." not in name}
    return state | OrderedDict((f"{block}.resample_filter", kernel) for block in sorted(blocks))


def opened(folder: Path, value: Any, *, old: bool = False, beside: Any = None, name: str = "model.json") -> Model:
    path = folder / "model.pt"
    torch.save(value, path, _use_new_zipfile_serialization=not old)
    if beside is not None:
        (folder / name).write_text(beside if isinstance(beside, str) else json.dumps(beside), encoding="utf-8")
    return load_model(path, with_discriminator=True)


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_generator_options(options: dict[str, Any], old: bool, tmp_path: Path) -> None:
    G = make_generator(**options)
    config = G.config.to_dict()
    actual = opened(tmp_path, state_of(G), old=old, beside=config).G_ema
    assert actual.config == G.config
    assert torch.equal(picture(actual), picture(G))


@pytest.mark.parametrize("name", ["ada_uncond_64", "ada_cond_64", "ada_grey_32", "sg3repo_sg2_64"])
@pytest.mark.parametrize("old", [False, True])
def test_the_fixtures_give_the_same_pictures_without_a_configuration(name: str, old: bool, tmp_path: Path) -> None:
    model = load_model(FIXTURES / f"{name}.pkl", with_discriminator=True)
    value = {"G_ema": state_of(model.G_ema), "G": state_of(model.G), "D": state_of(model.D)}
    actual = opened(tmp_path, value, old=old)
    assert actual.info.source_format == "nvlabs state dict"
    with np.load(FIXTURES / f"{name}.npz") as expected, torch.no_grad():
        z, c = (torch.from_numpy(expected[key]).float() for key in ("z", "c"))
        pictures = actual.G_ema.synthesis(actual.G_ema.mapping(z, c if actual.info.c_dim else None))
        assert np.abs(pictures.numpy() - expected["img_const_psi1"]).max() < TOLERANCE
        assert actual.D is not None
        logits = actual.D(torch.from_numpy(expected["img_const_psi1"]), c if actual.info.c_dim else None)
        assert np.abs(logits.numpy() - expected["d_logits_img_const_psi1"]).max() < TOLERANCE


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"architecture": "skip"},
        {"architecture": "orig", "img_channels": 1},
        {"c_dim": 3, "mapping_layers": 2},
        {"c_dim": 3, "cmap_dim": 7},
        {"mbstd_num_channels": 0},
        {"mbstd_num_channels": 2},
    ],
    ids=str,
)
def test_discriminator_options(options: dict[str, Any], tmp_path: Path) -> None:
    config = DiscriminatorConfig(**{"img_resolution": 16, "channel_base": 64, "channel_max": 6, **options})
    D = randomised(Discriminator(config))
    beside = {"G_kwargs": {}, "D_kwargs": {"conv_clamp": None, "epilogue_kwargs": {"mbstd_group_size": 2}}}
    value = {"G_ema": state_of(make_generator(img_resolution=16)), "D": state_of(D)}
    actual = opened(tmp_path, value, beside=beside, name="training_options.json").D
    assert actual is not None
    D.b4.mbstd = actual.b4.mbstd
    assert actual.config.mbstd_group_size == 2
    pictures = torch.randn(4, config.img_channels, 16, 16, generator=torch.Generator().manual_seed(3))
    c = torch.eye(3)[[0, 1, 2, 0]] if config.c_dim else None
    assert torch.equal(actual(pictures, c), D(pictures, c))


@pytest.mark.parametrize(
    "beside",
    [
        {"G_kwargs": {"mapping_kwargs": {"lr_multiplier": 0.1}, "synthesis_kwargs": {"conv_clamp": 0.5}}},
        {"G_kwargs": {"mapping_kwargs": {"lr_multiplier": 0.1}, "conv_clamp": 0.5}},
        {"init_kwargs": {"mapping_kwargs": {"lr_multiplier": 0.1}, "synthesis_kwargs": {"conv_clamp": 0.5}}},
        {"z_dim": 6, "mapping_kwargs": {"lr_multiplier": 0.1}, "conv_clamp": 0.5},
        {"mapping_lr_multiplier": 0.1, "conv_clamp": 0.5, "z_dim": 6},
        {"path": "x", "config": {"mapping_lr_multiplier": 0.1, "conv_clamp": 0.5}},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["model.json", "config.json", "training_options.json"])
def test_configurations_beside_the_model(beside: dict[str, Any], name: str, tmp_path: Path) -> None:
    G = make_generator(img_resolution=8, conv_clamp=0.5, mapping_lr_multiplier=0.1)
    without = opened(tmp_path, state_of(G)).G_ema
    assert (without.config.conv_clamp, without.config.num_fp16_res) == (256, 1)
    assert not torch.equal(picture(without), picture(G))
    actual = opened(tmp_path, state_of(G), beside=beside, name=name).G_ema
    assert torch.equal(picture(actual), picture(G))


@pytest.mark.parametrize("prefix", ["", "module.", "G_ema.", "generator."])
@pytest.mark.parametrize("key", [None, "G_ema", "G", "g_ema", "state_dict", "model"])
def test_a_generator_by_another_name(key: str | None, prefix: str, tmp_path: Path) -> None:
    G = make_generator(img_resolution=8)
    state: Any = with_prefix(prefix, state_of(G))
    if key is not None:
        state = {key: state, "cur_nimg": 1000}
    model = opened(tmp_path, state)
    assert torch.equal(picture(model.G_ema), picture(G))
    assert model.G is None


def test_all_networks(tmp_path: Path) -> None:
    state = state_of(make_generator(img_resolution=8))
    kernels = {name: tensor for name, tensor in state.items() if name.endswith("resample_filter")}
    model = opened(tmp_path, {"G_ema": state, "G": unlike(state) | kernels})
    assert model.G is not None
    assert not torch.equal(picture(model.G), picture(model.G_ema))


@pytest.mark.parametrize(
    ("beside", "message"),
    [
        ({"G_kwargs": {"z_dim": 512}}, r"says z_dim = 512, but its tensors are of z_dim = 6: choose"),
        ("{", r"is no JSON"),
        ("[" * 100_000, r"is no JSON"),
        (" " * (2**20 + 1), r"larger than any configuration"),
        ({"conv_clamp": "much"}, r"conv_clamp = 'much'"),
    ],
    ids=["other sizes", "no JSON", "deep", "large", "nonsense"],
)
def test_configurations_that_cannot_be_used_are_named(beside: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=message):
        opened(tmp_path, state_of(make_generator(img_resolution=8)), beside=beside)


def test_a_configuration_of_something_else_does_not_matter(tmp_path: Path) -> None:
    G = make_generator(img_resolution=8)
    model = opened(tmp_path, state_of(G), beside={"model_type": "bert", "hidden_size": 768}, name="config.json")
    assert torch.equal(picture(model.G_ema), picture(G))


def test_missing_tensors_are_named(tmp_path: Path) -> None:
    state = state_of(make_generator(img_resolution=8))
    del state["synthesis.b8.conv0.affine.bias"]
    with pytest.raises(ModelFileError, match=r"lacks synthesis\.b8\.conv0\.affine\.bias"):
        opened(tmp_path, state)

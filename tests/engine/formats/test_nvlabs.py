"""Every option of an NVlabs file that changes the picture; the oracle is the network that was written."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.errors import ModelFileError
from engine.formats.model_file import load_model
from engine.networks.config import DiscriminatorConfig, GeneratorConfig
from engine.networks.discriminator import Discriminator
from engine.networks.generator import Generator
from tests.engine.formats import nvlabs_writer

SMALL = {"z_dim": 6, "w_dim": 8, "mapping_layers": 2, "channel_base": 64, "channel_max": 6}
OPTIONS: tuple[dict[str, Any], ...] = (
    {"img_resolution": 8},
    {"img_resolution": 16, "architecture": "resnet"},
    {"img_resolution": 16, "architecture": "orig", "img_channels": 1},
    {"img_resolution": 16, "use_noise": False, "img_channels": 4},
    {"img_resolution": 16, "conv_clamp": 0.5, "num_fp16_res": 2},
    {"img_resolution": 16, "activation": "relu", "mapping_activation": "relu"},
    {"img_resolution": 16, "resample_filter": (1.0, 2.0, 4.0, 1.0)},
    {"img_resolution": 16, "resample_filter": (1.0, 1.0)},
    {"img_resolution": 16, "mapping_lr_multiplier": 0.1, "mapping_layer_features": 12, "mapping_layers": 3},
    {"img_resolution": 16, "c_dim": 3, "mapping_embed_features": 5},
    {"img_resolution": 16, "c_dim": 3, "z_dim": 0},
    {"img_resolution": 16, "channel_base": 50, "channel_max": 5},
)


def randomised(network: torch.nn.Module) -> Any:
    """Random values everywhere, so that a tensor in the wrong place shows."""
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for tensor in network.state_dict().values():
            tensor.copy_(torch.randn(tensor.shape, generator=generator))
    return network.eval().requires_grad_(False)


def make_generator(**options: Any) -> Generator:
    return randomised(Generator(GeneratorConfig(**(SMALL | options))))


def picture(G: Generator) -> torch.Tensor:
    generator = torch.Generator().manual_seed(9)
    z = torch.randn(2, G.z_dim, generator=generator)
    c = torch.eye(G.c_dim)[:2] if G.c_dim else None
    with torch.no_grad():
        return G.synthesis(G.mapping(z, c))


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_generator_options(options: dict[str, Any], tmp_path: Path) -> None:
    G = make_generator(**options)
    path = tmp_path / "model.pkl"
    path.write_bytes(nvlabs_writer.dumps({"G_ema": nvlabs_writer.generator(G)}))
    opened = load_model(path).G_ema
    assert opened.config == G.config
    assert torch.equal(picture(opened), picture(G))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"architecture": "skip"},
        {"architecture": "orig", "img_channels": 1},
        {"c_dim": 3, "mapping_layers": 2},
        {"c_dim": 3, "cmap_dim": 7},
        {"mbstd_num_channels": 0, "mbstd_group_size": None},
        {"mbstd_group_size": 2, "mbstd_num_channels": 2},
        {"conv_clamp": 0.5, "activation": "relu", "resample_filter": (1.0, 2.0, 4.0, 1.0)},
    ],
    ids=str,
)
def test_discriminator_options(options: dict[str, Any], tmp_path: Path) -> None:
    config = DiscriminatorConfig(**{"img_resolution": 16, "channel_base": 64, "channel_max": 6, **options})
    D = randomised(Discriminator(config))
    G = make_generator(img_resolution=16)
    networks = {"G_ema": nvlabs_writer.generator(G), "D": nvlabs_writer.discriminator(D, frozen=True)}
    path = tmp_path / "model.pkl"
    path.write_bytes(nvlabs_writer.dumps(networks))
    opened = load_model(path, with_discriminator=True).D
    assert opened is not None
    pictures = torch.randn(4, config.img_channels, 16, 16, generator=torch.Generator().manual_seed(3))
    c = torch.eye(3)[[0, 1, 2, 0]] if config.c_dim else None
    assert torch.equal(opened(pictures, c), D(pictures, c))


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_pickle_protocols_of_every_year(protocol: int, tmp_path: Path) -> None:
    G = make_generator(img_resolution=8)
    path = tmp_path / "model.pkl"
    data = nvlabs_writer.dumps({"G_ema": nvlabs_writer.generator(G)}, protocol=protocol)
    path.write_bytes(data)
    assert torch.equal(picture(load_model(path).G_ema), picture(G))


def test_channels_last_weights_and_bare_object(tmp_path: Path) -> None:
    G = make_generator(img_resolution=16, architecture="resnet")
    path = tmp_path / "model.pkl"
    path.write_bytes(nvlabs_writer.dumps(nvlabs_writer.generator(G, wide=True)))
    assert torch.equal(picture(load_model(path).G_ema), picture(G))


def test_extra_entries_beside_the_networks_do_not_matter(tmp_path: Path) -> None:
    G = make_generator(img_resolution=8)
    path = tmp_path / "model.pkl"
    extra = {
        "training_set_kwargs": nvlabs_writer.EasyDict(path="x"),
        "augment_pipe": None,
        "progress": 25.5,
        "latents": torch.zeros(3, 4),
        "directions": {"smile": np.zeros(8), "count": np.int64(3)},
        "args": argparse.Namespace(outdir=Path("runs"), device=torch.device("cpu"), shape=torch.Size([1])),
        "encoder": nvlabs_writer.persistent_module("Encoder", weight=torch.zeros(2)),
    }
    path.write_bytes(nvlabs_writer.dumps({"G_ema": nvlabs_writer.generator(G), **extra}))
    assert torch.equal(picture(load_model(path).G_ema), picture(G))


def test_widths_are_inferred_when_the_arguments_do_not_tell_them(tmp_path: Path) -> None:
    G = make_generator(img_resolution=16)
    network = nvlabs_writer.generator(G)
    network.state["_modules"]["synthesis"].state["_init_kwargs"] = {}
    assert torch.equal(picture(load_model(_write(tmp_path, network)).G_ema), picture(G))


def _write(tmp_path: Path, network: Any) -> Path:
    path = tmp_path / "model.pkl"
    path.write_bytes(nvlabs_writer.dumps({"G_ema": network}))
    return path


def test_missing_tensor_is_named(tmp_path: Path) -> None:
    network = nvlabs_writer.generator(make_generator(img_resolution=8))
    del network.state["_modules"]["mapping"].state["_buffers"]["w_avg"]
    with pytest.raises(ModelFileError, match=r"lacks mapping\.w_avg"):
        load_model(_write(tmp_path, network))


def test_unexpected_tensor_is_named(tmp_path: Path) -> None:
    network = nvlabs_writer.generator(make_generator(img_resolution=8))
    network.state["_modules"]["mapping"].state["_buffers"]["attention"] = torch.zeros(3)
    with pytest.raises(ModelFileError, match=r"has mapping\.attention"):
        load_model(_write(tmp_path, network))


def test_misshapen_tensor_is_named(tmp_path: Path) -> None:
    network = nvlabs_writer.generator(make_generator(img_resolution=8))
    network.state["_modules"]["mapping"].state["_buffers"]["w_avg"] = torch.zeros(9)
    with pytest.raises(ModelFileError, match=r"mapping\.w_avg .* shape \(9,\), where \(8,\)"):
        load_model(_write(tmp_path, network))


def test_weights_that_are_no_numbers_are_named(tmp_path: Path) -> None:
    G = make_generator(img_resolution=8)
    G.mapping.w_avg[3] = float("nan")
    with pytest.raises(ModelFileError, match=r"mapping\.w_avg .*diverged"):
        load_model(_write(tmp_path, nvlabs_writer.generator(G)))


def test_layers_that_disagree_are_named(tmp_path: Path) -> None:
    network = nvlabs_writer.generator(make_generator(img_resolution=8))
    network.state["_modules"]["synthesis"].state["_modules"]["b8"].state["_modules"]["conv1"].state["conv_clamp"] = 2.5
    with pytest.raises(ModelFileError, match=r"b8\.conv1 has another conv_clamp"):
        load_model(_write(tmp_path, network))


def test_other_networks_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="network of class 'UNet'"):
        load_model(_write(tmp_path, nvlabs_writer.persistent_module("UNet")))
    path = tmp_path / "other.pkl"
    path.write_bytes(nvlabs_writer.dumps({"epoch": 3}))
    with pytest.raises(ModelFileError, match=r"holds epoch\. Choose"):
        load_model(path)

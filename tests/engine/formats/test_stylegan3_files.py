"""StyleGAN3 in this project's own files, and where it is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner

from engine.cli.tools import main
from engine.errors import ModelFileError
from engine.formats.model_file import load_model, save_model
from engine.networks.stylegan3_config import StyleGAN3Config
from engine.networks.stylegan3_generator import StyleGAN3Generator
from engine.training.transfer import open_source
from tests.engine.networks.stylegan3_models import R, make_stylegan3, picture_of

OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    R,
    {"c_dim": 3, "img_channels": 4},
    {"img_resolution": 20, "margin_size": 4, "filter_size": 4, "output_scale": 0.5},
    {"conv_clamp": None, "w_avg_beta": None, "mapping_layers": 3, "num_fp16_res": 2},
)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_model_comes_back_exactly(options: dict[str, Any], tmp_path: Path) -> None:
    G = make_stylegan3(**options)
    path = tmp_path / "model.safetensors"
    save_model(path, G_ema=G)
    model = load_model(path)
    assert isinstance(model.G_ema, StyleGAN3Generator)
    assert model.G_ema.config == G.config
    assert torch.equal(picture_of(model.G_ema), picture_of(G))
    assert model.info.kind == "stylegan3"
    assert model.info.has_input_transform
    assert model.info.num_ws == len(model.info.layer_resolutions) == 7


def test_the_content_id_tells_weights_and_options_apart(tmp_path: Path) -> None:
    ids = set()
    for index, options in enumerate(({}, {"output_scale": 0.5}, {"c_dim": 2})):
        path = tmp_path / f"{index}.safetensors"
        save_model(path, G_ema=make_stylegan3(**options))
        ids.add(load_model(path).info.content_id)
    assert len(ids) == 3


def test_an_unknown_kind_and_unknown_options_are_refused(tmp_path: Path) -> None:
    from safetensors import safe_open
    from safetensors.torch import load_file, save_file

    path = tmp_path / "model.safetensors"
    save_model(path, G_ema=make_stylegan3())
    with safe_open(path, framework="pt") as file:
        description = json.loads(file.metadata()["stylegan_explorer"])
    tensors = load_file(path)
    changes = {
        "unknown kind 'stylegan9'": {"kind": "stylegan9"},
        "unknown option 'magic'": {"magic": 1},
        "num_layers = 3.5": {"num_layers": 3.5},
        "multiple of 4": {"img_resolution": 30},
        r"lacks synthesis\.L3": {"num_layers": 6},
    }
    for words, change in changes.items():
        values = {**description, "networks": {"G_ema": description["networks"]["G_ema"] | change}}
        save_file(tensors, path, metadata={"stylegan_explorer": json.dumps(values)})
        with pytest.raises(ModelFileError, match=words):
            load_model(path)


def test_info_and_convert(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_model(path, G_ema=make_stylegan3(**R))
    shown = CliRunner().invoke(main, ["info", str(path)])
    assert "StyleGAN3 (configuration R)" in shown.output
    half = CliRunner().invoke(main, ["convert", str(path), str(tmp_path / "half.safetensors"), "--half"])
    assert half.exit_code == 0, half.output
    assert load_model(tmp_path / "half.safetensors").G_ema.config == load_model(path).G_ema.config
    refused = CliRunner().invoke(main, ["convert", str(path), str(tmp_path / "model.pt")])
    assert refused.exit_code == 1
    assert "not written for this program" in " ".join(refused.output.split())


def test_training_cannot_begin_from_it(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_model(path, G_ema=make_stylegan3())
    with pytest.raises(ModelFileError, match=r"StyleGAN3 .* training makes StyleGAN2"):
        open_source(path)


def test_a_huge_configuration_costs_nothing(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    config = StyleGAN3Config(img_resolution=4096, channel_max=1024, w_dim=1024).to_dict()
    values = {
        "format": "stylegan-explorer model",
        "version": 1,
        "networks": {"G_ema": {"kind": "stylegan3", **config}},
    }
    path = tmp_path / "model.safetensors"
    save_file({"G_ema.mapping.w_avg": torch.zeros(3)}, path, metadata={"stylegan_explorer": json.dumps(values)})
    with pytest.raises(ModelFileError, match="lacks"):
        load_model(path)

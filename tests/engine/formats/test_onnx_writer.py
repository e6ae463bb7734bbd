"""ONNX files: another runtime makes the same ws and pictures of them, for batches of every size."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.cli import convert as convert_module
from engine.errors import ExportError
from engine.formats import onnx_writer
from engine.formats.content_id import content_id
from engine.formats.model_file import load_model, save_model
from engine.formats.onnx_writer import METADATA_KEY, write_mapping, write_synthesis
from engine.formats.weights import network_arrays
from engine.latents.truncation import truncate
from engine.networks.any_generator import AnyGenerator
from engine.networks.generator_kinds import make_generator as make_any_generator
from engine.networks.stylegan3_config import StyleGAN3Config
from tests.engine.cli.test_tools import stylegan
from tests.engine.formats.test_fixtures import FIXTURES
from tests.engine.formats.test_nvlabs import make_generator

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
Arrays = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AnyGenerator]:
    """A conditional model with clamp and noise, by the command."""
    folder = tmp_path_factory.mktemp("onnx")
    G = make_generator(img_resolution=8, c_dim=3, conv_clamp=0.5)
    save_model(folder / "model.safetensors", G_ema=G)
    result = stylegan("convert", folder / "model.safetensors", folder / "model.onnx")
    assert result.exit_code == 0, result.output
    assert "model.onnx: 0." in result.output
    assert "model.mapping.onnx: 0." in result.output
    return folder / "model.onnx", G


def run(path: Path, **inputs: torch.Tensor) -> torch.Tensor:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (output,) = session.run(None, {name: value.numpy() for name, value in inputs.items()})
    return torch.from_numpy(output)


def names(path: Path) -> tuple[list[str], list[str]]:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return [value.name for value in session.get_inputs()], [value.name for value in session.get_outputs()]


def random(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(5))


@pytest.mark.parametrize("batch", [1, 2, 5])
@torch.no_grad()
def test_another_runtime_makes_the_same(batch: int, converted: tuple[Path, AnyGenerator]) -> None:
    path, G = converted
    z, c, psi = random(batch, G.z_dim), torch.eye(3)[torch.arange(batch) % 3], torch.linspace(1, 0, G.num_ws)
    ws = run(path.with_name("model.mapping.onnx"), z=z, c=c, psi=psi)
    expected = truncate(G.mapping(z, c), G.mapping.w_avg, psi.tolist())
    assert torch.allclose(ws, expected, atol=1e-5)
    picture = run(path, ws=ws)
    assert picture.shape == (batch, 3, 8, 8)
    assert (picture - G.synthesis(expected)).abs().max() < 1e-4
    assert picture.std() > 0.01


@torch.no_grad()
def test_each_layer_follows_its_own_w(converted: tuple[Path, AnyGenerator]) -> None:
    path, G = converted
    ws = random(3, G.num_ws, G.w_dim)
    assert (run(path, ws=ws) - G.synthesis(ws)).abs().max() < 1e-4


def test_names_and_metadata(converted: tuple[Path, AnyGenerator]) -> None:
    path, G = converted
    assert names(path) == (["ws"], ["picture"])
    assert names(path.with_name("model.mapping.onnx")) == (["z", "c", "psi"], ["ws"])
    for each in (path, path.with_name("model.mapping.onnx")):
        model = onnx.load(each)
        onnx.checker.check_model(model)
        about = json.loads({entry.key: entry.value for entry in model.metadata_props}[METADATA_KEY])
        assert about["content_id"] == content_id(G.config, network_arrays(G))
        assert about["config"]["img_resolution"] == 8


def test_nothing_of_this_computer_is_inside(converted: tuple[Path, AnyGenerator]) -> None:
    """The exporter would note where each node comes from in the program."""
    path, _ = converted
    for each in (path, path.with_name("model.mapping.onnx")):
        data = each.read_bytes()
        assert b"stack_trace" not in data
        assert b"engine/" not in data
        assert str(Path(convert_module.__file__).parents[2]).encode() not in data


def test_neither_file_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "model.mapping.onnx").write_bytes(b"precious")
    result = stylegan("convert", FIXTURES / "ros_64.pt", tmp_path / "model.onnx")
    assert result.exit_code == 1
    assert "model.mapping.onnx exists already" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["model.mapping.onnx"]


def test_a_package_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_writer.importlib.util, "find_spec", lambda name: None if name == "onnxscript" else name)
    with pytest.raises(ExportError, match=r"needs onnxscript.*pip install 'stylegan-explorer\[onnx\]'"):
        write_synthesis(tmp_path / "model.onnx", make_generator(img_resolution=8))
    assert list(tmp_path.iterdir()) == []


def test_half_is_refused(tmp_path: Path) -> None:
    result = stylegan("convert", FIXTURES / "ros_64.pt", tmp_path / "model.onnx", "--half")
    assert result.exit_code == 1
    assert "leave out --half" in result.output


def stylegan3(**options: Any) -> AnyGenerator:
    config = StyleGAN3Config(
        img_resolution=16, z_dim=8, w_dim=8, channel_base=128, channel_max=8, num_layers=4, num_critical=1, **options
    )
    return make_any_generator(config).eval()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["stylegan2", "stylegan3", "lucidrains"])
@torch.no_grad()
def test_generators_of_every_kind(kind: str, tmp_path: Path) -> None:
    G = {
        "stylegan2": lambda: load_model(FIXTURES / "ada_uncond_64.pkl").G_ema,
        "stylegan3": stylegan3,
        "lucidrains": lambda: load_model(FIXTURES / "luc_16" / "model_0.pt").G_ema,
    }[kind]()
    write_synthesis(tmp_path / "model.onnx", G)
    write_mapping(tmp_path / "mapping.onnx", G)
    z = random(3, G.z_dim)
    ws = run(tmp_path / "mapping.onnx", z=z, psi=torch.ones(G.num_ws))
    assert torch.allclose(ws, G.mapping(z), atol=1e-5)
    assert (run(tmp_path / "model.onnx", ws=ws) - G.synthesis(G.mapping(z))).abs().max() < 1e-4

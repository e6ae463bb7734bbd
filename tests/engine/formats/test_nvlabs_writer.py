"""A .pkl for NVlabs' tools: our reader finds the same model again, and a tool that executes the text inside the same
pictures.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.errors import ModelFileError
from engine.formats.model_file import Model, load_model, save_nvlabs_pickle
from engine.networks.config import DiscriminatorConfig
from engine.networks.discriminator import Discriminator
from engine.networks.generator import Generator
from tests.engine.formats.test_fixtures import FIXTURES, TOLERANCE
from tests.engine.formats.test_nvlabs import OPTIONS, make_generator, picture, randomised

TOOL = Path(__file__).with_name("nvlabs_tool.py")


NAMES = ("ada_cond_64", "ada_grey_32", "tf_sg2_64")
MADE: dict[str, dict[str, Any]] = {
    "resnet": {"architecture": "resnet", "conv_clamp": 0.5, "resample_filter": (1.0, 2.0, 4.0, 1.0)},
    "orig": {"architecture": "orig", "use_noise": False, "img_channels": 4, "activation": "relu"},
    "labels": {"c_dim": 3, "mapping_embed_features": 5, "mapping_lr_multiplier": 0.1, "mapping_layers": 1},
}
Arrays = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def tool_results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Arrays]:
    """Of one run, in a process of its own, from another folder and without this project on its path."""
    folder = tmp_path_factory.mktemp("tool")
    command = [sys.executable, "-I", str(TOOL)]
    for name in NAMES:
        model = load_model(FIXTURES / f"{name}.pkl", with_discriminator=True)
        save_nvlabs_pickle(folder / f"{name}.pkl", G_ema=model.G_ema, G=model.G, D=model.D)
        command += [str(folder / f"{name}.pkl"), str(FIXTURES / f"{name}.npz"), str(folder / f"{name}.npz")]
    for name, options in MADE.items():
        G = make_generator(img_resolution=16, **options)
        save_nvlabs_pickle(folder / f"{name}.pkl", G_ema=G)
        z, c = inputs(G)
        np.savez(folder / f"{name}_in.npz", z=z.numpy(), c=c.numpy())
        command += [str(folder / f"{name}{end}") for end in (".pkl", "_in.npz", ".npz")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    results = {}
    for name in (*NAMES, *MADE):
        with np.load(folder / f"{name}.npz") as arrays:
            results[name] = dict(arrays)
    return results


def inputs(G: Generator) -> tuple[torch.Tensor, torch.Tensor]:
    z = torch.randn(2, G.z_dim, generator=torch.Generator().manual_seed(4))
    return z, torch.eye(3)[:2] if G.c_dim else torch.zeros(2, 0)


def same_weights(first: torch.nn.Module, second: torch.nn.Module) -> bool:
    ours, theirs = first.state_dict(), second.state_dict()
    return list(ours) == list(theirs) and all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize("name", NAMES)
def test_a_tool_makes_what_the_original_made(name: str, tool_results: dict[str, Arrays]) -> None:
    actual = tool_results[name]
    compared = 0
    with np.load(FIXTURES / f"{name}.npz") as expected:
        for key in set(expected) & set(actual):
            assert actual[key].shape == expected[key].shape, key
            assert np.abs(actual[key] - expected[key]).max() < TOLERANCE, key
            compared += 1
        assert np.abs(actual["rebuilt"] - expected["img_const_psi1"]).max() < TOLERANCE
    assert compared >= 7
    assert actual["has_noise"]


@pytest.mark.parametrize("name", MADE)
def test_a_tool_makes_the_same_with_other_options(name: str, tool_results: dict[str, Arrays]) -> None:
    actual, G = tool_results[name], make_generator(img_resolution=16, **MADE[name])
    z, c = inputs(G)
    with torch.no_grad():
        expected = G(z, c if G.c_dim else None).numpy()
    scale = np.abs(expected).max()
    for key in ("img_const_psi1", "G_img_const_psi1", "rebuilt"):
        assert np.abs(actual[key] - expected).max() < 1e-5 * scale, key
    assert bool(actual["has_noise"]) == G.config.use_noise


def written(folder: Path, **networks: Any) -> Model:
    save_nvlabs_pickle(folder / "out.pkl", **networks)
    return load_model(folder / "out.pkl", with_discriminator=True)


@pytest.mark.parametrize("options", [*OPTIONS, {"img_resolution": 8, "num_fp16_res": 4}], ids=str)
def test_generators_come_back_exactly(options: dict[str, Any], tmp_path: Path) -> None:
    G = make_generator(**options)
    model = written(tmp_path, G_ema=G)
    assert model.G_ema.config == G.config
    assert same_weights(model.G_ema, G)
    assert torch.equal(picture(model.G_ema), picture(G))
    assert model.G is None
    assert model.D is None
    assert not model.info.has_discriminator


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"architecture": "skip", "freeze_layers": 3},
        {"architecture": "orig", "img_channels": 1},
        {"c_dim": 3, "mapping_layers": 2, "cmap_dim": 7},
        {"mbstd_num_channels": 0, "mbstd_group_size": None},
        {"conv_clamp": 0.5, "activation": "relu", "resample_filter": (1.0, 2.0, 4.0, 1.0)},
    ],
    ids=str,
)
def test_discriminators_come_back_exactly(options: dict[str, Any], tmp_path: Path) -> None:
    config = DiscriminatorConfig(**{"img_resolution": 16, "channel_base": 64, "channel_max": 6, **options})
    D = randomised(Discriminator(config))
    G_ema, G = make_generator(img_resolution=16), make_generator(img_resolution=16)
    with torch.no_grad():
        G.mapping.fc0.bias += 1
    model = written(tmp_path, G_ema=G_ema, G=G, D=D)
    assert model.D is not None
    assert model.G is not None
    assert model.D.config == config
    assert same_weights(model.D, D)
    assert same_weights(model.G, G)
    assert same_weights(model.G_ema, G_ema)


def test_a_file_that_exists_is_replaced_only_by_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "out.pkl"
    path.write_bytes(b"precious")
    with pytest.raises(AttributeError):
        save_nvlabs_pickle(path, G_ema=None)  # type: ignore[arg-type]
    assert path.read_bytes() == b"precious"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ModelFileError, match=r"cannot write .*Choose a folder that exists"):
        save_nvlabs_pickle(tmp_path / "nowhere" / "out.pkl", G_ema=make_generator(img_resolution=8))


def test_the_program_inside_names_nothing_of_this_project(tmp_path: Path) -> None:
    written(tmp_path, G_ema=make_generator(img_resolution=8))
    data = (tmp_path / "out.pkl").read_bytes()
    assert b"from engine" not in data
    assert b"import engine" not in data
    assert data.count(b"class SynthesisNetwork") == 1, "the text is written once, however many modules need it"
    with pytest.raises(ModuleNotFoundError, match="torch_utils"):
        pickle.loads(data)

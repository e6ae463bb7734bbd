"""A StyleGAN3 .pkl: our reader finds the same model, and a tool that executes the text inside the same pictures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.formats.model_file import load_model, save_nvlabs_pickle
from engine.inference.input_transform import InputTransform
from tests.engine.formats.test_nvlabs_writer import TOOL, same_weights
from tests.engine.formats.test_stylegan3_reading import OPTIONS
from tests.engine.networks.stylegan3_models import R, make_stylegan3, picture_of


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_model_comes_back_exactly(options: dict[str, Any], tmp_path: Path) -> None:
    G_ema, G = make_stylegan3(**options), make_stylegan3(**options)
    G.mapping.fc0.bias += 1
    save_nvlabs_pickle(tmp_path / "out.pkl", G_ema=G_ema, G=G)
    model = load_model(tmp_path / "out.pkl", with_discriminator=True)
    assert model.G_ema.config == G_ema.config
    assert same_weights(model.G_ema, G_ema)
    assert model.G is not None
    assert same_weights(model.G, G)
    assert torch.equal(picture_of(model.G_ema), picture_of(G_ema))


def test_hidden_widths_of_the_mapping_come_back(tmp_path: Path) -> None:
    G = make_stylegan3(c_dim=3, mapping_layer_features=12, mapping_embed_features=5)
    save_nvlabs_pickle(tmp_path / "out.pkl", G_ema=G)
    assert load_model(tmp_path / "out.pkl").G_ema.config == G.config


def test_a_tool_makes_the_same_pictures(tmp_path: Path) -> None:
    """In a process of its own that knows nothing of this project."""
    models = {"t": make_stylegan3(c_dim=3), "r": make_stylegan3(**R, img_resolution=20, conv_clamp=0.5)}
    command = [sys.executable, "-I", str(TOOL)]
    inputs = {}
    for name, G in models.items():
        save_nvlabs_pickle(tmp_path / f"{name}.pkl", G_ema=G)
        z = torch.randn(2, G.z_dim, generator=torch.Generator().manual_seed(4))
        c = torch.eye(3)[:2] if G.c_dim else torch.zeros(2, 0)
        inputs[name] = G.mapping(z, c)
        np.savez(tmp_path / f"{name}_in.npz", z=z.numpy(), c=c.numpy())
        command += [str(tmp_path / f"{name}{end}") for end in (".pkl", "_in.npz", ".npz")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    matrix = torch.tensor(InputTransform(x=0.25, y=-0.125, rotate=90).sampling_matrix())
    for name, G in models.items():
        expected = {
            "img_const_psi1": G.synthesis(inputs[name]),
            "rebuilt": G.synthesis(inputs[name]),
            "moved": G.synthesis(inputs[name], transform=matrix),
        }
        with np.load(tmp_path / f"{name}.npz") as actual:
            assert not actual["has_noise"]
            for key, picture in expected.items():
                error = np.abs(actual[key] - picture.numpy()).max()
                assert error < 1e-4 * float(picture.abs().max()), (name, key)

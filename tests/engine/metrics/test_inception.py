"""InceptionV3 with random weights against torch-fidelity, and files that are not its weights."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.errors import FeatureNetworkError
from engine.metrics.networks.inception import InceptionEncoder, read_weights, resized_as_tensorflow
from engine.metrics.networks.registry import open_inception

RECORD = Path(__file__).parents[2] / "fixtures" / "inception.json"
"""The shape of every tensor, and what torch-fidelity 0.4 makes of the pictures below with the weights below."""


@cache
def random_weights() -> dict[str, Tensor]:
    """Weights that keep the signal alive, the same everywhere."""
    random = np.random.RandomState(0)
    weights = {}
    for name, shape in json.loads(RECORD.read_text())["shapes"].items():
        values = random.randn(*shape)
        if name.endswith("conv.weight"):
            values *= (2 / np.prod(shape[1:])) ** 0.5
        elif name.endswith("running_var"):
            values = 0.5 + values**2
        elif name.endswith("bn.weight"):
            values = 1 + 0.1 * values
        else:
            values *= 0.2
        weights[name] = torch.from_numpy(values).float()
    return weights


def noise_pictures() -> Tensor:
    return torch.from_numpy(np.random.RandomState(1).randint(0, 256, (2, 3, 64, 64), dtype=np.uint8))


def test_equals_torch_fidelity(tmp_path: Path) -> None:
    torch.save(random_weights(), tmp_path / "inception.pth")
    ours = open_inception(tmp_path / "inception.pth").features(noise_pictures())
    theirs = torch.tensor(json.loads(RECORD.read_text())["features"])
    assert ours.shape == (2, 2048)
    assert theirs.std() > 0.1
    torch.testing.assert_close(ours[:, ::64], theirs, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("size", "resolution"), [(2, 4), (5, 5), (9, 6), (7, 20)])
def test_resizing_equals_its_definition(size: int, resolution: int) -> None:
    row = torch.randn(size, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    resized = resized_as_tensorflow((row[:, None] * row[None, :])[None, None], resolution)[0, 0]
    expected = []
    for i in range(resolution):
        position = i * size / resolution
        low = int(position)
        high = min(low + 1, size - 1)
        expected.append(float(row[low] + (row[high] - row[low]) * (position - low)))
    values = torch.tensor(expected, dtype=torch.float64)
    torch.testing.assert_close(resized.double(), values[:, None] * values[None, :], rtol=1e-5, atol=1e-5)


class Trap:
    def __reduce__(self) -> tuple[object, ...]:
        return print, ("executed",)


def test_other_files_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "weights.pth"
    for content in ({"a": torch.zeros(1)}, Trap(), [1]):
        torch.save(content, path)
        with pytest.raises(FeatureNetworkError, match="pt_inception-2015-12-05"):
            read_weights(path)
    path.write_bytes(b"no weights")
    with pytest.raises(FeatureNetworkError, match=r"weights\.pth"):
        read_weights(path)
    with pytest.raises(FeatureNetworkError, match="missing"):
        read_weights(tmp_path / "missing.pth")
    assert capsys.readouterr().out == ""


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_programs_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "script.pt"
    torch.jit.save(torch.jit.trace(nn.Linear(2, 2), torch.zeros(1, 2)), path)
    with pytest.raises(FeatureNetworkError, match="TorchScript, a program"):
        read_weights(path)


def test_incomplete_weights_are_refused() -> None:
    with pytest.raises(FeatureNetworkError, match="lack"):
        InceptionEncoder({})

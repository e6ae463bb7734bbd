"""Files of other networks are told apart by name, with what is missing and the nearest thing that works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from engine.errors import ModelFileError
from engine.formats.model_file import load_model


def weights(*names: str) -> dict[str, torch.Tensor]:
    return {name: torch.zeros(2) for name in names}


def dcgan() -> nn.Sequential:
    """The generator of the PyTorch tutorial, small."""
    return nn.Sequential(
        nn.ConvTranspose2d(10, 8, 4), nn.BatchNorm2d(8), nn.ReLU(), nn.ConvTranspose2d(8, 3, 4, 2, 1), nn.Tanh()
    )


class Resnet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        block = nn.Module()
        block.conv1, block.bn1 = nn.Conv2d(3, 3, 3), nn.BatchNorm2d(3)
        self.layer1, self.fc = nn.Sequential(block), nn.Linear(3, 10)


CASES: tuple[tuple[str, Any, str], ...] = (
    ("stylegan-xl", weights("mapping.embed.embed.weight"), r"StyleGAN-XL generator"),
    ("stylegan1", {"generator": weights("generator.progression.0.conv1.conv.weight")}, r"port of StyleGAN1"),
    ("stylegan1, another", weights("g_synthesis.blocks.4x4.const", "g_mapping.dense0.weight"), r"port of StyleGAN1"),
    ("projected gan", {"G_ema": weights("synthesis.init.init.1.weight")}, r"Projected-GAN generator built on FastGAN"),
    ("dcgan", dcgan().state_dict(), r"DCGAN"),
    ("dcgan in a table", {"generator": nn.ModuleDict({"main": dcgan()}).state_dict()}, r"plain convolutional GAN"),
    ("diffusion", {"state_dict": weights("model.diffusion_model.out.2.weight", "betas")}, r"diffusion model"),
    (
        "diffusers",
        weights("down_blocks.0.resnets.0.conv1.weight", "time_embedding.linear_1.weight"),
        r"diffusion model",
    ),
    ("classifier", Resnet().state_dict(), r"classifier"),
    ("vgg", weights("features.0.weight", "classifier.0.weight"), r"classifier"),
    ("numbers", [1, 2, 3], r"it holds a list\. Choose"),
    ("options", {"lr": 0.1, 3: 4}, r"it holds lr, 3\. Choose"),
)


@pytest.mark.parametrize(("value", "message"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
@pytest.mark.parametrize("new", [True, False])
def test_other_networks_are_told_apart(value: Any, message: str, new: bool, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    torch.save(value, path, _use_new_zipfile_serialization=new)
    with pytest.raises(ModelFileError, match=message) as refused:
        load_model(path)
    assert "hoose a StyleGAN2 or StyleGAN3 network" in str(refused.value)


def test_a_table_made_to_take_long_does_not(tmp_path: Path) -> None:
    inner = dict.fromkeys(range(20_000), 0)
    path = tmp_path / "model.pt"
    torch.save({f"{'a.' * 50}{index}": inner for index in range(2000)}, path)
    with pytest.raises(ModelFileError, match="without a generator of a known kind"):
        load_model(path)

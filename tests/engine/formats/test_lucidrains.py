"""lucidrains' checkpoints: two fixtures that agree with the original program, and what else such a file may hold.

`luc_16` has attention, no constant input, transparency and an unusual `lr_mlp`.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.errors import ModelFileError
from engine.formats.model_file import Model, load_model, save_model, save_nvlabs_pickle
from engine.inference.renderer import Renderer
from engine.inference.requests import Look, Noise, SeedLatent, Truncation
from engine.latents.truncation import truncate
from tests.engine.formats.test_fixtures import FIXTURES, TOLERANCE

NAMES = ("luc_64", "luc_16")


class Case:
    def __init__(self, name: str) -> None:
        self.name = name
        self.model = load_model(FIXTURES / name / "model_0.pt")
        self.G = self.model.G_ema
        with np.load(FIXTURES / f"{name}.npz") as arrays:
            self.expected = {key: torch.from_numpy(array) for key, array in arrays.items()}
        self.ws = self.G.mapping(self.expected["z"])
        self.noise = self.expected["noise"].permute(0, 3, 1, 2)

    def picture(self, ws: torch.Tensor, noise: torch.Tensor | None) -> torch.Tensor:
        """As the program has it: about [0, 1]."""
        return (self.G.synthesis(ws, noise=[noise] * self.G.num_ws) + 1) / 2

    def differs(self, name: str, actual: torch.Tensor) -> float:
        assert actual.shape == self.expected[name].shape
        return float((actual - self.expected[name]).abs().max())


@pytest.fixture(autouse=True)
def _no_grad():
    with torch.no_grad():
        yield


@pytest.fixture(scope="module", params=NAMES)
def case(request: pytest.FixtureRequest) -> Case:
    with torch.no_grad():
        return Case(request.param)


@pytest.fixture(scope="module")
def plain() -> Case:
    with torch.no_grad():
        return Case("luc_64")


def test_w_and_pictures(case: Case) -> None:
    assert case.differs("w_ema", case.ws[:, 0]) < 1e-6
    assert case.differs("img_raw", case.picture(case.ws, case.noise)) < TOLERANCE
    assert case.model.info.source_format == "lucidrains checkpoint"
    assert case.model.info.num_ws == {"luc_64": 5, "luc_16": 3}[case.name]


def test_pictures_without_noise(plain: Case) -> None:
    assert plain.differs("img_zero_noise", plain.picture(plain.ws, None)) < TOLERANCE
    assert plain.differs("img_zero_noise", (plain.G.synthesis(plain.ws, noise_mode="none") + 1) / 2) < TOLERANCE


def test_a_w_for_each_block() -> None:
    case = Case("luc_16")
    assert case.differs("img_wplus", case.picture(case.expected["wplus"], case.noise)) < TOLERANCE


def test_w_avg_is_close_to_the_programs_own_estimate(plain: Case) -> None:
    """Of 2,000 other z: within five standard errors of their difference."""
    w_avg, theirs = plain.G.mapping.w_avg, plain.expected["w_avg"][0]
    z = torch.randn(2000, 64, generator=torch.Generator().manual_seed(1))
    error = plain.G.mapping(z)[:, 0].std(dim=0) * (2 / 2000) ** 0.5
    assert ((w_avg - theirs).abs() < 5 * error + 1e-6).all()
    assert w_avg.abs().max() > 0.01


def test_truncation(plain: Case) -> None:
    truncated = truncate(plain.ws, plain.expected["w_avg"][0], [0.75] * 5)
    assert plain.differs("w_trunc075", truncated[:, 0]) < 1e-6
    assert plain.differs("img_trunc075", plain.picture(truncated, plain.noise)) < TOLERANCE


def test_mixed_styles(plain: Case) -> None:
    """The first latent before block 2, the second from it on, with the first noise."""
    mixes = [torch.cat([plain.ws[:1, :cut], plain.ws[1:2, cut:]], dim=1) for cut in range(1, 5)]
    differences = [plain.differs("img_mix", plain.picture(ws, plain.noise[:1])) for ws in mixes]
    assert differences[1] < 1e-5
    assert min(differences[:1] + differences[2:]) > 1e-3


def test_noise_modes() -> None:
    G = Case("luc_16").G
    ws = G.mapping(torch.ones(1, 8))
    assert torch.equal(G.synthesis(ws), G.synthesis(ws))
    assert G.synthesis.noise_const.min() >= 0
    assert 0.8 < G.synthesis.noise_const.max() <= 1
    images = G.synthesis.make_noise("random", 2, generator=torch.Generator().manual_seed(3))
    again = G.synthesis.make_noise("random", 2, generator=torch.Generator().manual_seed(3))
    assert images[0].shape == (2, 1, 16, 16)
    assert torch.equal(images[0], again[0])
    assert not torch.equal(G.synthesis(ws, noise=images)[:1], G.synthesis(ws))


def test_the_renderer_takes_it(case: Case) -> None:
    look = Look(latent=SeedLatent(seed=1), truncation=Truncation(psi=0.5), noise=Noise(mode="const"))
    pixels = Renderer(load_model(FIXTURES / case.name / "model_0.pt"), "cpu").render(look)
    assert pixels.shape == {"luc_64": (64, 64, 3), "luc_16": (16, 16, 4)}[case.name]
    assert pixels.std() > 1


def test_it_comes_back_from_this_projects_own_format(case: Case, tmp_path: Path) -> None:
    save_model(tmp_path / "model.safetensors", G_ema=case.G)
    again = load_model(tmp_path / "model.safetensors")
    assert again.info.content_id == case.model.info.content_id
    assert again.G_ema.config == case.G.config
    assert torch.equal(again.G_ema(case.expected["z"]), case.G(case.expected["z"]))


def test_it_is_not_written_for_other_programs(plain: Case, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"lucidrains' StyleGAN2.*Write a \.safetensors"):
        save_nvlabs_pickle(tmp_path / "model.pkl", G_ema=plain.G)


def changed(folder: Path, change: Any, config: str | None = None) -> Model:
    """luc_16 after a change of its tensors."""
    value = torch.load(FIXTURES / "luc_16" / "model_0.pt", weights_only=True)
    result = change(value["GAN"])
    torch.save({**value, "GAN": value["GAN"] if result is None else result}, folder / "model_7.pt")
    if config is None:
        shutil.copy(FIXTURES / "luc_16" / ".config.json", folder)
    else:
        (folder / ".config.json").write_text(config)
    return load_model(folder / "model_7.pt", with_discriminator=True)


def test_only_lr_mlp_comes_from_the_configuration(tmp_path: Path) -> None:
    case = Case("luc_16")
    told = changed(tmp_path, lambda tensors: None, json.dumps({"lr_mlp": 0.05})).G_ema
    assert torch.equal(told(case.expected["z"]), case.G(case.expected["z"]))
    (tmp_path / ".config.json").unlink()
    assert load_model(tmp_path / "model_7.pt").G_ema.config.mapping_lr_multiplier == 0.1


def test_trained_networks_where_the_averaged_ones_are_missing(tmp_path: Path) -> None:
    def rename(tensors: dict[str, Any]) -> dict[str, Any]:
        return {name.replace("SE.", "S.").replace("GE.", "G."): tensor for name, tensor in tensors.items()}

    case = Case("luc_16")
    assert changed(tmp_path, rename).info.content_id == case.model.info.content_id


def test_colours_that_are_not_blurred(tmp_path: Path) -> None:
    def without_blur(tensors: dict[str, Any]) -> None:
        for name in [name for name in tensors if name.endswith(".f")]:
            del tensors[name]

    case = Case("luc_16")
    G = changed(tmp_path, without_blur).G_ema
    assert not G.config.blurred_colours
    assert not torch.allclose(G(case.expected["z"]), case.G(case.expected["z"]))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "cannot be read: it is no JSON"),
        ('{"image_size": 256}', "says image_size = 256, but its tensors are for 16 pixels"),
        ('{"lr_mlp": "much"}', "mapping_lr_multiplier = 'much'"),
    ],
)
def test_a_configuration_that_does_not_fit(config: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=message):
        changed(tmp_path, lambda tensors: None, config)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("GE.initial_conv.weight", "without initial_conv"),
        ("GE.blocks.1.to_noise2.bias", r"lacks synthesis\.b8\.conv2\.bias"),
        ("GE.attns.0.1.fn.fn.2.bias", r"lacks synthesis\.b4\.attention\.narrow\.bias"),
        ("SE.net.2.bias", r"lacks net\.2\.bias"),
    ],
)
def test_tensors_that_are_missing_are_named(name: str, message: str, tmp_path: Path) -> None:
    def without(tensors: dict[str, Any]) -> dict[str, Any]:
        return {other: tensor for other, tensor in tensors.items() if other != name}

    with pytest.raises(ModelFileError, match=message):
        changed(tmp_path, without)


def test_tensors_of_another_version_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"synthesis\.b4\.attention\.0\.fn\.g, unlike a StyleGAN"):
        changed(tmp_path, lambda tensors: tensors.update({"GE.attns.0.0.fn.g": torch.zeros(1)}))

"""Every fixture agrees with what the original software computes from it, in float32 to 1e-4 (absolute)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.formats.model_file import Model, load_model
from engine.latents.truncation import truncate

FIXTURES = Path(__file__).parents[2] / "fixtures"
NAMES = ("ada_uncond_64", "ada_cond_64", "ada_grey_32", "sg3repo_sg2_64", "tf_sg2_64")
TOLERANCE = 1e-4


class Case:
    """A fixture's model and the arrays to compare with."""

    def __init__(self, name: str) -> None:
        self.model: Model = load_model(FIXTURES / f"{name}.pkl", with_discriminator=True)
        with np.load(FIXTURES / f"{name}.npz") as arrays:
            self.expected = dict(arrays)
        self.z = torch.from_numpy(self.expected["z"]).float()
        c = torch.from_numpy(self.expected["c"]).float()
        self.c = c if self.model.info.c_dim else None

    def ws(self, psi: float = 1.0, cutoff: int | None = None) -> torch.Tensor:
        G = self.model.G_ema
        cutoff = G.num_ws if cutoff is None else cutoff
        per_layer = [psi if layer < cutoff else 1.0 for layer in range(G.num_ws)]
        return truncate(G.mapping(self.z, self.c), G.mapping.w_avg, per_layer)

    def differs(self, name: str, actual: torch.Tensor) -> float:
        if name not in self.expected:
            pytest.skip(f"this fixture has no {name} to compare with")
        expected = self.expected[name]
        assert actual.shape == expected.shape
        assert np.abs(expected).max() > 0.01, "the expectation says something"
        return float(np.abs(actual.detach().numpy() - expected).max())


@pytest.fixture(scope="module", params=NAMES)
def case(request: pytest.FixtureRequest) -> Case:
    return Case(request.param)


@pytest.fixture(autouse=True)
def _no_grad():
    with torch.no_grad():
        yield


@pytest.mark.parametrize(
    ("name", "psi", "cutoff"), [("ws_psi1", 1.0, None), ("ws_psi05", 0.5, None), ("ws_psi05_cut3", 0.5, 3)]
)
def test_w(case: Case, name: str, psi: float, cutoff: int | None) -> None:
    assert case.differs(name, case.ws(psi, cutoff)) < TOLERANCE


@pytest.mark.parametrize(
    ("name", "psi", "cutoff", "noise_mode"),
    [
        ("img_const_psi1", 1.0, None, "const"),
        ("img_none_psi1", 1.0, None, "none"),
        ("img_const_psi05", 0.5, None, "const"),
        ("img_const_psi05_cut3", 0.5, 3, "const"),
    ],
)
def test_pictures(case: Case, name: str, psi: float, cutoff: int | None, noise_mode: str) -> None:
    assert case.differs(name, case.model.G_ema.synthesis(case.ws(psi, cutoff), noise_mode=noise_mode)) < TOLERANCE


def test_mixed_styles(case: Case) -> None:
    ws = case.ws()
    half = case.model.info.num_ws // 2
    mixed = torch.cat([ws[0:1, :half], ws[1:2, half:]], dim=1)
    assert case.differs("ws_mix", mixed) < TOLERANCE
    assert case.differs("img_const_mix", case.model.G_ema.synthesis(mixed)) < TOLERANCE


def test_discriminator(case: Case) -> None:
    assert case.model.D is not None
    pictures = torch.from_numpy(case.expected["img_const_psi1"])
    assert case.differs("d_logits_img_const_psi1", case.model.D(pictures, case.c)) < TOLERANCE


def test_generator_that_is_not_averaged(case: Case) -> None:
    assert case.model.G is not None
    assert case.differs("G_img_const_psi1", case.model.G(case.z, case.c)) < TOLERANCE


def test_generator_alone_gives_the_same_model() -> None:
    alone = load_model(FIXTURES / "ada_uncond_64_onlyGema.pkl", with_discriminator=True)
    full = load_model(FIXTURES / "ada_uncond_64.pkl")
    assert alone.info.content_id == full.info.content_id
    assert alone.D is None
    assert alone.G is None
    assert not alone.info.has_discriminator
    assert full.info.has_discriminator


def test_networks_are_opened_as_pictures_need_them() -> None:
    model = load_model(FIXTURES / "ada_uncond_64.pkl")
    assert model.G is None
    assert model.D is None
    assert not model.G_ema.training
    assert not any(parameter.requires_grad for parameter in model.G_ema.parameters())
    assert model.info.img_resolution == 64
    assert model.info.num_ws == 10
    assert model.info.source_format == "nvlabs pickle"


def test_opening_leaves_the_random_state_alone() -> None:
    before = torch.get_rng_state()
    load_model(FIXTURES / "ada_uncond_64.pkl", with_discriminator=True)
    assert torch.equal(before, torch.get_rng_state())

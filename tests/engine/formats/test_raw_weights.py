"""G in the place of G_ema: its own values, under its own content id."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine.errors import ModelFileError
from engine.formats.content_id import content_id
from engine.formats.model_file import load_model, save_model
from engine.formats.weights import network_arrays

FIXTURES = Path(__file__).parents[2] / "fixtures"
MODEL = FIXTURES / "ada_uncond_64.pkl"


@pytest.mark.parametrize("native", [False, True])
def test_the_raw_weights_are_those_of_g(tmp_path: Path, native: bool) -> None:
    whole = load_model(MODEL, with_discriminator=True)
    path = MODEL
    if native:
        path = tmp_path / "both.safetensors"
        save_model(path, G_ema=whole.G_ema, G=whole.G)
    raw = load_model(path, weights="raw")
    averaged = load_model(path)
    assert whole.G is not None
    for name, tensor in whole.G.state_dict().items():
        assert torch.equal(raw.G_ema.state_dict()[name], tensor)
    assert raw.info.content_id == content_id(whole.G.config, network_arrays(whole.G))
    assert raw.info.content_id != averaged.info.content_id == whole.info.content_id
    assert (raw.info.weights, averaged.info.weights) == ("raw", "ema")
    assert raw.info.has_raw
    assert averaged.info.has_raw


def test_a_file_without_them_says_so() -> None:
    path = FIXTURES / "ada_uncond_64_onlyGema.pkl"
    assert not load_model(path).info.has_raw
    with pytest.raises(ModelFileError, match=r"onlyGema.*only the averaged weights"):
        load_model(path, weights="raw")

"""A load ends before the next tensor once nobody wants it, whatever kind of file it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import LoadCancelledError
from engine.formats.model_file import load_model, save_model

FIXTURES = Path(__file__).parents[2] / "fixtures"
FILES = ("ada_uncond_64.pkl", "ros_64.pt", "tf_sg2_64.pkl", "luc_64/model_0.pt", "saved.safetensors")


@pytest.fixture
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param != "saved.safetensors":
        return FIXTURES / request.param
    path = tmp_path / request.param
    save_model(path, G_ema=load_model(FIXTURES / "ada_uncond_64.pkl").G_ema)
    return path


@pytest.mark.parametrize("file", FILES, indirect=True)
def test_a_load_ends_before_the_tensor_that_is_not_wanted(file: Path) -> None:
    asked: list[int] = []

    def wanted_until(count: int) -> bool:
        asked.append(count)
        return len(asked) <= count

    tensors = len(load_model(file, still_wanted=lambda: wanted_until(10**6)).G_ema.state_dict())
    assert len(asked) == tensors
    for count in (0, 1, tensors - 1):
        asked.clear()
        with pytest.raises(LoadCancelledError):
            load_model(file, still_wanted=lambda count=count: wanted_until(count))
        assert len(asked) == count + 1

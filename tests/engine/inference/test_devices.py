import pytest
import torch

from engine.errors import ConfigError
from engine.inference.devices import DEVICES, pick_device


@pytest.fixture
def machine(monkeypatch):
    def build(*, cuda, mps):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    return build


@pytest.mark.parametrize(
    ("cuda", "mps", "best"), [(False, False, "cpu"), (True, False, "cuda"), (False, True, "mps"), (True, True, "cuda")]
)
def test_auto_takes_the_fastest(machine, cuda, mps, best):
    machine(cuda=cuda, mps=mps)
    assert pick_device("auto") == best
    assert pick_device("cpu") == "cpu"
    assert pick_device(best) == best


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_missing_device_is_a_sentence(machine, device):
    machine(cuda=False, mps=False)
    with pytest.raises(ConfigError, match=f"no {device} device.*use auto or cpu"):
        pick_device(device)


def test_an_unknown_device_is_a_sentence():
    with pytest.raises(ConfigError, match=f"no device 'tpu': use {', '.join(DEVICES)}"):
        pick_device("tpu")

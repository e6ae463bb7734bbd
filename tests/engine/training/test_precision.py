"""Which type a device trains in, and that fp16 is kept within its range."""

from dataclasses import replace

import pytest
import torch

from engine.errors import ConfigError
from engine.training import precision
from engine.training.config import PRECISIONS, DataConfig, ScheduleConfig
from engine.training.phase import Division, MemoryUse, optimize
from engine.training.precision import FP16_CLAMP, low_precision, with_clamp
from engine.training.presets import Overrides, train_config
from engine.training.state import initial_state


def config(chosen, **overrides):
    data = DataConfig(folder="-", resolution=16)
    small = Overrides(batch=4, channel_base=128, channel_max=8, latent_dim=16, **overrides)
    return train_config("auto", data, small, device="cuda", schedule=ScheduleConfig(), seed=0, precision=chosen)


@pytest.fixture
def gpu(monkeypatch):
    """A graphics card that is said to be there: gpu(capability, bf16)."""

    def pretend(capability, bf16):
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda *_: capability)
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: bf16)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda *_: "Tesla T4")

    return pretend


def test_auto_takes_what_the_device_is_fast_in(gpu, monkeypatch):
    gpu((8, 0), bf16=True)
    assert low_precision("auto", "cuda", clamped=False) is torch.bfloat16
    gpu((7, 5), bf16=False)
    assert low_precision("auto", "cuda", clamped=True) is torch.float16
    assert low_precision("auto", "cuda", clamped=False) is None  # a run that began elsewhere has no clamp
    gpu((6, 1), bf16=False)
    assert low_precision("auto", "cuda", clamped=True) is None
    assert low_precision("auto", "mps", clamped=True) is None
    for fast, expected in ((True, torch.bfloat16), (False, None)):
        monkeypatch.setattr(precision, "cpu_is_fast_in_bf16", lambda fast=fast: fast)
        assert low_precision("auto", "cpu", clamped=True) is expected
        assert (precision.remark("bf16", "cpu") is None) is fast
    assert all(low_precision("float32", device, clamped=True) is None for device in ("cpu", "cuda", "mps"))


def test_what_a_device_cannot_do_is_a_sentence(gpu, begin):
    gpu((7, 5), bf16=False)
    assert low_precision("fp16", "cuda", clamped=True) is torch.float16
    with pytest.raises(ConfigError, match="Tesla T4 has no bf16: use --precision fp16"):
        low_precision("bf16", "cuda", clamped=True)
    for device in ("cpu", "mps"):
        with pytest.raises(ConfigError, match=f"not on {device}: use --precision auto"):
            low_precision("fp16", device, clamped=True)
    with pytest.raises(ConfigError, match="fp16 trains on CUDA alone"):
        begin(kimg=1, precision="fp16")


def test_only_networks_that_train_in_fp16_bound_their_activations(gpu):
    gpu((7, 5), bf16=False)
    for chosen, clamp in (("auto", FP16_CLAMP), ("fp16", FP16_CLAMP), ("float32", None)):
        clamped = with_clamp(config(chosen), "cuda")
        assert (clamped.generator.conv_clamp, clamped.discriminator.conv_clamp) == (clamp, clamp)
    gpu((8, 0), bf16=True)
    assert with_clamp(config("auto"), "cuda") == config("auto")
    assert set(PRECISIONS) == {"auto", "float32", "bf16", "fp16"}


def test_the_bound_keeps_fp16_finite(gpu):
    """Layers that multiply by 60 leave float16's range after three of them; with the bound they cannot."""
    gpu((7, 5), bf16=False)
    finite = {}
    for name, chosen in (("bounded", with_clamp(config("fp16"), "cuda")), ("unbounded", config("fp16"))):
        D = initial_state(chosen, "cpu").D
        with torch.no_grad():
            for parameter in D.b16.parameters():
                parameter.mul_(60)
        finite[name] = bool(D(torch.randn(4, 3, 16, 16), low_precision=torch.float16).isfinite().all())
    assert finite == {"bounded": True, "unbounded": False}


def test_gradients_that_are_no_numbers_do_not_reach_the_weights():
    layer = torch.nn.Linear(3, 1, bias=False)
    optimizer = torch.optim.SGD(layer.parameters(), lr=1.0)
    before = layer.weight.detach().clone()
    factors = torch.tensor([float("nan"), float("inf"), 2.0])
    division = Division(memory=MemoryUse(part=2, smallest=1))
    optimize(((layer, optimizer),), 2, division, lambda part: ((layer.weight * factors).sum(), {}))
    moved = (before - layer.weight.detach()).squeeze()
    assert moved.tolist() == pytest.approx([0.0, 1e5, 2.0], rel=1e-5)


def test_a_clamp_is_part_of_the_checkpoint(gpu):
    gpu((7, 5), bf16=False)
    clamped = with_clamp(config("auto"), "cuda")
    assert type(clamped).from_dict(clamped.to_dict()) == clamped
    assert replace(clamped, precision="float32") != clamped

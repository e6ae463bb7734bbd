import pytest
import torch

from engine.cli.opening import PRECISION_NAMES
from engine.errors import ConfigError
from engine.inference.fast import precision
from engine.inference.fast.precision import PRECISIONS, dtype_at, has_native_bf16, pick_precision
from engine.networks.config import GeneratorConfig


@pytest.mark.parametrize(
    ("device", "native", "expected"),
    [("cpu", True, "bf16"), ("cpu", False, "float32"), ("cuda", False, "fp16"), ("mps", False, "float32")],
)
def test_auto_is_the_fastest_that_the_device_has(monkeypatch, device, native, expected):
    monkeypatch.setattr(precision, "has_native_bf16", lambda: native)
    assert pick_precision("auto", device) == expected


@pytest.mark.parametrize("name", ["float32", "bf16"])
def test_what_is_asked_for_is_what_is_used(name):
    assert pick_precision(name, "cpu") == name


def test_fp16_is_refused_on_a_cpu():
    with pytest.raises(ConfigError, match="fp16 is very slow on a CPU: use --precision bf16"):
        pick_precision("fp16", "cpu")
    assert pick_precision("fp16", "cuda") == "fp16"


def test_an_unknown_precision_is_a_sentence():
    with pytest.raises(ConfigError, match="no precision 'int8': use auto, float32, bf16, fp16"):
        pick_precision("int8", "cpu")


def test_the_command_line_knows_the_same_names():
    assert PRECISION_NAMES == PRECISIONS


@pytest.mark.parametrize(("avx512_bf16", "amx"), [(True, False), (False, True), (False, False)])
def test_native_bf16_is_what_torch_says_of_the_cpu(monkeypatch, avx512_bf16, amx):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx512_bf16, raising=False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx, raising=False)
    assert has_native_bf16() is (avx512_bf16 or amx)


def test_a_torch_that_cannot_tell_means_no(monkeypatch):
    monkeypatch.delattr(torch.cpu, "_is_avx512_bf16_supported", raising=False)
    monkeypatch.delattr(torch.cpu, "_is_amx_tile_supported", raising=False)
    assert has_native_bf16() is False


def test_small_layers_stay_in_float32():
    paper256 = GeneratorConfig(img_resolution=256, channel_base=16384)
    assert [dtype_at(r, paper256, "bf16") for r in (4, 8, 256)] == [torch.float32, torch.bfloat16, torch.bfloat16]
    assert dtype_at(256, paper256, "fp16") == torch.float16
    assert dtype_at(256, paper256, "float32") == torch.float32
    small = GeneratorConfig(img_resolution=64, channel_base=2048, channel_max=256)
    assert {dtype_at(r, small, "bf16") for r in small.block_resolutions} == {torch.float32}

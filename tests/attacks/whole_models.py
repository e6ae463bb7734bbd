"""Models that are complete but for one lie, written with the tests' own writer of NVlabs pickles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from engine.networks.config import GeneratorConfig
from engine.networks.generator import Generator
from tests.attacks.attack import CANARY, Attack, attack
from tests.engine.formats import nvlabs_writer


def _generator(**options: Any) -> Any:
    small = {"img_resolution": 8, "z_dim": 6, "w_dim": 8, "mapping_layers": 2, "channel_base": 64, "channel_max": 6}
    return nvlabs_writer.generator(Generator(GeneratorConfig(**(small | options))))


def _lying(change: Callable[[Any], None], **options: Any) -> Callable[[], bytes]:
    def data() -> bytes:
        network = _generator(**options)
        change(network)
        return nvlabs_writer.dumps({"G_ema": network})

    return data


def _part(network: Any, *names: str) -> Any:
    for name in names:
        network = network.state["_modules"][name]
    return network


def _share_weights(network: Any) -> None:
    shared = torch.nn.Parameter(torch.zeros(256, 256))
    for name in network.state["_modules"]["mapping"].state["_modules"]:
        _part(network, "mapping", name).state["_parameters"]["weight"] = shared


def _explode(network: Any) -> None:
    part = nvlabs_writer.persistent_module("Leaf")
    for _ in range(14):
        part = nvlabs_writer.persistent_module("Node", parts={str(index): part for index in range(10)})
    network.state["_modules"]["extra"] = part


def _nest(network: Any) -> None:
    part = nvlabs_writer.persistent_module("Leaf")
    for _ in range(100):
        part = nvlabs_writer.persistent_module("Node", parts={"part": part})
    network.state["_modules"]["extra"] = part


def _set(*names: str, **values: Any) -> Callable[[Any], None]:
    return lambda network: _part(network, *names).state.update(values)


def _steering(network: Any) -> None:
    network.state["_modules"]["mapping"].state["_buffers"]["\x1b[2J\u202egnp.exe"] = torch.zeros(3)


WHOLE_MODELS: tuple[Attack, ...] = (
    attack(
        "shared_weights",
        "64 layers whose weights are one and the same, to multiply memory",
        _lying(_share_weights, mapping_layers=64, w_dim=256, z_dim=256),
        "together claim more than",
    ),
    attack("exploding_network", "ten parts of ten parts ..., 14 deep", _lying(_explode), "too many parts, or itself"),
    attack("nested_network", "parts nested 100 deep", _lying(_nest), "too many parts, or itself"),
    attack("huge_resolution", "pictures of 2^40 pixels", _lying(_set(img_resolution=2**40)), "power of two from 8 to"),
    attack("huge_w", "a w of 10^12 numbers", _lying(_set(w_dim=10**12)), "w_dim = 1000000000000"),
    attack("text_w", "a w of 'many' numbers", _lying(_set(w_dim="many")), "w_dim = 'many'"),
    attack("many_layers", "a mapping of 10^9 layers", _lying(_set("mapping", num_layers=10**9)), "mapping_layers = 1"),
    attack(
        "nan_option", "a beta that is no number", _lying(_set("mapping", w_avg_beta=float("nan"))), "w_avg_beta = nan"
    ),
    attack("steering_name", "a tensor's name that steers the terminal", _lying(_steering), "has mapping\\."),
)


def harmless_model_with_a_program() -> bytes:
    """A good model whose embedded program text would make the canary: it opens, and the text is ignored."""
    source = f"open({CANARY!r}, 'w')".encode()
    data = nvlabs_writer.dumps({"G_ema": _generator()}, protocol=3)
    empty, mark = b"X\x0a\x00\x00\x00module_src", b"X\x00\x00\x00\x00"
    start = data.index(mark, data.index(empty))
    return data[:start] + b"X" + len(source).to_bytes(4, "little") + source + data[start + len(mark) :]

"""TensorFlow snapshots that lie, or that reach for more than their networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.networks.config import GeneratorConfig
from engine.networks.generator import Generator
from tests.attacks import pickle_assembler as p
from tests.attacks.attack import CANARY, attack, unsafe_attack
from tests.engine.formats import nvlabs_writer, tensorflow_writer

TOUCH = f"touch {CANARY}"
SYSTEM = p.call(p.name("os", "system"), p.text(TOUCH))
NETWORK = p.call(p.name("dnnlib.tflib.network", "Network"))
EMPTY = p.entries(version=p.integer(4), variables=p.EMPTY_LIST)
SMALL = {"img_resolution": 8, "z_dim": 6, "w_dim": 8, "mapping_layers": 2, "channel_base": 64, "channel_max": 6}


def _lying(change: Callable[[dict[str, Any], dict[str, Any]], None], **told: Any) -> Callable[[], bytes]:
    """change: given the variables of the synthesis and of the mapping network."""

    def data() -> bytes:
        Gs = tensorflow_writer.generator(Generator(GeneratorConfig(**SMALL)).requires_grad_(False), **told)
        parts = [Gs.state["components"][name] for name in ("synthesis", "mapping")]
        variables = [dict(part.state["variables"]) for part in parts]
        change(*variables)
        for part, values in zip(parts, variables, strict=True):
            part.state["variables"] = list(values.items())
        return nvlabs_writer.dumps((Gs, None, Gs), 4, tensorflow_writer.Network)

    return data


def _set(name: str, value: Any) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    return lambda synthesis, mapping: synthesis.update({name: value})


def _many_layers(synthesis: dict[str, Any], mapping: dict[str, Any]) -> None:
    for index in range(100):
        mapping |= {f"Dense{index}/weight": np.zeros((8, 8), "f4"), f"Dense{index}/bias": np.zeros(8, "f4")}


def _unchanged(synthesis: dict[str, Any], mapping: dict[str, Any]) -> None:
    """The options alone lie."""


TENSORFLOW = (
    unsafe_attack(
        "tf_program",
        "a TensorFlow network whose state runs a command",
        p.pickle(NETWORK, p.entries(version=SYSTEM), p.BUILD),
        r"'os\.system'",
    ),
    attack(
        "tf_other_class",
        "another class of the same program",
        p.pickle(p.call(p.name("dnnlib.tflib.tfutil", "run"))),
        "early TensorFlow program",
    ),
    attack(
        "tf_arguments",
        "a TensorFlow network made from arguments",
        p.pickle(p.call(p.name("dnnlib.tflib.network", "Network"), p.text(TOUCH))),
        "described in an unknown way",
    ),
    attack(
        "tf_state_twice",
        "gives a TensorFlow network a second state",
        p.pickle(NETWORK, EMPTY, p.BUILD, EMPTY, p.BUILD),
        "described in an unknown way",
    ),
    attack("tf_hollow", "a TensorFlow network without a state", p.pickle(NETWORK), "has no version"),
    attack("tf_empty", "one without variables", p.pickle(NETWORK, EMPTY, p.BUILD), "not a StyleGAN generator"),
    attack("tf_no_average", "a tuple that ends early", p.pickle(p.items(NETWORK)), r"without the averaged generator"),
    attack(
        "tf_variables",
        "variables that are a number",
        p.pickle(NETWORK, p.entries(version=p.integer(4), variables=p.integer(3)), p.BUILD),
        "no list of variables",
    ),
    attack(
        "tf_endless_components",
        "a network that is its own synthesis and mapping",
        p.pickle(
            NETWORK,
            p.put(1),
            p.entries(
                version=p.integer(4),
                variables=p.EMPTY_LIST,
                components=p.entries(synthesis=p.get(1), mapping=p.get(1)),
            ),
            p.BUILD,
        ),
        "pictures of 4 pixels",
    ),
    attack("tf_axes", "a kernel of two axes", _lying(_set("8x8/Conv1/weight", np.zeros((6, 6), "f4"))), "has 2 axes"),
    attack("tf_text", "a variable that is text", _lying(_set("8x8/Conv1/weight", "weights")), "is no array"),
    attack("tf_endless_number", "a variable of 10^70", _lying(_set("8x8/Conv1/noise_strength", 10**70)), "is no array"),
    attack(
        "tf_whole_numbers",
        "whole numbers as weights",
        _lying(_set("4x4/ToRGB/bias", np.zeros(3, "i8"))),
        "not hold floating",
    ),
    attack("tf_const", "two constants", _lying(_set("4x4/Const/const", np.zeros((2, 6, 4, 4), "f4"))), "single one"),
    attack("tf_many_layers", "a mapping of 100 layers", _lying(_many_layers), "mapping_layers = 100"),
    attack(
        "tf_filter", "a filter of 10,000 taps", _lying(_unchanged, resample_kernel=[1.0] * 10**4), "resample_filter"
    ),
    attack("tf_clamp", "a clamp that is text", _lying(_unchanged, conv_clamp="256"), "conv_clamp = '256'"),
)

"""TensorFlow snapshots of StyleGAN2 and StyleGAN2-ADA: a tuple (G, D, Gs) of networks, read without TensorFlow.

Executes nothing: see `unpickler.py`. Knows nothing of torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.errors import ModelFileError
from engine.formats.pickle_values import TensorFlowObject
from engine.formats.stored_model import StoredModel, StoredNetwork
from engine.formats.tensorflow_discriminator import describe_discriminator
from engine.formats.tensorflow_generator import describe_generator
from engine.formats.tensorflow_network import TensorFlowNetwork

SOURCE_FORMAT: Final = "tensorflow pickle"
NETWORKS: Final = ("G", "D", "G_ema")
"""in the order of the tuple; NVIDIA's name for the averaged generator is Gs there"""
_USE: Final = "choose a snapshot of stylegan2 (configuration E or F) or stylegan2-ada, or one of stylegan2-ada-pytorch"


def detect(value: Any) -> bool:
    """Whether a pickle's value is a TensorFlow network or a tuple of some."""
    if type(value) in (tuple, list):
        return any(type(item) is TensorFlowObject for item in value[: len(NETWORKS)])
    return type(value) is TensorFlowObject


def describe(value: Any, size_bytes: int) -> StoredModel:
    """Describes the networks of such a value. Raises ModelFileError."""
    objects = _objects(value)
    _refuse_others(TensorFlowNetwork(objects["G_ema"]))

    def network(name: str) -> StoredNetwork:
        stored = TensorFlowNetwork(objects[name])
        return describe_discriminator(stored) if name == "D" else describe_generator(stored)

    return StoredModel(source_format=SOURCE_FORMAT, size_bytes=size_bytes, names=frozenset(objects), network=network)


def _objects(value: Any) -> Mapping[str, TensorFlowObject]:
    if type(value) is TensorFlowObject:
        return {"G_ema": value}
    objects = {name: item for name, item in zip(NETWORKS, value, strict=False) if type(item) is TensorFlowObject}
    if "G_ema" not in objects:
        raise ModelFileError(
            f"it is a TensorFlow snapshot without the averaged generator (Gs), the last of (G, D, Gs): {_USE}"
        )
    return objects


def _refuse_others(network: TensorFlowNetwork) -> None:
    """Raises ModelFileError, by name, for the generators of other programs that share this container."""
    synthesis = network.component("synthesis")
    inner = network if synthesis is None else synthesis
    if any(name.endswith("/StyleMod/weight") for name in inner.variables):
        raise ModelFileError(
            "it is a StyleGAN1 generator of TensorFlow (stylegan, or configurations A to D of stylegan2), whose "
            f"instance normalisation this program has not: {_USE}"
        )
    if synthesis is None:
        kind = repr(network.build_func_name) if network.build_func_name else "an unknown function"
        raise ModelFileError(f"it is a TensorFlow network made by {kind}, not a StyleGAN generator (ProGAN?): {_USE}")

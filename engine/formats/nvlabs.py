"""NVlabs PyTorch pickles: stylegan2-ada-pytorch, and all configurations of stylegan3.

The value is a dict of networks, or a bare network, each with the attributes that it had in memory. The
configuration is read from those attributes rather than from the constructor's arguments wherever both tell it:
attributes have the defaults of whichever code base wrote the file already filled in. Knows nothing of files
(`pickle_file.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.errors import ModelFileError
from engine.formats.nvlabs_config import discriminator_config, generator_config
from engine.formats.nvlabs_module import Module, kind_of_generator
from engine.formats.nvlabs_stylegan3 import describe_stylegan3
from engine.formats.pickle_values import PersistentObject
from engine.formats.refusals import UnsupportedModelError
from engine.formats.stored_model import StoredModel, StoredNetwork

SOURCE_FORMAT: Final = "nvlabs pickle"
NETWORKS: Final = ("G_ema", "G", "D")
NO_DISCRIMINATOR: Final = "NoDiscriminator"
"""the class that stands for a missing D in files that this project writes"""


def describe(value: Any, size_bytes: int) -> StoredModel:
    """Describes the networks of a pickle's value. Raises ModelFileError if it has none."""
    networks = _networks(value)

    def network(name: str) -> StoredNetwork:
        return _discriminator(networks[name]) if name == "D" else _generator(networks[name])

    return StoredModel(source_format=SOURCE_FORMAT, size_bytes=size_bytes, names=frozenset(networks), network=network)


def _networks(value: Any) -> Mapping[str, PersistentObject]:
    if type(value) is PersistentObject:
        if value.class_name == "Discriminator":
            raise ModelFileError("it holds a discriminator alone: choose a file with a generator (G_ema)")
        return {"G_ema": value}
    if type(value) is not dict:
        raise ModelFileError(
            f"it is a pickle of a {type(value).__name__}, not of a StyleGAN network: choose a network snapshot (.pkl)"
        )
    networks = {name: value[name] for name in NETWORKS if type(value.get(name)) is PersistentObject}
    if networks.get("G") is networks.get("G_ema"):  # as a file says that it has no other
        networks.pop("G", None)
    if "D" in networks and networks["D"].class_name == NO_DISCRIMINATOR:
        del networks["D"]
    if "G_ema" not in networks:
        found = ", ".join(str(key)[:40] for key in list(value)[:8]) or "nothing"
        raise ModelFileError(
            f"it is a pickle without a generator: it holds {found}. Choose a network snapshot, which holds G_ema"
        )
    return networks


def _generator(network: PersistentObject) -> StoredNetwork:
    module = Module(network, "G_ema")
    return _DESCRIBE[kind_of_generator(module)](module)


def _stylegan2(module: Module) -> StoredNetwork:
    return StoredNetwork(config=generator_config(module), tensors=module.tensors())


def _discriminator(network: PersistentObject) -> StoredNetwork:
    module = Module(network, "D")
    if module.class_name != "Discriminator" or module.child("b4") is None:
        raise UnsupportedModelError(f"its D is a {module.class_name[:60]!r}, not a StyleGAN2 discriminator")
    return StoredNetwork(config=discriminator_config(module), tensors=module.tensors())


_DESCRIBE: Final[Mapping[str, Callable[[Module], StoredNetwork]]] = {
    "stylegan2": _stylegan2,
    "stylegan3": describe_stylegan3,
}

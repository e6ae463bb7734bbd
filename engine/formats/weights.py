"""Tensors of a file -> networks of `engine.networks`, with every name, shape and size checked first.

A configuration that claims a huge network costs nothing: it is refused before the network is made, unless the
file itself is large enough to fill it. Knows nothing of file formats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from engine.errors import ConfigError, ModelFileError
from engine.formats.expected_shapes import Shapes, discriminator_shapes, shapes_of
from engine.formats.refusals import DamagedFileError, OversizedFileError, UnsupportedModelError
from engine.formats.stored_model import StoredNetwork, TensorSource
from engine.networks.any_generator import AnyGenerator
from engine.networks.config import AnyGeneratorConfig, DiscriminatorConfig
from engine.networks.discriminator import Discriminator
from engine.networks.generator_kinds import make_generator

SLACK_BYTES: Final = 2**20
NAMES_SHOWN: Final = 4


def build_generator(stored: StoredNetwork, size_bytes: int) -> AnyGenerator:
    """The generator, in evaluation mode. Raises ModelFileError if tensors are missing, unexpected or misshapen."""
    config = stored.config
    assert isinstance(config, AnyGeneratorConfig)
    _check("Generator", shapes_of(config), stored.tensors, size_bytes)
    G: AnyGenerator = _make(lambda: make_generator(config))
    _fill(G, stored.tensors)
    return G.eval()


def build_discriminator(stored: StoredNetwork, size_bytes: int) -> Discriminator:
    """The discriminator, in evaluation mode. Raises like `build_generator`."""
    config = stored.config
    assert isinstance(config, DiscriminatorConfig)
    _check("Discriminator", discriminator_shapes(config), stored.tensors, size_bytes)
    D: Discriminator = _make(lambda: Discriminator(config))
    _fill(D, stored.tensors)
    return D.eval()


def network_arrays(network: nn.Module) -> dict[str, npt.NDArray[np.float32]]:
    """Every parameter and buffer that a file keeps, by name, as contiguous float32 arrays."""
    return {
        name: np.array(tensor.detach().to("cpu", torch.float32).numpy(), order="C", copy=None)
        for name, tensor in network.state_dict().items()
    }


class _WithoutRandomValues(TorchFunctionMode):
    """Leaves the weights uninitialised: they are about to be replaced, and the global random state stays as it was."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return (torch.empty if func is torch.randn else func)(*args, **(kwargs or {}))


def _make(make: Callable[[], Any]) -> Any:
    try:
        with _WithoutRandomValues():
            return make()
    except ConfigError as error:
        raise UnsupportedModelError(f"its configuration cannot work ({error})") from error


def _fill(network: nn.Module, tensors: Mapping[str, TensorSource]) -> None:
    state = {}
    for name in network.state_dict():
        values = tensors[name].read()
        if not np.isfinite(values).all():
            raise ModelFileError(
                f"{name} holds values that are no numbers: the training diverged before this was saved. Use an "
                "earlier snapshot"
            )
        state[name] = torch.from_numpy(values)
    network.load_state_dict(state, assign=True)


def _check(kind: str, expected: Shapes, tensors: Mapping[str, TensorSource], size_bytes: int) -> None:
    missing = [name for name in expected if name not in tensors]
    unexpected = [name for name in tensors if name not in expected]
    if missing:
        raise DamagedFileError(f"the {kind} lacks {_shown(missing)}")
    if unexpected:
        raise UnsupportedModelError(f"the {kind} has {_shown(unexpected)}, unlike a StyleGAN of this configuration")
    for name, shape in expected.items():
        tensor = tensors[name]
        if tensor.shape != shape:
            raise DamagedFileError(f"{name} of the {kind} has the shape {tensor.shape}, where {shape} is expected")
        if not tensor.is_float:
            raise DamagedFileError(f"{name} of the {kind} does not hold floating-point numbers")
    if sum(tensors[name].nbytes for name in expected) > size_bytes + SLACK_BYTES:
        raise OversizedFileError(f"the {kind}'s tensors together claim more than the {size_bytes:,} bytes of the file")


def _shown(names: Sequence[str]) -> str:
    shown = ", ".join(str(name)[:80] for name in names[:NAMES_SHOWN])
    rest = len(names) - NAMES_SHOWN
    return f"{shown} and {rest} more" if rest > 0 else shown

"""Seeds to z, and classes to c, as everywhere in this field."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from engine.errors import ConfigError


def seed_to_z(seed: int, z_dim: int) -> Tensor:
    """float32 [1, z_dim]: NumPy's RandomState(seed).randn(1, z_dim). Seeds run from 0 to 2^32 - 1."""
    return torch.from_numpy(np.random.RandomState(seed).randn(1, z_dim)).float()


def class_to_c(class_weights: Sequence[float], c_dim: int) -> Tensor | None:
    """float32 [1, c_dim]: the label; no weights mean class 0, and None comes back for an unconditional model.

    Raises ConfigError if there are weights for another number of classes.
    """
    if not class_weights:
        class_weights = (1.0,) + (0.0,) * (c_dim - 1) if c_dim > 0 else ()
    if len(class_weights) != c_dim:
        kind = f"has {c_dim} classes" if c_dim else "is unconditional"
        raise ConfigError(f"{len(class_weights)} class weights were given, and this model {kind}")
    return torch.tensor([list(class_weights)], dtype=torch.float32) if c_dim > 0 else None


def one_class(index: int, c_dim: int) -> tuple[float, ...]:
    """Class weights that are 1 for one class. Raises ConfigError if the model has no such class."""
    if not 0 <= index < c_dim:
        known = f"classes 0 to {c_dim - 1}" if c_dim else "no classes"
        raise ConfigError(f"there is no class {index}: this model has {known}")
    return tuple(1.0 if i == index else 0.0 for i in range(c_dim))

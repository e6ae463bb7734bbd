"""The controller that finds p, the probability of the augmentations, while D trains (StyleGAN2-ADA paper, section 3.2).

Does not know what the augmentations are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from engine.errors import CheckpointError
from engine.training.augment.config import AdaConfig


@dataclass(slots=True, kw_only=True)
class AdaState:
    """p, and what D has said about real pictures since p last changed; the part of a checkpoint."""

    p: float = 0.0
    """0 to 1"""
    sign_sum: Tensor
    """a tensor without dimensions, on D's device, so that no step waits for it"""
    sign_count: int = 0
    """how many pictures it is the sum of"""

    @staticmethod
    def begin(config: AdaConfig, device: str | torch.device) -> AdaState:
        """At the first step of a run."""
        return AdaState(p=config.p_initial, sign_sum=torch.zeros([], device=device))

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers; `from_dict` is its inverse."""
        return {"p": self.p, "sign_sum": float(self.sign_sum), "sign_count": self.sign_count}

    @staticmethod
    def from_dict(values: Mapping[str, Any], device: str | torch.device) -> AdaState:
        """Raises CheckpointError if these are not the numbers of `to_dict`."""
        try:
            sign_sum = torch.tensor(float(values["sign_sum"]), device=device)
            return AdaState(p=float(values["p"]), sign_sum=sign_sum, sign_count=int(values["sign_count"]))
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"the checkpoint's augmentation state cannot be read: {error}") from error


def observe(state: AdaState, mean_sign: Tensor, count: int) -> None:
    """Takes in what D says about `count` real pictures, augmented like the others; mean_sign: the mean sign of its
    logits, a scalar on D's device."""
    state.sign_sum = state.sign_sum + (mean_sign.detach() * count).round()
    state.sign_count += count


def update_p(state: AdaState, config: AdaConfig) -> None:
    """Moves p, to be called every config.interval steps: p += sign(mean sign D(x) - target) * pictures / kimg.

    The pictures are those since the last call. Without any, p stays.
    """
    if state.sign_count == 0:
        return
    excess = float(state.sign_sum) / state.sign_count - config.target
    change = state.sign_count / (config.kimg * 1000)
    if excess > 0:
        state.p = min(state.p + change, config.p_max)
    elif excess < 0:
        state.p = max(state.p - change, 0.0)
    state.sign_sum = torch.zeros_like(state.sign_sum)
    state.sign_count = 0

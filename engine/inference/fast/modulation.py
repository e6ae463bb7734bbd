"""What a layer's convolution needs to know of w. Knows nothing of layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Modulation:
    """Weights that are modulated and demodulated, or plain ones and what to do to the activations instead."""

    weights: tuple[Tensor, ...]
    """as the convolution has prepared them"""
    styles: Tensor | None = None
    """[I], for its input"""
    scale: Tensor | None = None
    """[O], for its output"""

    @property
    def weight_bytes(self) -> int:
        """Memory that the weights take."""
        return sum(weight.nbytes for weight in self.weights)

    def styled(self, x: Tensor, times: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        """x [1, I, h, w] times the styles, by `times`, which is given x and them; x itself if there are none."""
        return x if self.styles is None else times(x, self.styles)

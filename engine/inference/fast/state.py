"""What is handed from one step of the synthesis to the next. Knows nothing of steps."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """Everything that the steps that are still to come depend on, besides ws and noise. Never changed in place."""

    x: Tensor | None = None
    """features [1, C, r, r]; None before the first layer"""
    residual: Tensor | None = None
    """what the 'resnet' architecture adds after the next layer, [1, C, r, r]"""
    img: Tensor | None = None
    """float32, the picture so far, [1, img_channels, r, r]"""

    @property
    def size_bytes(self) -> int:
        """Memory that the tensors take."""
        return sum(tensor.nbytes for tensor in (self.x, self.residual, self.img) if tensor is not None)

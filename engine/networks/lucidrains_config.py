"""What a generator of lucidrains' stylegan2-pytorch looks like, as a frozen value. Knows nothing of torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.networks.config import (
    AnyGeneratorConfig,
    require,
    require_mapping,
    require_power_of_two,
)

HEAD_FEATURES = 64
"""of each head of an attention layer"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LucidrainsConfig(AnyGeneratorConfig):
    """Everything that decides the shapes and the arithmetic of such a generator. z, w and the hidden layers between
    them are of one size; there are no classes.
    """

    kind: ClassVar[str] = "lucidrains"

    mapping_lr_multiplier: float = 0.1
    """what the mapping's weights and biases are multiplied with ('lr_mlp')"""
    channels: tuple[int, ...]
    """of the 4x4 start, then of each block"""
    attention: tuple[int, ...] = ()
    """the blocks, counted from 0, that attention stands before"""
    attention_heads: int = 8
    """of each of them"""
    constant_input: bool = True
    """whether the 4x4 start is learned; else it is made from the mean of the blocks' w"""
    blurred_colours: bool = True
    """whether colours are blurred after they are up-sampled (since version 1.2)"""

    def __post_init__(self) -> None:
        require_power_of_two(self.img_resolution, 8)
        require(self.img_channels in (3, 4), f"pictures have 3 (RGB) or 4 (RGBA) channels, not {self.img_channels}")
        require_mapping(self)
        require(self.c_dim == 0, f"these generators have no classes, and c_dim is {self.c_dim}")
        require(self.w_avg_beta is not None, "these generators have a w_avg")
        features = (self.z_dim, self.mapping_layer_features or self.w_dim)
        require(features == (self.w_dim, self.w_dim), "z, w and the layers between them are of one size")
        require(
            len(self.channels) == self.num_ws + 1 and min(self.channels) >= 1,
            f"{self.num_ws + 1} numbers of channels are needed at {self.img_resolution} px, not {self.channels}",
        )
        require(
            all(0 <= index < self.num_ws for index in self.attention)
            and len(set(self.attention)) == len(self.attention),
            f"attention stands before blocks from 0 to {self.num_ws - 1}, not {self.attention}",
        )
        require(self.attention_heads >= 1, f"attention_heads must be at least 1, not {self.attention_heads}")

    @property
    def num_ws(self) -> int:
        """One for each block: log2(resolution) - 1."""
        return self.img_resolution.bit_length() - 2

    @property
    def design(self) -> str:
        """The program's name, and what not every one of its generators has."""
        extras = [] if self.constant_input else ["no constant input"]
        extras += ["attention"] if self.attention else []
        return "lucidrains' StyleGAN2" + (f" ({', '.join(extras)})" if extras else "")

    @property
    def layer_resolutions(self) -> tuple[int, ...]:
        """Of the blocks: 4 up to img_resolution."""
        return tuple(4 * 2**index for index in range(self.num_ws))

    def narrowest(self) -> int:
        """The fewest channels that any block has."""
        return min(self.channels)

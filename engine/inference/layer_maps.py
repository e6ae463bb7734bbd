"""What a layer of the synthesis network sees in one picture: a map for each channel, and numbers about them.

Frozen values that cross threads. Knows nothing of torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.inference.requests import Look

if TYPE_CHECKING:
    import numpy as np

MOST_SIDE = 512
"""Pixels of the map that is looked at; larger ones are averaged down."""
SMALL_SIDE = 32
"""Pixels of the small maps, of which every channel has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerQuestion:
    """Which maps."""

    look: Look
    layer: int
    channel: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelNumbers:
    """Statistics of one channel's map, after the activation."""

    mean: float
    std: float
    low: float
    high: float
    positive: float
    """share of the map above 0"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LayerMaps:
    """The answer to a LayerQuestion; a channel that the layer does not have has become its last."""

    question: LayerQuestion
    layers: int
    """how many the model has"""
    channels: int
    """how many this layer has"""
    size: tuple[int, int]
    """(height, width) of its maps"""
    map: np.ndarray
    """uint8 [h, w]: the channel, its lowest value black and its highest white"""
    small: np.ndarray
    """uint8 [channels, s, s]: every channel in the same way"""
    by_strength: tuple[int, ...]
    """channels, the one that varies most first"""
    numbers: ChannelNumbers

"""A generator made ready for rendering: the fast synthesis where there is one for its kind, else the network itself."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Protocol

from torch import Tensor

from engine.errors import ConfigError
from engine.inference.fast.graphs import GraphedSynthesis
from engine.inference.fast.precision import DTYPES
from engine.inference.fast.prefix_cache import PrefixCache
from engine.inference.fast.synthesis import FastSynthesis, PreparedNoise
from engine.networks.any_generator import AnyGenerator, NoiseImages
from engine.networks.generator import Generator


class PreparedSynthesis(Protocol):
    """ws to a picture, one picture at a time."""

    @property
    def divided(self) -> bool:
        """Whether it divides its layers by `team.share`, so that torch shall have one thread for each of ours."""

    @property
    def resolutions(self) -> tuple[int, ...]:
        """At which resolutions there is a picture, ascending; the last is the model's."""

    def prepare_noise(self, images: NoiseImages) -> PreparedNoise:
        """The images that `AnySynthesis.make_noise` gives for one picture, made ready."""

    def render(
        self, ws: Tensor, noise: PreparedNoise, resolution: int | None = None, transform: Tensor | None = None
    ) -> Tensor:
        """ws: [num_ws, w_dim], transform: see `AnySynthesis` -> float32 [1, img_channels, r, r], about [-1, 1]."""


class Renders(Protocol):
    """What may keep something between renders under the same key."""

    def render(
        self,
        key: Hashable,
        ws: Tensor,
        noise: PreparedNoise,
        resolution: int | None = None,
        transform: Tensor | None = None,
    ) -> Tensor:
        """`PreparedSynthesis.render`, the same bits."""

    def clear(self) -> None:
        """Forgets everything."""


class PlainSynthesis:
    """The network as it is."""

    divided = False

    def __init__(self, generator: AnyGenerator, precision: str) -> None:
        self._synthesis = generator.synthesis
        self._resolution = generator.config.img_resolution
        self._low_precision = DTYPES[precision] if precision != "float32" else None

    @property
    def resolutions(self) -> tuple[int, ...]:
        """The model's own."""
        return (self._resolution,)

    def prepare_noise(self, images: NoiseImages) -> PreparedNoise:
        """The images themselves."""
        return images

    def render(
        self, ws: Tensor, noise: PreparedNoise, resolution: int | None = None, transform: Tensor | None = None
    ) -> Tensor:
        """See `PreparedSynthesis`. Raises ConfigError for another resolution than the model's."""
        if resolution not in (None, self._resolution):
            raise ConfigError(f"this model makes no picture of {resolution} pixels: use {self._resolution}")
        picture: Tensor = self._synthesis(ws[None], noise=noise, transform=transform, low_precision=self._low_precision)
        return picture.float()


class NothingKept:
    """Every render begins at the start."""

    def __init__(self, synthesis: PreparedSynthesis) -> None:
        self._synthesis = synthesis

    def render(
        self,
        key: Hashable,
        ws: Tensor,
        noise: PreparedNoise,
        resolution: int | None = None,
        transform: Tensor | None = None,
    ) -> Tensor:
        """See `Renders`."""
        return self._synthesis.render(ws, noise, resolution, transform)

    def clear(self) -> None:
        """There is nothing to forget."""


def prepare(generator: AnyGenerator, precision: str, kept_bytes: int) -> tuple[PreparedSynthesis, Renders]:
    """precision: 'float32', 'bf16' or 'fp16'; kept_bytes: for what is kept between renders."""
    if isinstance(generator, Generator):
        fast = FastSynthesis(generator.synthesis, precision)
        if next(generator.parameters()).device.type == "cuda":  # a whole picture costs less than looking what changed
            graphed = GraphedSynthesis(fast)
            return graphed, NothingKept(graphed)
        return fast, PrefixCache(fast, kept_bytes)
    plain = PlainSynthesis(generator, precision)
    return plain, NothingKept(plain)

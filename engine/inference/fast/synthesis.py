"""ws to a picture, one picture at a time, quickly: the synthesis network prepared once for rendering.

Does what `engine.networks.synthesis` does, which stays the slow and obvious reference. A picture is made in steps, so
that a render can begin at any of them and end at a lower resolution. Knows nothing of looks or of caches.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from engine.errors import ConfigError
from engine.inference.fast.layers import FastLayer, FastSkip
from engine.inference.fast.modulation import Modulation
from engine.inference.fast.precision import dtype_at
from engine.inference.fast.rgb import FastToRGB
from engine.inference.fast.state import State
from engine.inference.fast.team import share
from engine.inference.fast.upsampling import PictureUpsampler
from engine.networks.any_generator import NoiseImages
from engine.networks.synthesis import SynthesisNetwork

PreparedNoise = Sequence[Tensor | None]
"""One noise image for each synthesis layer, as `FastSynthesis.prepare_noise` gives them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """One synthesis layer, or one ToRGB layer."""

    resolution: int
    row: int
    """which row of ws it takes"""
    noise: int | None
    """which noise image it takes"""
    layer: FastLayer | FastToRGB
    skip: FastSkip | None = None
    """of a 'resnet' block, which begins with this layer"""

    def modulation(self, ws: Tensor) -> Modulation | Tensor:
        """ws: [num_ws, w_dim] -> what the layer wants of it."""
        return self.layer.modulation(ws[self.row])


class FastSynthesis:
    """Prepared once from a synthesis network, whose weights must not change afterwards.

    The same ws and noise give the same picture, bit for bit, every time.
    """

    def __init__(self, synthesis: SynthesisNetwork, precision: str = "float32") -> None:
        """precision: 'float32', 'bf16' or 'fp16', see `dtype_at`."""
        self.config = synthesis.config
        self.precision = precision
        with torch.no_grad():
            self.steps = tuple(_steps(synthesis, precision))
            const = synthesis.blocks[0].const.detach().float()[None]
            self._const = const.to(dtype_at(4, self.config, precision)).contiguous(memory_format=torch.channels_last)

    @property
    def divided(self) -> bool:
        """See `PreparedSynthesis`."""
        return self._const.device.type == "cpu"

    @property
    def resolutions(self) -> tuple[int, ...]:
        """At which resolutions there is a picture, ascending: all of the blocks' for 'skip', else only the last."""
        return tuple(step.resolution for step in self.steps if isinstance(step.layer, FastToRGB))

    def prepare_noise(self, images: NoiseImages) -> PreparedNoise:
        """The images that `SynthesisNetwork.make_noise` gives for one picture, [1, 1, r, r] each, made ready."""
        layers = [step.layer for step in self.steps if isinstance(step.layer, FastLayer)]
        return [layer.prepare_noise(image) for layer, image in zip(layers, images, strict=True)]

    def render(
        self, ws: Tensor, noise: PreparedNoise, resolution: int | None = None, transform: Tensor | None = None
    ) -> Tensor:
        """ws: [num_ws, w_dim] -> float32 [1, img_channels, r, r], about [-1, 1].

        resolution: one of `resolutions`, where to stop; None for the model's. Raises ConfigError for another one, and
        for a transform, which these generators have not.
        """
        refuse_transform(transform)
        state = State()
        for _index, state in self.run(ws, noise, resolution=resolution):  # noqa: B007 - the last one is wanted
            pass
        assert state.img is not None  # the last step is a ToRGB
        return state.img

    def run(
        self, ws: Tensor, noise: PreparedNoise, *, resolution: int | None = None, kept: tuple[int, State] | None = None
    ) -> Iterator[tuple[int, State]]:
        """Makes a picture step by step; yields (index of the next step, what it will begin from) after each.

        kept: where to begin, as an earlier run with the same ws and noise up to there has yielded it.
        """
        first, state = (0, State()) if kept is None else kept
        steps = self.steps[first : self.end(resolution)]
        modulations = share([partial(step.modulation, ws) for step in steps])
        for index, (step, modulation) in enumerate(zip(steps, modulations, strict=True), start=first):
            state = self._apply(step, state, modulation, noise)
            yield index + 1, state

    def end(self, resolution: int | None) -> int:
        """After how many steps the picture of this resolution is there; None is the model's resolution."""
        if resolution is None or resolution == self.config.img_resolution:
            return len(self.steps)
        for index, step in enumerate(self.steps, start=1):
            if step.resolution == resolution and isinstance(step.layer, FastToRGB):
                return index
        raise ConfigError(
            f"this model makes no picture of {resolution} pixels: use {' or '.join(map(str, self.resolutions))}"
        )

    def _apply(self, step: Step, state: State, modulation: Modulation | Tensor, noise: PreparedNoise) -> State:
        if isinstance(step.layer, FastToRGB):
            assert isinstance(modulation, Tensor)
            assert state.x is not None  # a synthesis layer comes first
            return replace(state, img=step.layer(state.x, modulation, state.img))
        assert step.noise is not None
        assert isinstance(modulation, Modulation)
        x = self._const if state.x is None else state.x
        residual = state.residual if step.skip is None else step.skip(x)
        x = step.layer(x, modulation, noise[step.noise])
        if step.skip is None and residual is not None:
            return replace(state, x=x.add_(residual), residual=None)
        return replace(state, x=x, residual=residual)


def refuse_transform(transform: Tensor | None) -> None:
    """Raises ConfigError if there is one: what begins with a constant cannot be moved."""
    if transform is not None:
        raise ConfigError("a StyleGAN2 generator has no input that could be turned or moved")


def _steps(synthesis: SynthesisNetwork, precision: str) -> Iterator[Step]:
    kernel = synthesis.resample_filter
    upsample = PictureUpsampler(kernel, synthesis.config.img_channels)
    row = 0
    for block in synthesis.blocks:
        dtype = dtype_at(block.resolution, synthesis.config, precision)
        for position, layer in enumerate(block.layers):
            gain = math.sqrt(0.5) if block.has_skip and position == 1 else 1.0
            yield Step(
                resolution=block.resolution,
                row=row,
                noise=row,
                layer=FastLayer(layer, kernel, dtype, gain),
                skip=FastSkip(block.skip, kernel, dtype) if block.has_skip and position == 0 else None,
            )
            row += 1
        if block.has_torgb:
            to_rgb = FastToRGB(block.torgb, block.resolution, upsample, dtype)
            yield Step(resolution=block.resolution, row=row, noise=None, layer=to_rgb)

"""The pixels of moments of a walk, many at a time. Knows nothing of timelines, of sizes, or of files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from engine.inference.renderer import Renderer
from engine.inference.requests import Noise
from engine.video.moving import NoisePath
from engine.video.walk import Moment

Images = list[Tensor | None]


class Painter:
    """Renders moments; keeps the noise that all of them share."""

    def __init__(self, renderer: Renderer, path: NoisePath) -> None:
        self._renderer = renderer
        self._path = path
        self._kept: dict[Noise, Images] = {}

    def paint(self, moments: Sequence[Moment], resolution: int | None = None) -> np.ndarray:
        """uint8 [N, H, W, 3 or 4], of one of the renderer's resolutions. Raises OutOfMemoryError."""
        ws = torch.stack([moment.ws.to(self._renderer.device) for moment in moments])
        noises = {moment.noise for moment in moments}
        transforms = [moment.transform for moment in moments]
        if self._path.kind == "fixed" and len(noises) == 1:
            return self._renderer.render_ws(ws, noises.pop(), resolution, transforms)
        images = [self._images(moment) for moment in moments]
        return self._renderer.render_with_noise(ws, images, resolution, transforms)

    def _images(self, moment: Moment) -> Images:
        noise = moment.noise
        plain = replace(noise, strength=1.0, layer_strengths=())
        if self._path.kind == "fixed":
            return _scaled(self._full(plain), noise)
        seeds = (self._path.seed + number for number in range(3))
        three = [self._full(replace(plain, mode="random", seed=seed)) for seed in seeds]
        weights = self._path.weights(moment.share)
        return _scaled([_weighted(layer, weights) for layer in zip(*three, strict=True)], noise)

    def _full(self, noise: Noise) -> Images:
        """At most three sets are ever asked for."""
        if noise not in self._kept:
            self._kept[noise] = self._renderer.noise_images(noise)
        return self._kept[noise]


def _scaled(images: Images, noise: Noise) -> Images:
    own = noise.layer_strengths + (1.0,) * len(images)
    return [image if image is None else image * noise.strength * own[i] for i, image in enumerate(images)]


def _weighted(images: Sequence[Tensor | None], weights: Sequence[float]) -> Tensor | None:
    parts = [image * weight for image, weight in zip(images, weights, strict=True) if image is not None]
    return torch.stack(parts).sum(dim=0) if parts else None

"""Samples beside the training pictures that come nearest to them, so that a run that copies is seen to copy.

In the features of the judge's network where there is a judge, else by thumbnails, which need no network.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from engine.metrics.judge import KidJudge
from engine.metrics.neighbours import nearest, typical_distance
from engine.metrics.plain_features import thumbnails
from engine.metrics.sheet import Pair, pairs_sheet

SAMPLES = 64
PAIRS = 12
PICTURES = 5000
"""training pictures that are looked at, at most, where there is no judge"""
CHUNK = 64


class KnownPictures(Protocol):
    """The training pictures; `engine.data.batches.Batches` is one."""

    def first(self, count: int, skip: int = 0) -> Tensor:
        """Always the same pictures, at most `count`, after `skip` others: uint8 [N, C, H, W]."""


class TrainingPictures:
    """What samples are compared with: the features of each picture are computed once."""

    def __init__(self, data: KnownPictures, judge: KidJudge | None) -> None:
        self._data = data
        self._looking = "thumbnails" if judge is None else f"the features of {judge.network.name}"
        self._features: Callable[[Tensor], Tensor] = thumbnails if judge is None else judge.network.features
        self._real = self._thumbnails() if judge is None else judge.real_features
        self._unit = typical_distance(self._real) if len(self._real) > 1 else 0.0

    def sheet(self, sample_pixels: np.ndarray) -> Image.Image | None:
        """uint8 [N, C, H, W] -> those that come nearest to a training picture, beside it; None if all training
        pictures are one, which nothing can be compared with.

        A sample's mirror image counts as the sample: pictures are mirrored in training.
        """
        if self._unit == 0:
            return None
        samples = torch.from_numpy(np.ascontiguousarray(sample_pixels))
        found = [nearest(self._features(pixels), self._real) for pixels in (samples, samples.flip(3))]
        distances = torch.stack([way.distances for way in found])  # [2, N]
        indices = torch.stack([way.indices for way in found])
        order = distances.amin(dim=0).argsort()[:PAIRS].tolist()
        pairs = []
        for index in order:
            way = int(distances[:, index].argmin())
            real = self._data.first(1, int(indices[way, index]))[0]
            caption = f"{float(distances[way, index]) / self._unit:.2f}{' mirrored' if way else ''}"
            pairs.append(Pair(sample=samples[index].numpy(), real=real.numpy(), caption=caption))
        title = (
            f"The {len(pairs)} of {len(samples)} samples that come nearest to one of {len(self._real)} training "
            f"pictures (right), nearest first. Distances in {self._looking}: 1 is how far training pictures typically "
            "are from the nearest other one, near 0 is a copy."
        )
        return pairs_sheet(title, pairs)

    def _thumbnails(self) -> Tensor:
        parts = []
        for skip in range(0, PICTURES, CHUNK):
            pixels = self._data.first(CHUNK, skip)
            parts.append(thumbnails(pixels))
            if len(pixels) < CHUNK:
                break
        return torch.cat(parts)

"""Training batches as a function of position: the same (seed, cur_nimg) always gives the same pictures and labels.

Nothing here remembers what was asked before, so a resumed run sees what an uninterrupted one would have seen.
Knows nothing of files or of the training loop.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from typing import Protocol

import numpy as np
import torch

from engine.errors import ConfigError

AHEAD = 3
"""batches that are prepared while a step runs"""


class Pictures(Protocol):
    """What batches are made of; a `PictureSet` is one."""

    @property
    def in_memory(self) -> bool:
        """Whether `pixels` is quick."""

    def __len__(self) -> int: ...

    def pixels(self, indices: np.ndarray) -> np.ndarray:
        """The pictures at `indices` [N] (int), as a new uint8 array [N, C, H, W]."""

    def labels_of(self, indices: np.ndarray) -> np.ndarray:
        """The labels of the pictures at `indices` [N] (int): float32 [N, c_dim], with c_dim = 0 without labels."""

    def shown(self, indices: np.ndarray) -> np.ndarray:
        """Which pictures `pixels(indices)` gives, int64 [N]: another stands in for one that cannot be decoded."""


class Batches:
    """Every picture once an epoch, in an order of its own for each epoch.

    Position p, counted in pictures since the start of training, lies in epoch p // len(pictures). With
    `mirror` each position is flipped left to right by the toss of a coin. A batch may span epochs.
    """

    def __init__(
        self, pictures: Pictures, batch_size: int, seed: int, mirror: bool, share: slice = slice(None)
    ) -> None:
        """share: which of a batch's pictures are wanted here, where several processes divide each batch."""
        if batch_size < 1:
            raise ConfigError(f"A batch has at least one picture, not {batch_size}.")
        if seed < 0:
            raise ConfigError(f"A seed is a whole number from 0 upwards, not {seed}.")
        self.batch_size = batch_size
        self._pictures = pictures
        self._seed = seed
        self._share = share
        self._mirror = mirror
        # A batch seldom touches more than two epochs; a small cache is enough to draw each order once.
        self._epoch_order = lru_cache(maxsize=4)(self._draw_epoch_order)
        self._ahead: ThreadPoolExecutor | None = None
        if not pictures.in_memory:
            self._ahead = ThreadPoolExecutor(max_workers=1, thread_name_prefix="next-batch")
        self._prepared: deque[tuple[int, Future[np.ndarray]]] = deque()

    def at(self, cur_nimg: int) -> torch.Tensor:
        """The batch at positions cur_nimg, cur_nimg + 1, ...: uint8 [batch_size, C, H, W], on the CPU.

        Where pictures are decoded on demand, the batches after it are prepared in the background meanwhile; several,
        since steps with a regularization take longer than others, which leaves time for the batches of short ones.
        """
        if cur_nimg < 0:
            raise ValueError(f"cur_nimg counts pictures from 0 upwards, not {cur_nimg}")
        if self._ahead is None:
            return torch.from_numpy(self._pixels_at(cur_nimg))
        while self._prepared and self._prepared[0][0] != cur_nimg:
            self._prepared.popleft()[1].cancel()
        # One thread prepares all of them, in turn, so the store is never asked by two at once.
        following = self._prepared[-1][0] + self.batch_size if self._prepared else cur_nimg
        for position in range(following, cur_nimg + AHEAD * self.batch_size + 1, self.batch_size):
            self._prepared.append((position, self._ahead.submit(self._pixels_at, position)))
        return torch.from_numpy(self._prepared.popleft()[1].result())

    def first(self, count: int, skip: int = 0) -> torch.Tensor:
        """The pictures that the first epoch begins with, after `skip` of them, as it shows them, at most all of them
        once: uint8 [at most count, C, H, W], on the CPU. The same whatever the batch size."""
        order, flips = (values[skip : skip + count] for values in self._epoch_order(0))
        pixels = self._pictures.pixels(order)
        pixels[flips] = pixels[flips, :, :, ::-1]
        return torch.from_numpy(pixels)

    def labels_at(self, cur_nimg: int) -> torch.Tensor:
        """The labels of `at(cur_nimg)`: float32 [batch_size, c_dim], on the CPU; c_dim is 0 without labels."""
        return torch.from_numpy(self._pictures.labels_of(self._pictures.shown(self.indices_at(cur_nimg)[0])))

    def random_labels(self, count: int, generator: torch.Generator) -> torch.Tensor:
        """Labels of pictures that are drawn evenly, with replacement: float32 [count, c_dim], on the CPU.

        These are what G is trained with, so that it meets each label as often as D does.
        """
        indices = torch.randint(len(self._pictures), (count,), generator=generator, device=generator.device)
        return torch.from_numpy(self._pictures.labels_of(indices.cpu().numpy()))

    def indices_at(self, cur_nimg: int) -> tuple[np.ndarray, np.ndarray]:
        """Which pictures, int [batch_size], and which of them are mirrored, bool [batch_size]; where there is a
        share, only those."""
        count = len(self._pictures)
        positions = np.arange(cur_nimg, cur_nimg + self.batch_size)
        indices = np.empty(self.batch_size, dtype=np.int64)
        mirrored = np.empty(self.batch_size, dtype=bool)
        for epoch in range(cur_nimg // count, int(positions[-1]) // count + 1):
            inside = positions // count == epoch
            order, flips = self._epoch_order(epoch)
            indices[inside] = order[positions[inside] % count]
            mirrored[inside] = flips[positions[inside] % count]
        return indices[self._share], mirrored[self._share]

    def _pixels_at(self, cur_nimg: int) -> np.ndarray:
        indices, mirrored = self.indices_at(cur_nimg)
        pixels = self._pictures.pixels(indices)
        pixels[mirrored] = pixels[mirrored, :, :, ::-1]
        return pixels

    def _draw_epoch_order(self, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """The epoch's permutation, int [len(pictures)], and coins, bool [len(pictures)]."""
        # RandomState, since its numbers are promised never to change between versions of NumPy.
        random = np.random.RandomState(np.random.MT19937(np.random.SeedSequence((self._seed, epoch))))
        count = len(self._pictures)
        order = random.permutation(count)
        flips = random.randint(2, size=count, dtype=bool) if self._mirror else np.zeros(count, dtype=bool)
        return order, flips


def to_float(batch: torch.Tensor) -> torch.Tensor:
    """uint8 0 to 255 -> float32 in [-1, 1], any shape, on the batch's device."""
    return batch.to(torch.float32) / 127.5 - 1

"""Pictures from the device to the host: while one is copied, the device makes the next.

Two buffers in pinned memory take turns, and copies have a stream of their own. Nobody sees a buffer: a picture is
handed on as an array of its own, once the event behind its copy has happened. Written without a CUDA device at hand:
the order of things is tested with a device that writes down what it is told. Knows nothing of synthesis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import count
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

BUFFERS = 2


class Copier(Protocol):
    """Copies from a device."""

    def buffer(self, like: Tensor) -> Tensor:
        """Host memory for a tensor of this shape and type."""

    def start(self, source: Tensor, target: Tensor) -> Callable[[], None]:
        """Orders that source be copied to target when all that was ordered before is done, and returns at once.

        The function returned waits for the end of the copy.
        """


class CudaCopier:
    """A `Copier` for the current CUDA device."""

    def __init__(self) -> None:
        self._stream = torch.cuda.Stream()

    def buffer(self, like: Tensor) -> Tensor:
        """Pinned, so that a copy can go on while the processor does something else."""
        return torch.empty(like.shape, dtype=like.dtype, pin_memory=True)

    def start(self, source: Tensor, target: Tensor) -> Callable[[], None]:
        """See `Copier`."""
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            target.copy_(source, non_blocking=True)
            copied = torch.cuda.Event()
            copied.record()
        source.record_stream(self._stream)  # or its memory would be given to the next picture during the copy
        return copied.synchronize


def read_back(pictures: Iterable[Tensor], copier: Copier) -> Iterator[np.ndarray]:
    """Tensors on the device, all of one shape, whose making only has to be ordered -> arrays of their own, in order.

    Each is handed on when the next one has been ordered. If making one fails, those before it are handed on first.
    """
    source = iter(pictures)
    buffers: list[Tensor] = []
    copying: Callable[[], np.ndarray] | None = None
    failure: Exception | None = None
    for number in count():
        try:
            picture = next(source)
        except StopIteration:
            break
        except Exception as error:  # noqa: BLE001 - raised again, behind the picture that is still on its way
            failure = error
            break
        if number < BUFFERS:
            buffers.append(copier.buffer(picture))
        buffer = buffers[number % BUFFERS]  # whose picture was handed on in the round before
        before, copying = copying, partial(_arrived, buffer, copier.start(picture, buffer))
        if before is not None:
            yield before()
    if copying is not None:
        yield copying()
    if failure is not None:
        raise failure


def _arrived(buffer: Tensor, wait: Callable[[], None]) -> np.ndarray:
    wait()
    return buffer.numpy().copy()

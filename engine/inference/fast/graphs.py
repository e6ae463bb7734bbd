"""The fast synthesis as recorded CUDA graphs: a picture's hundreds of small kernels are launched by one call.

A graph has fixed addresses: ws and noise are copied to where it was recorded with. Written without a CUDA device at
hand: its logic is tested with a recorder that replays by calling, its speed is not measured.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.inference.bounded_cache import BoundedCache
from engine.inference.fast.synthesis import FastSynthesis, PreparedNoise, refuse_transform
from engine.networks.any_generator import NoiseImages

KEPT_GRAPHS = 4
"""each holds the activations of one picture"""
WARM_UP = 3
"""runs before the recording, in which libraries choose their algorithms"""

Recorder = Callable[[Callable[[], Tensor]], tuple[Callable[[], None], Tensor]]
"""Takes a function of no arguments; gives what runs it again, and the tensor that each run fills."""


def record_cuda_graph(make: Callable[[], Tensor]) -> tuple[Callable[[], None], Tensor]:
    """A `Recorder` for the current CUDA device."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(WARM_UP):
            make()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = make()
    return graph.replay, result


@dataclass(slots=True, kw_only=True, eq=False)
class _Recording:
    ws: Tensor
    noise: PreparedNoise
    source: PreparedNoise
    """whose values `noise` has"""
    replay: Callable[[], None]
    img: Tensor


class GraphedSynthesis:
    """A `FastSynthesis` that is recorded on first use, for each resolution and each set of layers that get noise."""

    divided = False

    def __init__(self, synthesis: FastSynthesis, record: Recorder = record_cuda_graph) -> None:
        self._synthesis = synthesis
        self._record = record
        self._recordings: BoundedCache[tuple[int, tuple[bool, ...]], _Recording] = BoundedCache(KEPT_GRAPHS)

    @property
    def resolutions(self) -> tuple[int, ...]:
        """See `FastSynthesis`."""
        return self._synthesis.resolutions

    def prepare_noise(self, images: NoiseImages) -> PreparedNoise:
        """See `FastSynthesis`."""
        return self._synthesis.prepare_noise(images)

    def render(
        self, ws: Tensor, noise: PreparedNoise, resolution: int | None = None, transform: Tensor | None = None
    ) -> Tensor:
        """`FastSynthesis.render`: the same picture, a new tensor."""
        refuse_transform(transform)
        key = (self._synthesis.end(resolution), tuple(image is not None for image in noise))
        recording = self._recordings.get(key, lambda: self._recorded(ws, noise, resolution))
        recording.ws.copy_(ws)
        if recording.source is not noise:
            for place, image in zip(recording.noise, noise, strict=True):
                if place is not None and image is not None:
                    place.copy_(image)
            recording.source = noise
        recording.replay()
        return recording.img.clone()

    def _recorded(self, ws: Tensor, noise: PreparedNoise, resolution: int | None) -> _Recording:
        own_ws = ws.clone()
        own_noise = [None if image is None else image.clone() for image in noise]
        replay, img = self._record(lambda: self._synthesis.render(own_ws, own_noise, resolution))
        return _Recording(ws=own_ws, noise=own_noise, source=noise, replay=replay, img=img)

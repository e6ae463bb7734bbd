"""What the inference loop needs of the engine, and the engine that it gets.

Nothing here imports torch before `TorchBackend()` is called, which belongs where pictures are made.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engine.formats.model_info import ModelInfo, Weights
from engine.inference.layer_maps import LayerMaps, LayerQuestion
from engine.inference.requests import Look
from engine.video.plan import VideoPlan
from engine.video.progress import Progress
from engine.video.timeline import Timeline

if TYPE_CHECKING:
    from engine.inference.renderer import Renderer
    from explorer.worker.walk_preview import WalkPreview


class OpenedModel(Protocol):
    """A model that makes pictures."""

    @property
    def info(self) -> ModelInfo:
        """What is known of it."""

    @property
    def resolutions(self) -> tuple[int, ...]:
        """The sides that pictures can have, ascending; the last is the model's."""

    @property
    def sparing(self) -> bool:
        """Whether memory has run out before, so that pictures are made with less of it, more slowly."""

    def render(self, look: Look, tile: int, resolution: int) -> np.ndarray:
        """uint8 [resolution, resolution, 3 or 4]. What the tile's next picture has in common with this one is kept."""

    def look_into(self, question: LayerQuestion) -> LayerMaps:
        """The maps of a layer. Raises ConfigError if there is no such layer."""

    def frame(self, timeline: Timeline, seconds: float, resolution: int) -> np.ndarray:
        """uint8 [resolution, resolution, 3 or 4]: what the timeline shows at this time."""

    def measure(self) -> bool:
        """A piece of what the last frame's timeline needs for its pace; False if nothing is left to do."""

    def export(self, plan: VideoPlan) -> Generator[Progress, None, None]:
        """Yields how far it is, 'done' last; closing it removes what there is of the file.

        What is finished stays if it fails, or if an ExportStoppedError is thrown into it, and is gone on with.
        """


class Backend(Protocol):
    """Opens models on one device."""

    @property
    def device(self) -> str:
        """'cpu', 'cuda' or 'mps'."""

    @property
    def devices(self) -> tuple[str, ...]:
        """Those that this computer has, the fastest first."""

    def use(self, device: str) -> None:
        """Models that are opened from now on are on this device. Raises ConfigError if it cannot be."""

    def open(self, path: Path, weights: Weights, still_wanted: Callable[[], bool]) -> OpenedModel:
        """Raises EngineError with a sentence if the file is no model, does not fit, or is not wanted any more."""


class TorchBackend:
    """The real one. Making it imports torch, which takes seconds."""

    def __init__(self, device: str = "auto", precision: str = "auto") -> None:
        """Raises ConfigError if this computer has no such device, or not that precision on it."""
        from engine.inference.devices import available_devices

        self.devices = available_devices()
        self._asked_precision = precision
        self.use(device)

    def use(self, device: str) -> None:
        """Raises ConfigError if this computer has no such device, or not the precision on it that was asked for."""
        from engine.inference.devices import pick_device
        from engine.inference.fast.precision import pick_precision

        found = pick_device(device)
        self._precision = pick_precision(self._asked_precision, found)
        self.device = found

    def open(self, path: Path, weights: Weights, still_wanted: Callable[[], bool]) -> OpenedModel:
        """Raises ModelFileError, UnsafeFileError, LoadCancelledError or OutOfMemoryError."""
        from engine.formats.model_file import load_model
        from engine.inference.renderer import Renderer

        model = load_model(path, weights=weights, still_wanted=still_wanted)
        return TorchModel(Renderer(model, self.device, self._precision), path)


class TorchModel:
    """A model in a Renderer."""

    def __init__(self, renderer: Renderer, path: Path) -> None:
        self._renderer = renderer
        self._path = path
        self._preview: WalkPreview | None = None

    @property
    def info(self) -> ModelInfo:
        """What is known of it."""
        return self._renderer.info

    @property
    def resolutions(self) -> tuple[int, ...]:
        """The sides that pictures can have, ascending; the last is the model's."""
        return self._renderer.resolutions

    @property
    def sparing(self) -> bool:
        """Whether memory has run out before."""
        return self._renderer.sparing

    def render(self, look: Look, tile: int, resolution: int) -> np.ndarray:
        """uint8 [resolution, resolution, 3 or 4]. Raises ConfigError or OutOfMemoryError."""
        return self._renderer.render(look, cache_key=tile, resolution=resolution)

    def look_into(self, question: LayerQuestion) -> LayerMaps:
        """The maps of a layer. Raises ConfigError or OutOfMemoryError."""
        from engine.inference.layer_reader import read_layer

        return read_layer(self._renderer, question)

    def frame(self, timeline: Timeline, seconds: float, resolution: int) -> np.ndarray:
        """What the timeline shows at this time. Raises ConfigError or OutOfMemoryError."""
        from explorer.worker.walk_preview import WalkPreview

        if self._preview is None:
            self._preview = WalkPreview(self._renderer)
        return self._preview.frame(timeline, seconds, resolution)

    def measure(self) -> bool:
        """A piece of what the last frame's timeline needs. Raises ConfigError or OutOfMemoryError."""
        return self._preview is not None and self._preview.measure()

    def export(self, plan: VideoPlan) -> Generator[Progress, None, None]:
        """Raises ExportError, ConfigError or OutOfMemoryError from the iteration."""
        from engine.video.export import ExportOptions, export_video

        options = ExportOptions(resume=True, keep=True, model=str(self._path.absolute()))
        yield from export_video(self._renderer, plan, options)

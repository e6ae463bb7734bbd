"""A generator measured against real pictures: everything that was asked for, each set of features computed once.

Knows nothing of files or of how results are shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from torch import Tensor

from engine.errors import ConfigError
from engine.metrics.frechet import frechet_distance
from engine.metrics.kid import kid
from engine.metrics.names import INCEPTION, PERCEPTUAL, MetricName
from engine.metrics.neighbours import Nearest, nearest, nearest_ratio, precision_recall, typical_distance
from engine.metrics.networks.lpips import ALEXNET, VGG16, Lpips
from engine.metrics.networks.registry import FeatureNetwork, open_inception, open_network
from engine.metrics.path_length import PathOptions, SquaredDistance, feature_distance, path_length
from engine.metrics.real_features import FeatureCache, PixelSource
from engine.metrics.samples import sample_pictures
from engine.networks.any_generator import AnyGenerator

BACKBONES = {"alexnet": ALEXNET, "vgg16": VGG16}


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationOptions:
    """What is measured, and on how much."""

    metrics: tuple[MetricName, ...]
    samples: int
    first_seed: int = 0
    device: str = "cpu"
    inception: Path | None = None
    """a file with the Inception weights of the real FID"""
    neighbours: bool = False
    """whether each sample's nearest real picture is wanted"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observers:
    """Who is told how it goes."""

    on_progress: Callable[[str, int, int], None] = lambda stage, done, total: None
    """called with (what is being done, done, total)"""
    on_warning: Callable[[str], None] = lambda sentence: None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Neighbours:
    """The nearest real picture of each sample."""

    nearest: Nearest
    typical_distance: float
    """of a real picture to its nearest other one"""
    network: str
    """in whose features that is"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """What was found."""

    values: dict[str, float]
    """by name, in the order that was asked for"""
    samples: Tensor
    """uint8 [N, C, H, W]: the pictures that were judged"""
    neighbours: Neighbours | None


def evaluate(G: AnyGenerator, pictures: PixelSource, options: EvaluationOptions, observers: Observers) -> Evaluation:
    """Measures a generator on its device. Raises EngineError."""
    return _Evaluator(G, pictures, options, observers).run()


class _Evaluator:
    """The sets of features, each computed when a metric first asks for it."""

    def __init__(
        self, G: AnyGenerator, pictures: PixelSource, options: EvaluationOptions, observers: Observers
    ) -> None:
        self._G = G
        self._pictures = pictures
        self._options = options
        self._observers = observers
        self._network = cache(self._open)
        self._samples = cache(self._make_samples)
        self._real = cache(self._make_real)
        self._fake = cache(self._make_fake)
        self._precision_recall = cache(lambda name: precision_recall(self._real(name), self._fake(name)))

    def run(self) -> Evaluation:
        names = self._options.metrics
        networks = list(dict.fromkeys(name.network for name in names if name.kind != "ppl"))
        for network in networks:
            self._network(network)  # a missing package is told before the first minute is spent
        return Evaluation(
            values={str(name): self._value(name) for name in names},
            samples=self._samples(),
            neighbours=self._neighbours(networks[0] if networks else "lite0") if self._options.neighbours else None,
        )

    def _neighbours(self, network: str) -> Neighbours:
        real, fake = self._real(network), self._fake(network)
        return Neighbours(nearest=nearest(fake, real), typical_distance=typical_distance(real), network=network)

    def _value(self, name: MetricName) -> float:
        if name.kind == "ppl":
            return self._path_length(name)
        real, fake = self._real(name.network), self._fake(name.network)
        if name.kind == "fd":
            return frechet_distance(real, fake)
        if name.kind == "kid":
            return kid(real, fake)
        if name.kind == "nearest":
            return nearest_ratio(real, fake)
        precision, recall = self._precision_recall(name.network)
        return precision if name.kind == "precision" else recall

    def _path_length(self, name: MetricName) -> float:
        distance: SquaredDistance
        if name.network in PERCEPTUAL:
            distance = Lpips(BACKBONES[PERCEPTUAL[name.network]], self._options.device)
        else:
            distance = feature_distance(self._network(name.network))
        options = PathOptions(
            samples=self._options.samples,
            seed=self._options.first_seed,
            on_progress=self._told(f"Walking paths for {name}"),
        )
        return path_length(self._G, distance, options)

    def _open(self, name: str) -> FeatureNetwork:
        if name != INCEPTION:
            return open_network(name, self._options.device)
        if self._options.inception is None:
            raise ConfigError("the real FID needs the weights of Inception: name their file with --inception")
        return open_inception(self._options.inception, self._options.device)

    def _make_samples(self) -> Tensor:
        return sample_pictures(
            self._G,
            self._options.samples,
            first_seed=self._options.first_seed,
            on_progress=self._told("Making samples"),
        )

    def _make_real(self, name: str) -> Tensor:
        reals = FeatureCache(
            on_progress=self._told(f"Looking at pictures with {name}"), on_warning=self._observers.on_warning
        )
        return reals.features(self._network(name), self._pictures)

    def _make_fake(self, name: str) -> Tensor:
        return self._network(name).features(self._samples(), on_progress=self._told(f"Looking at samples with {name}"))

    def _told(self, stage: str) -> Callable[[int, int], None]:
        return lambda done, total: self._observers.on_progress(stage, done, total)

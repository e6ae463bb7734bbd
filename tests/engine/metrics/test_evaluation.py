"""Everything together, on pictures that the model itself made, and the sheet of neighbours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import ConfigError
from engine.metrics.evaluation import EvaluationOptions, Observers, evaluate
from engine.metrics.names import DEFAULT_METRICS, FID, NETWORK_NAMES, PERCEPTUAL, parse_metrics
from engine.metrics.networks.registry import NETWORKS
from engine.metrics.real_features import CACHE_FOLDER_VARIABLE
from engine.metrics.samples import sample_pictures
from engine.metrics.sheet import LARGEST_SIDE, Pair, pairs_sheet
from engine.networks.generator import Generator
from tests.engine.inference.tiny_models import tiny_model


class Pixels:
    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def pixels(self, indices: np.ndarray) -> np.ndarray:
        return self.values[indices]


@pytest.fixture(autouse=True)
def cache_in_a_new_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(CACHE_FOLDER_VARIABLE, str(tmp_path / "cache"))


def made_by(G: Generator, count: int, first_seed: int) -> Pixels:
    return Pixels(sample_pictures(G, count, first_seed=first_seed).numpy())


def options(names: str, samples: int = 12, *, neighbours: bool = False) -> EvaluationOptions:
    return EvaluationOptions(metrics=parse_metrics(names), samples=samples, neighbours=neighbours)


def test_a_model_against_its_own_pictures() -> None:
    """The training pictures are the samples themselves: no distance, everything covered, and all of it copies."""
    G = tiny_model().G_ema
    stages: list[str] = []
    observers = Observers(on_progress=lambda stage, done, total: stages.append(stage))
    names = "fd_squeezenet,precision_squeezenet,recall_squeezenet,nearest_squeezenet"
    found = evaluate(G, made_by(G, 12, 0), options(names, neighbours=True), observers)
    assert list(found.values) == names.split(",")
    assert found.values["fd_squeezenet"] == pytest.approx(0, abs=1e-6)
    assert found.values["precision_squeezenet"] == found.values["recall_squeezenet"] == 1
    assert found.values["nearest_squeezenet"] < 1e-3
    assert found.neighbours is not None
    assert found.neighbours.nearest.indices.tolist() == list(range(12))
    assert found.neighbours.network == "squeezenet"
    assert len(set(stages)) == 3


def test_worse_pictures_are_further_away() -> None:
    G = tiny_model().G_ema
    alike, inverted = made_by(G, 20, 100), made_by(G, 20, 100)
    inverted.values = 255 - inverted.values
    values = [
        evaluate(G, source, options("kid_squeezenet,fd_squeezenet"), Observers()).values for source in (alike, inverted)
    ]
    assert all(values[0][name] < values[1][name] for name in values[0])


def test_precision_is_not_recall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.metrics.evaluation.precision_recall", lambda real, fake: (0.25, 0.75))
    G = tiny_model().G_ema
    found = evaluate(G, made_by(G, 4, 0), options("recall_squeezenet,precision_squeezenet", 4), Observers())
    assert found.values == {"recall_squeezenet": 0.75, "precision_squeezenet": 0.25}


def test_path_length_alone_looks_at_no_real_picture() -> None:
    class Untouchable(Pixels):
        def pixels(self, indices: np.ndarray) -> np.ndarray:
            raise AssertionError("asked for a real picture")

    found = evaluate(tiny_model().G_ema, Untouchable(np.zeros(0)), options("ppl_squeezenet"), Observers())
    assert found.values["ppl_squeezenet"] > 0
    assert found.neighbours is None


def test_fid_needs_its_weights() -> None:
    G = tiny_model().G_ema
    with pytest.raises(ConfigError, match="--inception"):
        evaluate(G, made_by(G, 4, 0), options(FID, samples=4), Observers())


def test_names_are_read_once_and_in_order() -> None:
    names = parse_metrics(" kid_lite0, fd_vgg16,kid_lite0 ,fid,ppl_lpips_alexnet,")
    assert [str(name) for name in names] == ["kid_lite0", "fd_vgg16", "fid", "ppl_lpips_alexnet"]
    assert ",".join(str(name) for name in parse_metrics(DEFAULT_METRICS)) == DEFAULT_METRICS
    assert set(NETWORK_NAMES) == set(NETWORKS)
    assert set(PERCEPTUAL.values()) <= set(NETWORKS)


@pytest.mark.parametrize("text", ["", " , ", "lite0", "kid", "kid_", "fid_lite0", "kid_inception", "fd_lpips_vgg16"])
def test_unknown_names_are_sentences(text: str) -> None:
    with pytest.raises(ConfigError, match="kid_lite0"):
        parse_metrics(text)


@pytest.mark.parametrize(("resolution", "channels"), [(16, 3), (64, 1), (32, 4), (512, 3)])
def test_the_sheet_shows_every_pair(resolution: int, channels: int) -> None:
    random = np.random.RandomState(0)
    colours = random.randint(0, 200, (14, channels, 1, 1), dtype=np.uint8)
    if channels == 4:
        colours[:, 3] = 255
    flat = colours.repeat(resolution, axis=2).repeat(resolution, axis=3)
    pairs = [Pair(sample=flat[2 * i], real=flat[2 * i + 1], caption=f"seed {i}: 0.5") for i in range(7)]
    pixels = np.asarray(pairs_sheet("a title of several words that is wider than the sheet " * 9, pairs))
    for colour in colours[:, :3, 0, 0]:
        expected = colour if channels > 1 else colour.repeat(3)
        area = int((pixels == expected).all(axis=2).sum())
        assert 90**2 <= area <= LARGEST_SIDE**2 * 14

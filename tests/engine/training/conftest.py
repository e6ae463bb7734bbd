"""A tiny set of real files, and runs on it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.training.start import LoadObservers, TrainOptions, start

TINY = {
    "cfg": "auto",
    "resolution": 16,
    "batch": 4,
    "channel_base": 128,
    "channel_max": 8,
    "latent_dim": 16,
    "device": "cpu",
}


@pytest.fixture(scope="session")
def pictures(tmp_path_factory) -> Path:
    """Twelve drawings: a disc of a random colour somewhere on a plain ground."""
    folder = tmp_path_factory.mktemp("discs")
    random = np.random.RandomState(0)
    y, x = np.mgrid[:24, :24]
    for index in range(12):
        ground, colour = random.randint(256, size=(2, 3))
        disc = (x - random.randint(8, 16)) ** 2 + (y - random.randint(8, 16)) ** 2 < 30
        Image.fromarray(np.where(disc[..., None], colour, ground).astype(np.uint8)).save(folder / f"{index}.png")
    return folder


@pytest.fixture
def begin(pictures, tmp_path):
    """Starts or resumes a tiny run: begin(kimg=0.016), begin(resume=folder, kimg=0.032)."""

    def begin_run(observers: LoadObservers | None = None, **options):
        options = {**options} if "resume" in options else {"data": pictures, **TINY, **options}
        options.setdefault("outdir", tmp_path / "runs")
        options.setdefault("device", "cpu")
        return start(TrainOptions(**options), observers or LoadObservers())

    return begin_run

"""A generator that copies is seen to copy."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from engine.data.batches import Batches
from engine.metrics.judge import KidJudge
from engine.metrics.plain_features import thumbnails
from engine.training import memorisation
from engine.training.memorisation import TrainingPictures

NETWORK = SimpleNamespace(name="tiny", features=lambda images: thumbnails(images)[:, ::7])


class Drawn:
    """Two hundred pictures of noise."""

    in_memory = True

    def __init__(self, count=200):
        self._pixels = np.random.RandomState(0).randint(0, 256, (count, 3, 16, 16)).astype(np.uint8)

    def __len__(self):
        return len(self._pixels)

    def pixels(self, indices):
        return self._pixels[indices]


@pytest.fixture
def shown(monkeypatch):
    """The pairs of the sheet, in place of the sheet."""
    pairs = []

    def sheet(title, given):
        pairs[:] = [title, *given]
        return title

    monkeypatch.setattr(memorisation, "pairs_sheet", sheet)
    return pairs


@pytest.mark.parametrize("judged", [True, False])
def test_copies_come_first_with_their_original_mirrored_ones_too(shown, judged):
    data = Batches(Drawn(), 4, seed=0, mirror=True)
    judge = KidJudge(NETWORK, data.first(150)) if judged else None
    random = np.random.RandomState(1)
    samples = random.randint(0, 256, (64, 3, 16, 16)).astype(np.uint8)
    copied, mirrored = data.first(1, 130)[0].numpy(), data.first(1, 77)[0].numpy()
    samples[40], samples[9] = copied, mirrored[:, :, ::-1]
    assert TrainingPictures(data, judge).sheet(samples) is not None
    title, *pairs = shown
    assert f"The 12 of 64 samples that come nearest to one of {150 if judged else 200} training pictures" in title
    assert ("features of tiny" if judged else "thumbnails") in title
    first = {pair.caption: pair for pair in pairs[:2]}
    assert set(first) == {"0.00", "0.00 mirrored"}
    assert np.array_equal(first["0.00"].real, copied)
    assert np.array_equal(first["0.00 mirrored"].sample[:, :, ::-1], mirrored)
    assert np.array_equal(first["0.00 mirrored"].real, mirrored)
    others = [float(pair.caption.split()[0]) for pair in pairs[2:]]
    assert others == sorted(others)
    assert min(others) > 0.8


def test_the_pair_is_the_nearest_of_all_by_the_obvious_search(shown):
    data = Batches(Drawn(), 4, seed=0, mirror=False)
    samples = np.random.RandomState(1).randint(0, 256, (20, 3, 16, 16)).astype(np.uint8)
    TrainingPictures(data, None).sheet(samples)
    reals = data.first(1000)
    for pair in shown[1:]:
        x = pair.sample[None].astype(float)
        distances = [((reals.numpy() - way) ** 2).sum(axis=(1, 2, 3)) for way in (x, x[:, :, :, ::-1])]
        assert np.array_equal(pair.real, reals[int(np.minimum(*distances).argmin())].numpy())


def test_one_picture_has_no_neighbours(shown):
    assert TrainingPictures(Batches(Drawn(1), 1, seed=0, mirror=True), None).sheet(np.zeros((4, 3, 16, 16))) is None


def test_a_real_sheet(begin):
    run, state = begin(kimg=0.004)
    run.train(state)
    sheet = memorisation.Image.open(run.folder.path / "neighbours.png")
    assert sheet.width > 6 * 2 * 96
    assert torch.from_numpy(np.array(sheet)).float().std() > 10

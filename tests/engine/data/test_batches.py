"""Batches are a function of (seed, cur_nimg): coverage, determinism, and no memory of what was asked before."""

import threading
from pathlib import Path
from queue import Queue

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.data.batches import AHEAD, Batches, to_float
from engine.data.open_pictures import open_pictures
from engine.data.picture_set import Loading
from engine.errors import ConfigError


class Numbered:
    """Pictures of 1 x 2 pixels: the left one holds the picture's number, the right one 255."""

    def __init__(self, count: int, in_memory: bool = True) -> None:
        self._count = count
        self.in_memory = in_memory

    def __len__(self) -> int:
        return self._count

    def pixels(self, indices: np.ndarray) -> np.ndarray:
        pixels = np.full((len(indices), 1, 1, 2), 255, dtype=np.uint8)
        pixels[:, 0, 0, 0] = indices
        return pixels

    def labels_of(self, indices: np.ndarray) -> np.ndarray:
        return np.stack([indices, indices % 2], axis=1).astype(np.float32)

    def shown(self, indices: np.ndarray) -> np.ndarray:
        return indices


def numbers(batch: torch.Tensor) -> list[int]:
    return [int(number) for number in batch.amin(dim=(1, 2, 3))]


def mirrored(batch: torch.Tensor) -> list[bool]:
    return [bool(flipped) for flipped in batch[:, 0, 0, 0] == 255]


counts = st.integers(1, 60)
batch_sizes = st.integers(1, 70)
seeds = st.integers(0, 2**32 - 1)


@settings(deadline=None)
@given(count=counts, batch_size=batch_sizes, seed=seeds, epoch=st.integers(0, 1000))
def test_every_picture_once_an_epoch(count: int, batch_size: int, seed: int, epoch: int) -> None:
    batches = Batches(Numbered(count), batch_size, seed, mirror=True)
    start = epoch * count
    seen = [n for position in range(start, start + count, batch_size) for n in numbers(batches.at(position))]
    assert sorted(seen[:count]) == list(range(count))


@settings(deadline=None)
@given(
    count=counts, batch_size=batch_sizes, seed=seeds, positions=st.lists(st.integers(0, 10**6), min_size=2, max_size=5)
)
def test_a_batch_does_not_depend_on_those_before(count: int, batch_size: int, seed: int, positions: list[int]) -> None:
    one = Batches(Numbered(count), batch_size, seed, mirror=True)
    batches = {position: one.at(position) for position in positions}
    for position in reversed(positions):
        fresh = Batches(Numbered(count), batch_size, seed, mirror=True)
        assert torch.equal(fresh.at(position), batches[position])


@settings(deadline=None)
@given(count=counts, seed=seeds, start=st.integers(0, 10**6), batch_size=batch_sizes)
def test_a_position_holds_the_same_picture_whatever_the_batch_size(
    count: int, seed: int, start: int, batch_size: int
) -> None:
    whole = Batches(Numbered(count), batch_size, seed, mirror=True).at(start)
    single = Batches(Numbered(count), 1, seed, mirror=True)
    assert torch.equal(whole, torch.cat([single.at(start + offset) for offset in range(batch_size)]))


@settings(max_examples=20, deadline=None)
@given(count=counts, batch_size=batch_sizes, seed=seeds, positions=st.lists(st.integers(0, 10**6), max_size=5))
def test_preparing_ahead_changes_nothing(count: int, batch_size: int, seed: int, positions: list[int]) -> None:
    plain = Batches(Numbered(count), batch_size, seed, mirror=True)
    ahead = Batches(Numbered(count, in_memory=False), batch_size, seed, mirror=True)
    for position in positions:
        for cur_nimg in (position, position + batch_size, position + 2 * batch_size):
            assert torch.equal(ahead.at(cur_nimg), plain.at(cur_nimg))


def test_the_numbers_never_change() -> None:
    """A run that is resumed with a later version goes on with the same pictures."""
    batch = Batches(Numbered(10), 12, seed=7, mirror=True).at(3)
    assert numbers(batch) == [8, 1, 7, 6, 0, 2, 3, 8, 6, 9, 5, 0]
    assert "".join("x" if flipped else "." for flipped in mirrored(batch)) == ".....xxx.xx."


def test_epochs_and_seeds_differ() -> None:
    def epoch_of(seed: int, epoch: int) -> tuple[int, ...]:
        return tuple(numbers(Batches(Numbered(50), 50, seed, mirror=False).at(50 * epoch)))

    assert len({epoch_of(seed, epoch) for seed in range(10) for epoch in range(10)}) == 100


def test_every_place_of_an_epoch_is_equally_likely() -> None:
    """Chi squared with 9 * 9 degrees of freedom exceeds 126.1 once in a thousand."""
    tally = np.zeros((10, 10))
    batches = Batches(Numbered(10), 10, seed=1, mirror=False)
    for epoch in range(2000):
        tally[np.arange(10), numbers(batches.at(10 * epoch))] += 1
    assert ((tally - 200) ** 2 / 200).sum() < 126.1


def test_mirroring_is_a_fair_coin_for_each_picture_and_epoch() -> None:
    batches = Batches(Numbered(50), 50, seed=3, mirror=True)
    heads = np.zeros(50)
    for epoch in range(400):
        batch = batches.at(50 * epoch)
        heads[numbers(batch)] += mirrored(batch)
    assert abs(heads.sum() / 20_000 - 0.5) < 4 * 0.5 / np.sqrt(20_000)
    assert np.abs(heads / 400 - 0.5).max() < 5 * 0.5 / np.sqrt(400)


def test_nothing_is_mirrored_unless_asked() -> None:
    batches = Batches(Numbered(50), 50, seed=3, mirror=False)
    assert not any(any(mirrored(batches.at(50 * epoch))) for epoch in range(20))


@pytest.mark.parametrize("memory_limit_bytes", [0, 2**30])
def test_batches_of_a_real_folder(tmp_path: Path, memory_limit_bytes: int) -> None:
    levels = np.random.RandomState(0).randint(0, 256, (7, 8, 8, 3)).astype(np.uint8)
    for index in range(7):
        Image.fromarray(levels[index]).save(tmp_path / f"{index}.png")
    folder = open_pictures(tmp_path, 8, loading=Loading(memory_limit_bytes=memory_limit_bytes))
    batches = Batches(folder, 5, seed=0, mirror=True)
    for cur_nimg in range(0, 50, 5):
        batch = batches.at(cur_nimg)
        indices, flips = batches.indices_at(cur_nimg)
        assert batch.shape == (5, 3, 8, 8)
        assert batch.dtype == torch.uint8
        for picture, index, flipped in zip(batch.numpy(), indices, flips, strict=True):
            original = levels[index].transpose(2, 0, 1)
            assert np.array_equal(picture, np.flip(original, 2) if flipped else original)
    assert np.array_equal(folder.pixels(np.arange(7)), levels.transpose(0, 3, 1, 2))  # not flipped in place


def test_an_error_while_preparing_ahead_is_raised_by_the_batch_that_it_concerns() -> None:
    class Failing(Numbered):
        def pixels(self, indices: np.ndarray) -> np.ndarray:
            if 3 in indices:
                raise OSError("the disk is gone")
            return super().pixels(indices)

    batches = Batches(Failing(8, in_memory=False), 1, seed=0, mirror=False)
    outcomes = []
    for cur_nimg in range(8):
        try:
            outcomes += numbers(batches.at(cur_nimg))
        except OSError:
            outcomes.append(3)
    assert outcomes == numbers(Batches(Numbered(8), 8, seed=0, mirror=False).at(0))


def test_the_next_batches_are_decoded_without_being_asked_for() -> None:
    """While a step runs: nobody asks for them, and yet they are begun, in order and no more than AHEAD of them."""
    begun: Queue[int] = Queue()
    may_end = threading.Semaphore(1)

    class Slow(Numbered):
        def pixels(self, indices: np.ndarray) -> np.ndarray:
            begun.put(int(indices[0]))
            may_end.acquire(timeout=10)
            return super().pixels(indices)

    in_order = numbers(Batches(Numbered(20), 20, seed=0, mirror=False).at(0))
    batches = Batches(Slow(20, in_memory=False), 1, seed=0, mirror=False)
    assert numbers(batches.at(0)) == in_order[:1]
    assert begun.get(timeout=10) == in_order[0]
    for index in range(1, AHEAD + 1):  # `at` was called once only
        assert begun.get(timeout=10) == in_order[index]
        may_end.release()
    may_end.release(100)
    assert numbers(batches.at(1)) == in_order[1:2]
    assert begun.get(timeout=10) == in_order[AHEAD + 1]
    assert begun.empty()


@settings(deadline=None)
@given(count=counts, seed=seeds, wanted=st.integers(1, 80))
def test_the_first_pictures_are_those_of_the_first_epoch(count: int, seed: int, wanted: int) -> None:
    first = Batches(Numbered(count), 3, seed, mirror=True).first(wanted)
    shown = Batches(Numbered(count), count, seed, mirror=True).at(0)
    assert torch.equal(first, shown[:wanted])


def test_impossible_settings() -> None:
    with pytest.raises(ConfigError, match="at least one picture"):
        Batches(Numbered(3), 0, seed=0, mirror=False)
    with pytest.raises(ConfigError, match="from 0 upwards"):
        Batches(Numbered(3), 1, seed=-1, mirror=False)
    with pytest.raises(ValueError, match="cur_nimg"):
        Batches(Numbered(3), 1, seed=0, mirror=False).at(-1)


def test_to_float_spans_minus_one_to_one() -> None:
    levels = torch.arange(256, dtype=torch.uint8)
    values = to_float(levels)
    assert values.dtype == torch.float32
    assert values[0] == -1
    assert values[255] == 1
    assert torch.equal(((values + 1) * 127.5).round().to(torch.uint8), levels)

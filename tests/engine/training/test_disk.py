"""A disk that is full, pictures that vanish, a folder that is none: a sentence each, and nothing is lost."""

import functools
import os
import shutil
import sys
from dataclasses import replace

import pytest
import torch

from engine.data.picture_set import Loading
from engine.errors import DataError, TrainingError
from engine.training import start as start_module
from engine.training.checkpoint import CHECKPOINT_NAME, _tensors, open_checkpoint
from engine.training.loop import Observers
from engine.training.run_files import read_lines
from engine.training.run_folder import RunFolder
from engine.training.start import LoadObservers

FEW_BYTES = 30_000
"""enough for statistics and sample grids, too little for a checkpoint"""


def limit_files(size):
    """The kernel refuses to make a file larger, as on a full disk; None for no limit."""
    resource = pytest.importorskip("resource")
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY if size is None else size, resource.RLIM_INFINITY)
    )


@pytest.fixture
def full_disk():
    yield limit_files
    if sys.platform != "win32":
        limit_files(None)


@pytest.fixture
def vanishing(pictures, tmp_path, monkeypatch):
    """A copy of the pictures, decoded anew whenever they are needed."""
    folder = tmp_path / "vanishing"
    shutil.copytree(pictures, folder)
    monkeypatch.setattr(start_module, "Loading", functools.partial(Loading, memory_limit_bytes=0))
    return folder


def everything(state):
    return {name: tensor.clone() for name, tensor in _tensors(state).items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no RLIMIT_FSIZE on Windows")
def test_a_disk_that_is_full_for_a_while_costs_nothing(begin, full_disk):
    plain_run, plain = begin(kimg=0.024)
    plain_run.train(plain)
    messages = []

    def fill(cur_nimg, _):
        if cur_nimg in (8, 20):
            full_disk(FEW_BYTES if cur_nimg == 8 else None)

    observers = LoadObservers(training=Observers(on_step=fill, on_message=messages.append))
    run, state = begin(observers, kimg=0.024, snapshot_kimg=0.004, tick_kimg=0.004)
    run.train(state)
    told = [message for message in messages if "The checkpoint of" in message]
    assert len(told) == 1  # at 8, and not again at 12 and 16
    assert "cannot be written" in told[0]
    assert "Training goes on; make room" in told[0]
    assert same(everything(state), everything(plain))
    assert open_checkpoint(run.folder.path).counters["cur_nimg"] == 24
    assert [line["cur_nimg"] for line in read_lines(run.folder.path / "stats.jsonl")] == [4, 8, 12, 16, 20, 24]
    assert list(run.folder.path.glob(".*")) == []  # no half-written files


@pytest.mark.skipif(sys.platform == "win32", reason="there is no RLIMIT_FSIZE on Windows")
def test_a_disk_that_stays_full_leaves_the_last_checkpoint_whole(begin, full_disk):
    observers = Observers(on_step=lambda cur_nimg, _: full_disk(FEW_BYTES) if cur_nimg == 8 else None)
    run, state = begin(LoadObservers(training=observers), kimg=0.016, snapshot_kimg=0.004)
    with pytest.raises(TrainingError, match=r"the checkpoint that is there is whole\. Make room"):
        replace(run, patience_seconds=0).train(state)
    full_disk(None)
    resumed_run, resumed = begin(resume=run.folder.path, kimg=0.016)
    assert resumed.cur_nimg == 4
    resumed_run.train(resumed)
    assert same(everything(resumed), everything(state))  # which had got there without its disk


def test_the_last_checkpoint_waits_for_room(begin, monkeypatch):
    from engine.training import record

    messages, naps = [], []
    run, state = begin(LoadObservers(training=Observers(on_message=messages.append)), kimg=0.008)
    obstacle = run.folder.path / CHECKPOINT_NAME
    obstacle.mkdir()  # a folder in the place of the file: it cannot be replaced

    def nap(seconds):
        naps.append(seconds)
        if len(naps) == 2:
            obstacle.rmdir()

    monkeypatch.setattr(record.time, "sleep", nap)
    run.train(state)
    assert naps == [5.0, 5.0]
    assert sum("Trying again until there is room" in message for message in messages) == 2
    assert open_checkpoint(run.folder.path).counters["cur_nimg"] == 8


def test_a_file_in_place_of_the_run_folder_is_told_before_the_first_step(begin):
    run, state = begin(kimg=0.008)
    run.folder.path.rmdir()
    run.folder.path.write_text("a file")
    with pytest.raises(TrainingError, match=r"cannot be written to.*Choose another --outdir"):
        run.train(state)
    assert state.cur_nimg == 0
    assert run.folder.path.read_text() == "a file"


def test_a_run_folder_that_is_deleted_while_training(begin):
    messages = []

    def delete(cur_nimg, _):
        if cur_nimg == 4:
            shutil.rmtree(run.folder.path)
        if cur_nimg == 12:
            run.folder.path.mkdir()

    observers = LoadObservers(training=Observers(on_step=delete, on_message=messages.append))
    run, state = begin(observers, kimg=0.016, snapshot_kimg=0.004, tick_kimg=0.004)
    run.train(state)
    assert any("The checkpoint of" in message and "No such file" in message for message in messages)
    assert open_checkpoint(run.folder.path).counters["cur_nimg"] == 16


def test_a_line_that_does_not_fit_leaves_no_half(tmp_path, monkeypatch, full_disk):
    if sys.platform == "win32":
        pytest.skip("there is no RLIMIT_FSIZE on Windows")
    folder = RunFolder(tmp_path)
    folder.append_stats({"cur_nimg": 1, "loss_G": 0.5})
    full_disk(os.path.getsize(tmp_path / "stats.jsonl") + 10)
    with pytest.raises(OSError, match="no room"):
        folder.append_stats({"cur_nimg": 2, "loss_G": 0.25})
    full_disk(None)
    folder.append_stats({"cur_nimg": 3, "loss_G": 0.125})
    assert [line["cur_nimg"] for line in folder.stats()] == [1, 3]


def test_a_picture_that_vanishes_is_named_once_and_another_stands_in(begin, vanishing):
    warnings = []

    def unlink(cur_nimg, _):
        if cur_nimg == 8:
            (vanishing / "3.png").unlink()

    observers = LoadObservers(on_warning=warnings.append, training=Observers(on_step=unlink))
    run, state = begin(observers, data=vanishing, kimg=0.08)
    run.train(state)
    assert state.cur_nimg == 80
    assert [warning for warning in warnings if "3.png" in warning] == warnings
    assert len(warnings) == 1
    assert "was left out: there is no such file" in warnings[0]


def test_when_all_pictures_are_gone_what_was_learnt_is_kept(begin, vanishing, tmp_path):
    plain_run, plain = begin(data=vanishing, kimg=0.04)
    plain_run.train(plain)
    away, warnings = tmp_path / "away", []

    def move(cur_nimg, _):
        if cur_nimg == 8:
            vanishing.rename(away)

    observers = LoadObservers(on_warning=warnings.append, training=Observers(on_step=move))
    run, state = begin(observers, data=vanishing, kimg=0.04)
    with pytest.raises(DataError, match="None of the 12 pictures can be read any more"):
        run.train(state)
    assert warnings == []  # one sentence, not one for each picture
    reached = state.cur_nimg
    assert 8 <= reached < 40  # what had been decoded ahead was still learnt from
    assert open_checkpoint(run.folder.path).counters["cur_nimg"] == reached
    away.rename(vanishing)
    resumed_run, resumed = begin(resume=run.folder.path, kimg=0.04)
    assert resumed.cur_nimg == reached
    resumed_run.train(resumed)
    assert same(everything(resumed), everything(plain))

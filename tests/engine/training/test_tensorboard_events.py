"""TensorBoard reads what stats.jsonl says: each number once, whatever was resumed or gone back on."""

import builtins
import json

import pytest
import torch

from engine.training.loop import Observers
from engine.training.run_files import read_lines
from engine.training.start import LoadObservers
from engine.training.tensorboard_events import Events, are_in

pytest.importorskip("tensorboard")
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.util import tensor_util


def events_of(folder):
    """Every scalar in every file, as (name, cur_nimg, value); nothing is merged or left out."""
    found = []
    for path in sorted(folder.glob("events.out.tfevents.*")):
        for event in EventFileLoader(str(path)).Load():
            for value in event.summary.value:
                number = float(tensor_util.make_ndarray(value.tensor))
                found.append((value.tag, event.step, pytest.approx(number, rel=1e-6, abs=1e-12)))
    return found


def expected(folder):
    return [
        (name, line["cur_nimg"], value)
        for line in read_lines(folder / "stats.jsonl")
        for name, value in line.items()
        if name not in ("cur_nimg", "seconds")
    ]


def test_events_are_the_statistics(begin):
    run, state = begin(kimg=0.012, tick_kimg=0.004, tensorboard=True)
    run.train(state)
    assert len(expected(run.folder.path)) >= 3 * 8
    assert events_of(run.folder.path) == expected(run.folder.path)
    # as after a crash: events of steps beyond the checkpoint
    with open(run.folder.path / "stats.jsonl", "a") as file:
        file.write(json.dumps({"cur_nimg": 16, "seconds": 1.0, "loss_G": 7.0}) + "\n")
    events = Events(run.folder.path, read_lines(run.folder.path / "stats.jsonl"))
    events.close()
    assert ("loss_G", 16, 7.0) in events_of(run.folder.path)
    resumed_run, resumed = begin(resume=run.folder.path, kimg=0.020, tick_kimg=0.004)  # without being asked again
    resumed_run.train(resumed)
    assert sorted({step for _, step, _ in events_of(run.folder.path)}) == [4, 8, 12, 16, 20]
    assert ("loss_G", 16, 7.0) not in events_of(run.folder.path)
    assert events_of(run.folder.path) == expected(run.folder.path)


def test_going_back_leaves_no_event_twice(begin):
    broken = []

    def break_it(cur_nimg, _):
        if cur_nimg == 16 and not broken:
            broken.append(cur_nimg)
            with torch.no_grad():
                state.D.b4.out.weight.fill_(float("nan"))

    observers = LoadObservers(training=Observers(on_step=break_it))
    run, state = begin(observers, kimg=0.024, tick_kimg=0.004, snapshot_kimg=0.008, tensorboard=True)
    run.train(state)
    assert broken == [16]
    assert [line["cur_nimg"] for line in read_lines(run.folder.path / "stats.jsonl")] == [4, 8, 12, 16, 20, 24]
    assert events_of(run.folder.path) == expected(run.folder.path)


def test_without_the_package_a_sentence_says_what_to_install(begin, monkeypatch):
    real_import = builtins.__import__

    def no_tensorboard(name, *rest):
        if name.startswith(("tensorboard", "torch.utils.tensorboard")):
            raise ImportError(name)
        return real_import(name, *rest)

    messages = []
    run, state = begin(
        LoadObservers(training=Observers(on_message=messages.append)), kimg=0.004, tensorboard=True
    )  # fmt: skip
    with monkeypatch.context() as patch:
        patch.setattr(builtins, "__import__", no_tensorboard)
        run.train(state)
    assert state.cur_nimg == 4
    assert any("pip install stylegan-explorer[tensorboard]" in message for message in messages)
    assert not are_in(run.folder.path)


def test_a_run_that_does_not_ask_has_none(begin):
    run, state = begin(kimg=0.004)
    run.train(state)
    assert not are_in(run.folder.path)

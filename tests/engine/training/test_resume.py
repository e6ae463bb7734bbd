"""A resumed run equals an uninterrupted one, bit for bit on the CPU."""

import json

import pytest
import torch

from engine.errors import CheckpointError, ConfigError
from engine.training.checkpoint import CHECKPOINT_NAME, _tensors, open_checkpoint

FOUR_STEPS, TWO_STEPS = 0.016, 0.008  # kimg, at a batch of 4


def everything(state):
    return {name: tensor.clone() for name, tensor in _tensors(state).items()}


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_four_steps_are_two_steps_saved_loaded_and_two_more(begin, precision):
    whole_run, whole = begin(kimg=FOUR_STEPS, precision=precision)
    whole_run.train(whole)
    first_run, first = begin(kimg=TWO_STEPS, precision=precision)
    first_run.train(first)
    second_run, second = begin(resume=first_run.folder.path, kimg=FOUR_STEPS)
    assert (second.cur_nimg, second.step) == (8, 2)
    second_run.train(second)
    assert (second.cur_nimg, second.step) == (whole.cur_nimg, whole.step) == (16, 4)
    expected, got = everything(whole), everything(second)
    assert expected.keys() == got.keys()
    different = [name for name in expected if not torch.equal(expected[name], got[name])]
    assert different == []
    # and the test sees what matters: optimizers, the path length mean, and networks that did change
    assert any(name.startswith("opt_D.") for name in expected)
    assert expected["pl_mean"] != 0
    assert not torch.equal(expected["G.synthesis.b4.const"], everything(first)["G.synthesis.b4.const"])


def test_seeds_decide_everything(begin):
    states = []
    for seed in (1, 1, 2):
        run, state = begin(kimg=TWO_STEPS, seed=seed)
        run.train(state)
        states.append(everything(state))
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert not torch.equal(states[0]["G.synthesis.b4.const"], states[2]["G.synthesis.b4.const"])


def test_statistics_go_on_without_repeating_themselves(begin):
    run, state = begin(kimg=FOUR_STEPS, tick_kimg=0.004)
    run.train(state)
    stats = run.folder.path / "stats.jsonl"
    lines = [json.loads(line) for line in stats.read_text().splitlines()]
    assert [line["cur_nimg"] for line in lines] == [4, 8, 12, 16]
    assert all(line["loss_G"] > 0 and line["img_per_second"] > 0 for line in lines)
    # as after a crash: numbers beyond the checkpoint, and a line that was cut off
    stats.write_text(stats.read_text() + json.dumps({"cur_nimg": 20}) + '\n{"cur_nimg": 2')
    run, state = begin(resume=run.folder.path, kimg=0.020)
    run.train(state)
    assert [json.loads(line)["cur_nimg"] for line in stats.read_text().splitlines()] == [4, 8, 12, 16, 20]


def test_resume_refuses_what_would_make_it_another_run(begin, tmp_path, pictures):
    run, state = begin(kimg=TWO_STEPS)
    run.train(state)
    folder = run.folder.path
    with pytest.raises(ConfigError, match="--batch is part of the run"):
        begin(resume=folder, batch=8)
    smaller = tmp_path / "smaller"
    smaller.mkdir()
    for file in sorted(pictures.iterdir())[:5]:
        (smaller / file.name).write_bytes(file.read_bytes())
    with pytest.raises(CheckpointError, match="not those that"):
        begin(resume=folder, data=smaller)
    with pytest.raises(CheckpointError, match="does not exist"):
        begin(resume=tmp_path / "nowhere")
    snapshot = next(folder.glob("network-snapshot-*"))
    with pytest.raises(CheckpointError, match="snapshot holds only the weights"):
        begin(resume=snapshot)


@pytest.mark.parametrize("keep", [0, 4, 1000, 0.5, 0.999])
def test_a_damaged_checkpoint_is_a_sentence(begin, keep):
    run, state = begin(kimg=TWO_STEPS)
    run.train(state)
    path = run.folder.path / CHECKPOINT_NAME
    data = path.read_bytes()
    path.write_bytes(data[: keep if keep > 1 or keep == 0 else int(len(data) * keep)])
    with pytest.raises(CheckpointError, match=str(path)):
        begin(resume=run.folder.path)


def test_the_header_says_what_the_run_is(begin):
    run, state = begin(kimg=TWO_STEPS, seed=7)
    run.train(state)
    checkpoint = open_checkpoint(run.folder.path)
    assert checkpoint.config == run.config
    assert checkpoint.config.seed == 7
    assert checkpoint.counters["cur_nimg"] == 8

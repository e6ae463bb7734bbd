"""The schedule: what is written when, what ends a run, and that training does train."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from engine.errors import ConfigError, DataError, OutOfMemoryError, TrainingError
from engine.formats.model_file import load_model
from engine.networks.discriminator import DiscriminatorEpilogue
from engine.training import loop, record, step
from engine.training.augment.config import AugmentConfig
from engine.training.augmentation import augmentation
from engine.training.checkpoint import CHECKPOINT_NAME, _tensors
from engine.training.loop import Observers
from engine.training.phase import MemoryUse, smaller_parts
from engine.training.sampling import step_generator
from engine.training.start import LoadObservers
from engine.training.state import initial_state
from engine.training.step import StepContext, train_step


def step_context(config, part):
    return StepContext(
        config=config,
        device="cpu",
        low_precision=None,
        random=step_generator(0, 0),
        augment=augmentation(config.augmentation),
        random_labels=lambda count, random: torch.zeros(count, 0),
        memory=MemoryUse(part=part, smallest=4),
    )


def test_what_a_run_leaves_behind(begin):
    run, state = begin(kimg=0.016, snapshot_kimg=0.008)
    run.train(state)
    names = {path.name for path in run.folder.path.iterdir()}
    assert names == {
        "training_options.json", "stats.jsonl", "reals.png", "fakes_init.png", "fakes000000.png", "neighbours.png",
        "network-snapshot-000000.safetensors", CHECKPOINT_NAME,
    }  # fmt: skip
    model = load_model(run.folder.snapshot_path(16))
    z = torch.randn(2, 16)
    torch.testing.assert_close(model.G_ema(z), state.G_ema(z).contiguous(), atol=1e-5, rtol=0)
    grid = np.asarray(Image.open(run.folder.path / "fakes000000.png"))
    assert grid.shape == (12 * 16, 12 * 16, 3)
    assert grid.std() > 1


def test_run_folders_are_numbered(begin):
    paths = [begin(kimg=0.004)[0].folder.path.name for _ in range(2)]
    assert [name[:6] for name in paths] == ["00000-", "00001-"]


def test_minutes_end_a_run(begin):
    run, state = begin(minutes=1e-4)
    run.train(state)
    assert 1 <= state.step <= 3


def test_asking_to_stop_finishes_the_step_and_saves(begin):
    steps = []
    observers = Observers(on_step=lambda cur_nimg, _: steps.append(cur_nimg), should_stop=lambda: len(steps) >= 3)
    run, state = begin(LoadObservers(training=observers), kimg=1.0)
    run.train(state)
    assert steps == [4, 8, 12]
    _, resumed = begin(resume=run.folder.path)
    assert resumed.cur_nimg == 12


def test_losses_that_are_no_numbers_go_back_once_then_stop(begin):
    messages = []
    broken_at = []

    def break_it(cur_nimg, _):
        if cur_nimg in (16, 24) and cur_nimg not in broken_at:
            broken_at.append(cur_nimg)
            with torch.no_grad():
                state.D.b4.out.weight.fill_(float("nan"))

    observers = LoadObservers(training=Observers(on_step=break_it, on_message=messages.append))
    run, state = begin(observers, kimg=1.0, tick_kimg=0.004, snapshot_kimg=0.008)
    rate = state.opt_G.param_groups[0]["lr"]
    with pytest.raises(TrainingError, match="with a lower learning rate, too"):
        run.train(state)
    assert broken_at == [16, 24]
    went_back = [message for message in messages if "Going on from 0.0 kimg with half" in message]
    assert len(went_back) == 1
    _, resumed = begin(resume=run.folder.path)  # what is on disk is healthy, and remembers the lower rate
    assert resumed.opt_G.param_groups[0]["lr"] == pytest.approx(rate / 2)
    assert all(p.isfinite().all() for p in resumed.D.parameters())


def test_diverging_before_the_first_checkpoint_is_a_sentence(begin):
    run, state = begin(kimg=1.0, tick_kimg=0.004)
    with torch.no_grad():
        state.D.b4.out.weight.fill_(float("nan"))
    with pytest.raises(TrainingError, match="no checkpoint yet"):
        run.train(state)


@pytest.mark.parametrize("kind", ["ada", "diffaugment"])
def test_parts_of_a_batch_add_up_to_the_same_step(begin, kind):
    """Latents, labels, noise, augmentation and the groups of the minibatch deviation are those of the whole batch."""
    run, _ = begin(kimg=1.0, batch=24, augment=kind, lecam=0.3)
    augmented = replace(run.config.augmentation, ada_pipeline=AugmentConfig.named("bgcfnc"))
    config = replace(run.config, augmentation=augmented)
    real_img, results = torch.randn(24, 3, 16, 16), []
    for part in (24, 12, 4):
        state = initial_state(config, "cpu")
        state.ada.p = 0.5
        stats = train_step(state, real_img, torch.zeros(24, 0), step_context(config, part))
        results.append((stats, _tensors(state), state.ada.to_dict()))
    for stats, tensors, ada in results[1:]:
        torch.testing.assert_close(stats, results[0][0], rtol=1e-4, atol=1e-5)
        # what Adam has made of the gradients, and the running means
        moments = [name for name in tensors if name.endswith("exp_avg_sq")] + ["pl_mean", "lecam_means"]
        for name in [*moments, "G.mapping.w_avg"]:
            torch.testing.assert_close(tensors[name], results[0][1][name], rtol=2e-3, atol=1e-6, msg=name)
        assert ada == results[0][2]
    assert results[0][1]["pl_mean"] > 0


@pytest.mark.parametrize(("part", "smallest", "sizes"), [(16, 4, [8, 4]), (24, 4, [12, 8, 4]), (12, 8, []), (4, 4, [])])
def test_parts_get_smaller_by_whole_groups(part, smallest, sizes):
    assert smaller_parts(part, smallest) == sizes


class Scarce:
    """A discriminator's last block on a device that has no memory for more than `room` pictures."""

    def __init__(self, room, error):
        self.room, self.error = room, error
        self.forward = DiscriminatorEpilogue.forward

    def __call__(self, block, x, *others):
        if len(x) > self.room:
            raise self.error
        return self.forward(block, x, *others)


OUT_OF_MEMORY = [
    torch.OutOfMemoryError("CUDA out of memory"),
    # as torch says it on a CPU, where it has no class of its own for it
    RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes"),
    MemoryError(),
]


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=["cuda", "cpu", "python"])
def test_out_of_memory_halves_the_parts_and_says_so(begin, monkeypatch, error):
    messages = []
    observers = LoadObservers(training=Observers(on_message=messages.append))
    run, state = begin(observers, kimg=0.032, batch=16)
    scarce = Scarce(4, error)
    monkeypatch.setattr(DiscriminatorEpilogue, "forward", lambda *arguments: scarce(*arguments))
    run.train(state)
    assert run.memory.part == 4
    assert [message.split("networks ")[1][:10] for message in messages if "Out of memory" in message] == [
        "8 pictures",
        "4 pictures",
    ]
    # The steps are those of a run that has had small parts from the beginning, bit for bit.
    careful, expected = begin(kimg=0.032, batch=16)
    careful.memory.part = 4
    careful.train(expected)
    assert [name for name, tensor in _tensors(expected).items() if not torch.equal(tensor, _tensors(state)[name])] == []


def test_too_little_memory_for_a_group_is_a_sentence(begin, monkeypatch):
    scarce = Scarce(3, OUT_OF_MEMORY[0])
    monkeypatch.setattr(DiscriminatorEpilogue, "forward", lambda *arguments: scarce(*arguments))
    run, state = begin(kimg=0.016, batch=4)
    with pytest.raises(OutOfMemoryError, match="on 4 pictures at once"):
        run.train(state)


def test_an_error_of_another_kind_is_not_taken_for_memory(begin, monkeypatch):
    monkeypatch.setattr(step, "d_main", lambda *_: (_ for _ in ()).throw(RuntimeError("shapes differ")))
    run, state = begin(kimg=0.016)
    with pytest.raises(RuntimeError, match="shapes differ"):
        run.train(state)


def test_a_stop_before_the_first_step_can_be_resumed(begin):
    run, state = begin(LoadObservers(training=Observers(should_stop=lambda: True)), kimg=1.0)
    run.train(state)
    _, resumed = begin(resume=run.folder.path)
    assert resumed.cur_nimg == 0
    assert torch.equal(resumed.D.b16.conv0.weight, state.D.b16.conv0.weight)


def test_checkpoints_come_by_the_clock_too(begin):
    seen = []
    run, state = begin(LoadObservers(training=Observers(on_step=lambda n, _: seen.append(n))), kimg=0.024)
    schedule = replace(run.config.schedule, checkpoint_minutes=1e-9)
    counts = []
    run = replace(run, config=replace(run.config, schedule=schedule))
    write = record.save_checkpoint

    def counted(path, state, config, fingerprint):
        counts.append(state.cur_nimg)
        write(path, state, config, fingerprint)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record, "save_checkpoint", counted)
        run.train(state)
    assert counts == [4, 8, 12, 16, 20, 24]
    assert len(list(run.folder.path.glob("network-snapshot-*"))) == 1


def test_a_folder_that_vanishes_is_a_sentence(begin):
    run, state = begin(kimg=0.008)
    run.folder.path.rename(run.folder.path.with_name("moved"))
    with pytest.raises(TrainingError, match="cannot be written to"):
        run.train(state)


def test_waiting_for_pictures_is_told_as_a_share_of_the_time(begin, monkeypatch):
    run, state = begin(kimg=0.024, tick_kimg=0.008)
    clock = [0.0]

    class SlowData:
        """Three seconds for each batch, and two more for the first one, while a step takes nine."""

        def __getattr__(self, name):
            return getattr(run.data, name)

        def at(self, cur_nimg):
            clock[0] += 5 if cur_nimg == 0 else 3
            return run.data.at(cur_nimg)

    def nine_seconds(*given):
        clock[0] += 9
        return train_step(*given)

    monkeypatch.setattr(loop.time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(loop, "train_step", nine_seconds)
    replace(run, data=SlowData()).train(state)
    lines = [json.loads(line) for line in (run.folder.path / "stats.jsonl").read_text().splitlines()]
    assert [line["data_wait"] for line in lines] == [8 / 26, 6 / 24, 6 / 24]


def test_bad_options_are_sentences(begin, tmp_path):
    with pytest.raises(ConfigError, match="multiple of 4"):
        begin(kimg=1, batch=6)
    with pytest.raises(ConfigError, match="power of two"):
        begin(kimg=1, resolution=48)
    with pytest.raises(ConfigError, match="channel_base of 8"):
        begin(kimg=1, channel_base=8)
    with pytest.raises(ConfigError, match="kimg must be a number above 0"):
        begin(kimg=float("nan"))
    with pytest.raises(DataError, match="nothing-here"):
        begin(kimg=1, data=tmp_path / "nothing-here")
    (tmp_path / "file").write_text("x")
    with pytest.raises(TrainingError, match="--outdir"):
        begin(kimg=1, outdir=tmp_path / "file")


def test_every_phase_moves_its_own_network(begin):
    run, _ = begin(kimg=1.0)
    state = initial_state(run.config, "cpu")
    before = {name: [p.clone() for p in getattr(state, name).parameters()] for name in ("G", "D")}
    stats = train_step(state, torch.randn(4, 3, 16, 16), torch.zeros(4, 0), step_context(run.config, part=4))
    assert set(stats) == {
        "loss_G", "loss_D", "logits_fake", "logits_real", "real_sign",
        "path_length", "path_length_penalty", "r1_penalty", "ada_p",
    }  # fmt: skip
    for name, parameters in before.items():
        moved = [
            not torch.equal(old, new) for old, new in zip(parameters, getattr(state, name).parameters(), strict=True)
        ]
        assert all(moved), name
    assert state.pl_mean > 0
    assert state.G.mapping.w_avg.abs().sum() > 0


def test_it_learns_a_colour(begin, tmp_path):
    """Sixteen red pictures; after 60 steps the samples are redder than anything else."""
    folder = tmp_path / "red"
    folder.mkdir()
    for index in range(16):
        Image.new("RGB", (16, 16), (220, 30, index)).save(folder / f"{index}.png")
    run, state = begin(data=folder, kimg=0.24, resolution=8, precision="float32")
    run.train(state)
    with torch.no_grad():
        colour = state.G_ema(torch.randn(32, 16)).mean(dim=(0, 2, 3))
    assert colour[0] > 0.3
    assert max(colour[1], colour[2]) < -0.3

"""Augmentation, LeCam and labels inside a run; what each does by itself is tested beside it."""

import math

import pytest
import torch
from PIL import Image

from engine.cli.train import AUGMENT_SETS, AUGMENTATIONS, LABELS
from engine.data.labels import LABEL_KINDS
from engine.formats.model_file import load_model
from engine.training import loop
from engine.training.augment.config import NAMED_SETS
from engine.training.checkpoint import _tensors, open_checkpoint
from engine.training.config import AUGMENTATIONS as KNOWN_AUGMENTATIONS
from engine.training.loop import Observers
from engine.training.losses import lecam_penalty
from engine.training.start import LoadObservers
from engine.training.step import train_step


def test_the_command_line_knows_every_choice():
    assert set(AUGMENT_SETS) == set(NAMED_SETS)
    assert set(AUGMENTATIONS) == set(KNOWN_AUGMENTATIONS)
    assert set(LABELS) == set(LABEL_KINDS)


@pytest.mark.parametrize("options", [{"augment": "ada"}, {"augment": "diffaugment", "lecam": 0.3}])
def test_resume_is_exact(begin, options):
    whole_run, whole = begin(kimg=0.032, **options)
    whole.ada.p = 0.5
    whole_run.train(whole)
    first_run, first = begin(kimg=0.012, **options)
    first.ada.p = 0.5
    first_run.train(first)
    second_run, second = begin(resume=first_run.folder.path, kimg=0.032)
    second_run.train(second)
    expected, got = _tensors(whole), _tensors(second)
    assert [name for name in expected if not torch.equal(expected[name], got[name])] == []
    assert whole.ada.to_dict() == second.ada.to_dict()


def test_p_follows_d(begin):
    """With a target that D is always above, p rises by the pictures seen over ada_kimg."""
    run, state = begin(kimg=0.032)
    state.ada.sign_sum += 1e6  # as if D had been sure of every picture
    run.train(state)
    # 8 steps, two changes of p; what the second one does is D's to say
    assert state.ada.p in (pytest.approx(0.0), pytest.approx(32 / 500_000))
    assert open_checkpoint(run.folder.path).ada["p"] == state.ada.p


def test_diffaugment_is_on_from_the_first_step(begin):
    results = []
    for kind in ("ada", "diffaugment"):
        run, state = begin(kimg=0.004, augment=kind)
        run.train(state)
        results.append(state.D.b16.conv0.weight.detach().clone())
    assert not torch.equal(*results)


def test_lecam_by_hand():
    real, fake = torch.tensor([2.0, -1.0]), torch.tensor([0.5, -3.0])
    penalty = lecam_penalty(real, fake, real_mean=torch.tensor(1.0), fake_mean=torch.tensor(-2.0))
    assert penalty.tolist() == [(2 + 2) ** 2 + (1 - 0.5) ** 2, (-1 + 2) ** 2 + (1 + 3) ** 2]


@pytest.fixture
def classes(tmp_path):
    """Red and blue pictures, in a folder each."""
    for name, colour in (("blue", (20, 30, 220)), ("red", (220, 30, 20))):
        (tmp_path / "colours" / name).mkdir(parents=True)
        for index in range(8):
            Image.new("RGB", (8, 8), (*colour[:1], index, colour[2])).save(tmp_path / "colours" / name / f"{index}.png")
    return tmp_path / "colours"


def test_each_picture_comes_with_its_class_and_both_networks_learn_from_it(begin, classes, monkeypatch):
    seen = []

    def watched(state, real_img, real_c, context):
        seen.append((real_img.mean(dim=(2, 3)), real_c, context.labels(200)))
        return train_step(state, real_img, real_c, context)

    monkeypatch.setattr(loop, "train_step", watched)
    run, state = begin(data=classes, labels="folders", resolution=8, kimg=0.04)
    assert run.config.generator.c_dim == run.config.discriminator.c_dim == 2
    before = [state.G.mapping.embed.weight.clone(), state.D.mapping.embed.weight.clone()]
    run.train(state)
    for colour, c, _ in seen:
        is_red = colour[:, 0] > colour[:, 2]
        assert torch.equal(c.argmax(dim=1).bool(), is_red)  # blue is class 0, red is class 1
        assert torch.equal(c.sum(dim=1), torch.ones(len(c)))
    drawn = torch.cat([labels for _, _, labels in seen])
    assert 0.4 < drawn[:, 1].mean() < 0.6
    after = [state.G.mapping.embed.weight, state.D.mapping.embed.weight]
    assert all(not torch.equal(old, new) for old, new in zip(before, after, strict=True))
    assert load_model(run.folder.snapshot_path(state.cur_nimg)).info.class_names == ("blue", "red")
    resumed_run, resumed = begin(resume=run.folder.path)
    assert resumed_run.config.data.class_names == ("blue", "red")
    assert torch.equal(resumed.G.mapping.embed.weight, state.G.mapping.embed.weight)


def test_the_display_hears_of_p(begin):
    reports = []
    run, state = begin(LoadObservers(training=Observers(on_report=reports.append)), kimg=0.008)
    run.train(state)
    assert math.isclose(reports[-1].stats["ada_p"], 0.0)

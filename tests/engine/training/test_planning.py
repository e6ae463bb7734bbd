"""What --minutes and --vram decide."""

import json
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import OutOfMemoryError
from engine.training import site
from engine.training.checkpoint import _tensors
from engine.training.config import DataConfig, ScheduleConfig, TrainConfig
from engine.training.loop import Observers
from engine.training.measuring import MemoryNeed, SavedBytes, memory_need, trial_context
from engine.training.planning import FEWEST_STEPS, SMALLEST_BATCH, Asked, plan_sentence, planned, planned_batch
from engine.training.presets import Overrides, train_config
from engine.training.site import part_within
from engine.training.start import LoadObservers


def config(name="auto", **overrides):
    data = DataConfig(folder="-", resolution=256)
    return train_config(
        name, data, Overrides(**overrides), device="cuda", schedule=ScheduleConfig(), seed=0, precision="auto"
    )


@given(usual=st.sampled_from([4, 8, 12, 16, 32, 64]), pictures=st.floats(1, 1e8), together=st.sampled_from([1, 4, 8]))
def test_a_batch_is_halved_for_the_steps_and_no_further(usual, pictures, together):
    batch = planned_batch(usual, together, pictures)
    halvings = usual // batch
    assert batch * halvings == usual
    assert halvings & (halvings - 1) == 0
    if halvings > 1:
        assert batch >= SMALLEST_BATCH
        assert batch % together == 0
        assert pictures / (batch * 2) < FEWEST_STEPS
    elif usual % 2 == 0 and usual // 2 >= SMALLEST_BATCH and usual // 2 % together == 0:
        assert pictures / usual >= FEWEST_STEPS


def test_an_hour_on_a_fast_card_is_the_recipe_for_a_hundred_pictures():
    """80 pictures a second come to 288 kimg: DiffAugment's 300, and ADA that follows within 72."""
    plan = planned(config(), 60, 80.0, Asked())
    assert plan.plan.kimg == pytest.approx(288)
    assert plan.augmentation.controller.kimg == pytest.approx(72)
    assert plan.ema.ema_kimg == 5.0  # auto's, far below a twentieth of the run
    assert plan.schedule.snapshot_kimg == pytest.approx(36)
    assert plan.loss == config().loss
    assert planned_batch(16, 4, 288_000) == 16
    sentence = plan_sentence(plan)
    for words in ("60 minutes", "288 kimg", "batches of 16", "half-life of 5 kimg", "within 72 kimg", "every 36 kimg"):
        assert words in sentence
    assert TrainConfig.from_dict(json.loads(json.dumps(plan.to_dict()))) == plan


def test_ten_minutes_on_a_cpu_have_a_short_memory_and_a_p_that_is_quick_but_calm():
    plan = planned(config("fewshot"), 10, 5.0, Asked())
    assert plan.plan.kimg == pytest.approx(3)
    assert plan.ema.ema_kimg == pytest.approx(0.15)
    assert plan.augmentation.controller == replace(config("fewshot").augmentation.controller, kimg=3.2)
    assert 4 * 16 / (1000 * plan.augmentation.controller.kimg) == pytest.approx(0.02)  # p moves by no more at once
    assert planned_batch(16, 4, 3000) == 8


def test_what_was_asked_for_wins():
    plan = planned(config(), 60, 80.0, Asked(kimg=100, snapshot_kimg=7, tick_kimg=2))
    assert plan.plan.kimg == 100
    assert (plan.schedule.snapshot_kimg, plan.schedule.tick_kimg) == (7, 2)


def test_a_planned_run_is_a_run_with_these_numbers(begin):
    """The steps that are timed leave no trace: whoever names the same numbers gets the same weights."""
    messages = []
    observers = LoadObservers(training=Observers(on_message=messages.append))
    run, state = begin(observers, minutes=1000, kimg=0.008)
    assert [message for message in messages if message.startswith("Planned for 1000 minutes")] != []
    run.train(state)
    assert state.cur_nimg == 8
    written = json.loads((run.folder.path / "training_options.json").read_text())
    assert written["plan"]["minutes"] == 1000
    assert written["plan"]["img_per_second"] > 0
    plain, expected = begin(kimg=0.008)
    replace(plain, config=run.config).train(expected)
    assert [name for name, tensor in _tensors(expected).items() if not torch.equal(tensor, _tensors(state)[name])] == []


def test_the_batch_follows_the_minutes_unless_it_was_named(begin, monkeypatch):
    monkeypatch.setattr(site, "img_per_second", lambda config, context, longest: 10.0)
    for options, batch in (({}, 8), ({"batch": 32}, 32), ({"cfg": "stylegan2"}, 32)):
        chosen, _ = begin(**{"cfg": "auto", "batch": None, "minutes": 1.0, **options})
        assert chosen.config.batch == batch
        assert chosen.memory.part == batch
        expected_gamma = 10 if "cfg" in options else 0.0002 * 16**2 / batch
        assert chosen.config.loss.gamma == pytest.approx(expected_gamma)


def test_memory_that_is_kept_for_backward_passes_is_counted_once():
    layer = torch.nn.Linear(100, 100)
    saved = SavedBytes(list(layer.parameters()))
    x = torch.randn(50, 100)
    with saved.counted():
        y = layer(x).exp()  # keeps x for the weight's gradient, and its own result
        z = y.exp()
        assert saved.peak == 3 * 50 * 100 * 4
        z.sum().backward()
        del y, z
        layer(x).sum().backward()
    assert saved.peak == 3 * 50 * 100 * 4


def test_a_step_on_more_pictures_takes_more_memory(begin):
    run, _ = begin(kimg=1.0, batch=16, precision="float32")
    peaks = []
    for part in (4, 8):
        context = trial_context(run.config, "cpu", part=16, smallest=part)
        need = memory_need(run.config, context)
        peaks.append(need.bytes_per_picture * part)
    assert peaks[1] == pytest.approx(2 * peaks[0], rel=0.2)
    assert need.fixed_bytes > 500e6


def test_parts_fit_the_limit():
    need = MemoryNeed(fixed_bytes=1000, bytes_per_picture=100)
    assert [part_within(need, 16, 4, limit) for limit in (2600, 2599, 1800, 1400)] == [16, 8, 8, 4]
    with pytest.raises(OutOfMemoryError, match=r"4 pictures at once.*--vram"):
        part_within(need, 16, 4, 1399)


def test_vram_chooses_the_parts_and_changes_no_step(begin, monkeypatch):
    need = MemoryNeed(fixed_bytes=2**29, bytes_per_picture=2**27)
    monkeypatch.setattr(site, "memory_need", lambda config, context: need)
    messages = []
    observers = LoadObservers(training=Observers(on_message=messages.append))
    run, state = begin(observers, kimg=0.032, batch=16, vram=1.6)
    assert run.memory.part == 8
    assert any("Within 1.6 GB, 8 of 16 pictures" in message and "estimate" in message for message in messages)
    run.train(state)
    careful, expected = begin(kimg=0.032, batch=16)
    careful.memory.part = 8
    careful.train(expected)
    assert torch.equal(state.G.synthesis.b16.conv1.weight, expected.G.synthesis.b16.conv1.weight)
    with pytest.raises(OutOfMemoryError, match=r"0\.5 GB of --vram"):
        begin(kimg=0.032, batch=16, vram=0.5)

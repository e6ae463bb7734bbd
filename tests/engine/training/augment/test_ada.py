"""The controller of p."""

import json

import pytest
import torch

from engine.errors import CheckpointError
from engine.training import ada
from engine.training.ada import AdaState, update_p
from engine.training.augment.config import AdaConfig

CONFIG = AdaConfig(target=0.6, kimg=10.0, interval=4)


def observe(state, logits):
    ada.observe(state, logits.sign().mean(), logits.numel())


def after(logits, config=CONFIG, **state):
    state = AdaState(**{"p": 0.5, "sign_sum": torch.zeros([]), **state})
    observe(state, torch.tensor(logits))
    update_p(state, config)
    return state.p


def test_p_moves_by_the_pictures_seen_over_kimg():
    assert after([1.0] * 32) == pytest.approx(0.5 + 32 / 10000)
    assert after([-2.0] * 32) == pytest.approx(0.5 - 32 / 10000)
    assert after([3.0] * 4 + [-0.1]) == 0.5  # a mean sign of exactly 0.6
    assert after([0.0] * 8) == pytest.approx(0.5 - 8 / 10000)  # 0 is no sign


def test_it_is_the_sign_that_counts_and_not_the_size():
    assert after([0.01] * 9 + [-1000.0]) > 0.5


def test_p_stays_between_0_and_its_maximum():
    assert after([-1.0] * 32, p=0.001) == 0.0
    assert after([1.0] * 32, p=0.999) == 1.0
    assert after([1.0] * 32, AdaConfig(kimg=10.0, p_max=0.5)) == 0.5


def test_p_reaches_1_in_kimg_and_no_sooner():
    state = AdaState.begin(AdaConfig(kimg=2.0), "cpu")
    updates = 0
    while state.p < 1:
        for _ in range(4):
            observe(state, torch.ones(8, 1))
        update_p(state, AdaConfig(kimg=2.0))
        updates += 1
    assert 2000 / 32 <= updates <= 2000 / 32 + 1


def test_observations_add_up_over_steps_and_start_again():
    state = AdaState.begin(CONFIG, "cpu")
    observe(state, torch.tensor([[1.0], [-1.0]]))
    observe(state, torch.tensor([[1.0], [1.0]]))
    assert (float(state.sign_sum), state.sign_count) == (2.0, 4)
    update_p(state, CONFIG)
    assert (float(state.sign_sum), state.sign_count) == (0.0, 0)
    p = state.p
    update_p(state, CONFIG)  # nothing was seen since
    assert state.p == p


def test_it_settles_where_d_is_right_as_often_as_the_target_says():
    """A D whose mean sign is 1 - p: the target of 0.6 is met at 0.4."""
    torch.manual_seed(0)
    state = AdaState.begin(CONFIG, "cpu")
    for _ in range(2000):
        real = (torch.rand(64) < 1 - state.p / 2).float() * 2 - 1
        observe(state, real)
        update_p(state, CONFIG)
    assert state.p == pytest.approx(0.4, abs=0.06)


def test_it_goes_on_from_a_checkpoint():
    state = AdaState.begin(AdaConfig(p_initial=0.3), "cpu")
    observe(state, torch.tensor([1.0, 1.0, -1.0]))
    again = AdaState.from_dict(json.loads(json.dumps(state.to_dict())), "cpu")
    for one in (state, again):
        observe(one, torch.tensor([1.0]))
        update_p(one, CONFIG)
    assert again.to_dict() == state.to_dict()


@pytest.mark.parametrize("values", [{}, {"p": "high", "sign_sum": 0, "sign_count": 0}, {"p": 0.1, "sign_sum": None}])
def test_a_damaged_state_is_refused_in_words(values):
    with pytest.raises(CheckpointError, match="augmentation"):
        AdaState.from_dict(values, "cpu")


def test_what_is_not_a_number_has_no_sign():
    assert after([float("nan"), 1.0]) == after([0.0, 1.0])
    assert after([float("nan"), 1.0, 1.0, 1.0]) == after([0.0, 1.0, 1.0, 1.0]) > 0.5

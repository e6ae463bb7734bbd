import os
import subprocess
import sys

import pytest
import torch

from engine.inference import renderer as renderer_module
from engine.inference import threads
from engine.inference.images import to_uint8
from engine.inference.renderer import Renderer
from engine.inference.requests import Look, SeedLatent
from engine.networks.config import GeneratorConfig
from engine.networks.stylegan3_config import StyleGAN3Config
from tests.engine.inference.tiny_models import tiny_model


@pytest.fixture
def three_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def no_choice(monkeypatch):
    for name in threads.OWN_CHOICES:
        monkeypatch.setenv(name, "")  # so that the test's own setting goes, too
        monkeypatch.delenv(name)


def test_a_small_picture_has_one_thread_and_everybody_else_what_they_had(three_threads):
    with threads.threads_for(threads.WORTH_SHARING - 1):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 3


def test_a_large_picture_has_all(three_threads):
    with threads.threads_for(threads.WORTH_SHARING):
        assert torch.get_num_threads() == 3


def test_a_failure_leaves_the_threads_as_they_were(three_threads):
    with pytest.raises(ZeroDivisionError), threads.threads_for(1):
        _ = 1 / 0
    assert torch.get_num_threads() == 3


def test_a_model_like_the_bundled_one_is_small_and_the_papers_are_large():
    assert threads.multiplications(GeneratorConfig(img_resolution=64, channel_base=2048)) < threads.WORTH_SHARING
    assert threads.multiplications(GeneratorConfig(img_resolution=256, channel_base=16384)) > threads.WORTH_SHARING
    assert threads.multiplications(StyleGAN3Config(img_resolution=256)) >= threads.WORTH_SHARING


def test_the_renderer_makes_a_small_picture_with_one(three_threads, monkeypatch):
    seen = []
    monkeypatch.setattr(renderer_module, "to_uint8", lambda img: seen.append(torch.get_num_threads()) or to_uint8(img))
    Renderer(tiny_model(), "cpu").render(Look(latent=SeedLatent(seed=1)))
    assert (seen, torch.get_num_threads()) == ([1], 3)


def test_threads_sleep_while_they_wait(no_choice):
    threads.let_threads_sleep()
    assert os.environ["OMP_WAIT_POLICY"] == "passive"


@pytest.mark.parametrize("name", threads.OWN_CHOICES)
def test_what_the_person_has_chosen_holds(no_choice, monkeypatch, name):
    monkeypatch.setenv(name, "100")
    threads.let_threads_sleep()
    assert os.environ.get("OMP_WAIT_POLICY") == ("100" if name == "OMP_WAIT_POLICY" else None)


def test_it_comes_before_torch():
    asked = "import sys, engine.inference.threads as t; t.let_threads_sleep(); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", asked], check=True)

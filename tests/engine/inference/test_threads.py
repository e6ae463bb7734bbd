import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from engine.inference import renderer as renderer_module
from engine.inference import threads
from engine.inference.fast import team
from engine.inference.fast.pixels import to_bytes
from engine.inference.renderer import Renderer
from engine.inference.requests import Look, Noise, SeedLatent
from engine.networks.config import GeneratorConfig
from engine.networks.stylegan3_config import StyleGAN3Config
from tests.engine.inference.tiny_models import tiny_config, tiny_model


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


@pytest.fixture
def teams(monkeypatch):
    """The sizes of the teams that are asked for."""
    sizes = []
    monkeypatch.setattr(team, "team_of", sizes.append)
    return sizes


def test_a_large_picture_that_is_divided_has_a_team_and_one_thread_of_torchs(three_threads, teams):
    with threads.threads_for(threads.WORTH_SHARING, divided=True):
        assert torch.get_num_threads() == 1
    assert (teams, torch.get_num_threads()) == ([3], 3)


@pytest.mark.parametrize(("pictures", "expected"), [(1, []), (2, [3])])
def test_small_pictures_have_a_team_where_there_are_several(three_threads, teams, pictures, expected):
    with threads.threads_for(1, divided=True, pictures=pictures):
        assert torch.get_num_threads() == 1
    assert teams == expected


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
    monkeypatch.setattr(renderer_module, "to_bytes", lambda img: seen.append(torch.get_num_threads()) or to_bytes(img))
    Renderer(tiny_model(), "cpu").render(Look(latent=SeedLatent(seed=1)))
    assert (seen, torch.get_num_threads()) == ([1], 3)


@pytest.mark.parametrize("config", [tiny_config(), GeneratorConfig(img_resolution=128, channel_base=4096)])
def test_the_number_of_threads_makes_no_difference_to_a_picture(config, monkeypatch):
    monkeypatch.setattr(threads, "WORTH_SHARING", 1)
    monkeypatch.setattr(threads, "WORTH_ONE_EACH", 1)
    looks = [Look(latent=SeedLatent(seed=seed)) for seed in range(3)]
    renderer = Renderer(tiny_model(config), "cpu")
    before, seen = torch.get_num_threads(), []
    try:
        for number in (1, 2, 3):
            torch.set_num_threads(number)
            alone = [renderer.render(look) for look in looks]
            middle = [renderer.render(look, cache_key="tile") for look in (looks[0], looks[0], looks[1], looks[2])]
            batch = renderer.render_ws(torch.stack([renderer.ws(look) for look in looks]), Noise())
            seen.append((alone, [middle[0], *middle[2:]], list(batch), list(renderer.render_each(looks))))
    finally:
        torch.set_num_threads(before)
    first = np.stack(seen[0][0])
    assert all(np.array_equal(np.stack(pictures), first) for kinds in seen for pictures in kinds)


def test_as_many_pictures_at_once_as_there_are_threads_and_memory(three_threads):
    at_once = {pixels: threads.pictures_at_once(GeneratorConfig(img_resolution=pixels)) for pixels in (256, 512, 1024)}
    assert at_once == {256: 3, 512: 3, 1024: 2}
    assert threads.pictures_at_once(GeneratorConfig(img_resolution=64, channel_base=2048)) == 1
    assert threads.pictures_at_once(StyleGAN3Config(img_resolution=256)) == 1


def test_looks_of_any_kind_are_rendered_several_at_once_as_they_are_alone(monkeypatch):
    monkeypatch.setattr(threads, "WORTH_ONE_EACH", 1)
    renderer = Renderer(tiny_model(), "cpu")
    noises = (Noise(), Noise(mode="random", seed=3), Noise(strength=0.5))
    looks = [Look(latent=SeedLatent(seed=seed), noise=noises[seed % 3]) for seed in range(7)]
    expected = [renderer.render(look) for look in looks]
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        assert renderer.pictures_at_once == 3
        assert all(map(np.array_equal, renderer.render_each(looks), expected))
        assert len(list(renderer.render_each(iter(looks)))) == 7
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


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

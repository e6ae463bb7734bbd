"""Beginning from another model, and layers that stay as they are."""

from pathlib import Path

import pytest
import torch

from engine.errors import ConfigError
from engine.formats.model_file import load_model
from engine.networks.config import DiscriminatorConfig
from engine.networks.discriminator import Discriminator
from engine.training.loop import Observers
from engine.training.start import LoadObservers

FIXTURES = Path(__file__).parents[2] / "fixtures"


def test_everything_comes_over_at_the_same_resolution(begin, pictures):
    messages = []
    observers = LoadObservers(training=Observers(on_message=messages.append))
    source = load_model(FIXTURES / "ada_uncond_64.pkl", with_discriminator=True)
    run, state = begin(observers, transfer=FIXTURES / "ada_uncond_64.pkl", resolution=64, kimg=0.004)
    assert "100% of the generator and 100% of the discriminator" in messages[0]
    z = torch.randn(2, 48)
    for name in ("G", "G_ema"):
        torch.testing.assert_close(getattr(state, name)(z), getattr(source, name)(z), atol=2e-5, rtol=0)
    assert run.config.generator.w_dim == 64
    assert run.config.ema.rampup is None
    run.train(state)
    _, resumed = begin(resume=run.folder.path)
    assert torch.equal(resumed.G.mapping.w_avg, state.G.mapping.w_avg)


def test_a_smaller_resolution_keeps_the_shared_blocks(begin):
    messages = []
    observers = LoadObservers(training=Observers(on_message=messages.append))
    source = load_model(FIXTURES / "ada_uncond_64.pkl", with_discriminator=True)
    _, state = begin(observers, transfer=FIXTURES / "ada_uncond_64.pkl", resolution=32, kimg=0.004)
    assert torch.equal(state.G.synthesis.b16.conv1.weight, source.G.synthesis.b16.conv1.weight)
    assert torch.equal(state.D.b16.conv0.weight, source.D.b16.conv0.weight)
    assert "100% of the generator" in messages[0]


def test_a_generator_alone_will_do_and_other_channels_will_not(begin):
    messages = []
    observers = LoadObservers(training=Observers(on_message=messages.append))
    begin(observers, transfer=FIXTURES / "ada_uncond_64_onlyGema.pkl", resolution=64, kimg=0.004)
    assert "0% of the discriminator" in messages[0]
    with pytest.raises(ConfigError, match="1 channels"):
        begin(transfer=FIXTURES / "ada_grey_32.pkl", resolution=32, kimg=0.004)


def test_freeze_d_counts_from_the_picture():
    D = Discriminator(DiscriminatorConfig(img_resolution=32, channel_base=256, channel_max=16, freeze_layers=5))
    D.set_trainable(True)
    frozen = {name.rsplit(".", 1)[0] for name, p in D.named_parameters() if not p.requires_grad}
    assert frozen == {"b32.fromrgb", "b32.conv0", "b32.conv1", "b32.skip", "b16.conv0"}


def test_frozen_layers_stay_through_training_and_resume(begin):
    run, state = begin(kimg=0.008, freeze_d=4)
    before = {name: p.clone() for name, p in state.D.named_parameters()}
    run.train(state)
    moved = {name for name, p in state.D.named_parameters() if not torch.equal(p, before[name])}
    assert not any(name.startswith("b16.") for name in moved)
    assert any(name.startswith("b8.") for name in moved)
    again, resumed = begin(resume=run.folder.path, kimg=0.016)
    again.train(resumed)
    assert torch.equal(resumed.D.b16.conv0.weight, before["b16.conv0.weight"])


def test_a_run_is_a_source_with_all_its_networks(begin):
    messages = []
    observers = LoadObservers(training=Observers(on_message=messages.append))
    run, state = begin(kimg=0.008, features="beside", feature_resolution=32)
    run.train(state)
    _, other = begin(observers, transfer=run.folder.path, features="beside", feature_resolution=32, batch=8, kimg=0.008)
    assert "100% of the generator and 100% of the discriminator" in messages[0]
    assert other.cur_nimg == 0
    for name, network in state.networks().items():
        theirs = other.networks()[name].state_dict()
        assert all(torch.equal(tensor, theirs[key]) for key, tensor in network.state_dict().items())

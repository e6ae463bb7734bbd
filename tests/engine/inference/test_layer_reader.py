"""What a layer sees: the network's own numbers, checked against a block computed by hand."""

import numpy as np
import pytest
import torch

from engine.errors import ConfigError
from engine.inference.layer_maps import LayerQuestion
from engine.inference.layer_reader import read_layer
from engine.inference.renderer import Renderer
from engine.inference.requests import Look, Noise, SeedLatent
from tests.engine.inference.tiny_models import tiny_model

LOOK = Look(latent=SeedLatent(seed=1), noise=Noise(mode="random", seed=3, strength=2.0))


@pytest.fixture(scope="module")
def model():
    return tiny_model()


@pytest.fixture(scope="module")
def renderer(model):
    return Renderer(model, "cpu")


@torch.inference_mode()
def test_the_features_are_those_of_the_network(model, renderer):
    synthesis, ws = model.G_ema.synthesis, renderer.ws(LOOK)[None]
    noise, resample = renderer.noise_images(LOOK.noise), synthesis.resample_filter
    first, second = synthesis.blocks[0], synthesis.blocks[1]
    x = first.conv1(first.const[None], ws[:, 0], resample, noise[0])
    torch.testing.assert_close(renderer.layer_features(LOOK, 0), x[0])
    x = second.conv0(x, ws[:, 1], resample, noise[1])
    torch.testing.assert_close(renderer.layer_features(LOOK, 1), x[0])
    before = renderer.render(LOOK)
    renderer.layer_features(LOOK, 2)
    np.testing.assert_array_equal(renderer.render(LOOK), before)


def test_maps_and_numbers_tell_of_the_features(renderer):
    features = renderer.layer_features(LOOK, 2).numpy()
    maps = read_layer(renderer, LayerQuestion(look=LOOK, layer=2, channel=1))
    own = features[1]
    assert (maps.layers, maps.channels, maps.size) == (renderer.layer_count, len(features), own.shape)
    numbers = maps.numbers
    assert numbers.mean == pytest.approx(own.mean(), abs=1e-5)
    assert numbers.std == pytest.approx(own.std(), abs=1e-5)
    assert (numbers.low, numbers.high) == (own.min(), own.max())
    assert numbers.positive == pytest.approx((own > 0).mean())
    assert list(maps.by_strength) == sorted(range(len(features)), key=lambda channel: -features[channel].std())
    stretched = np.round((own - own.min()) / (own.max() - own.min()) * 255)
    assert np.abs(maps.map.astype(float) - stretched).max() <= 1
    assert maps.small.shape == (len(features), *own.shape)
    beyond = read_layer(renderer, LayerQuestion(look=LOOK, layer=2, channel=10_000))
    assert beyond.question.channel == len(features) - 1


@pytest.mark.parametrize("layer", [-1, 99])
def test_a_layer_that_is_not_there_is_a_sentence(renderer, layer):
    with pytest.raises(ConfigError, match=f"no layer {layer}: this model has layers 0 to"):
        read_layer(renderer, LayerQuestion(look=LOOK, layer=layer, channel=0))

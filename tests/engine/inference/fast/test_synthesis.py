"""The fast synthesis against the plain one: float32 to 1e-4 of the picture's range, bf16 at 40 dB or better."""

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ConfigError
from engine.formats.model_file import load_model
from engine.inference.fast import precision as precision_module
from engine.inference.fast import rows, strips
from engine.inference.fast.synthesis import FastSynthesis
from engine.inference.fast.team import share, working_together
from engine.inference.fast.upsampling import PictureUpsampler
from engine.latents.sampling import class_to_c, seed_to_z
from engine.networks.ops.upfirdn2d import make_filter, upfirdn2d_reference
from tests.engine.inference.fast.cases import CONFIGS, generator, psnr, random_ws

ROOT = Path(__file__).parents[4]
FIXTURES = ROOT / "tests" / "fixtures"
FILES = [
    ROOT / "models" / "critters.safetensors",
    *(path for path in sorted(FIXTURES.iterdir()) if path.suffix in (".pkl", ".pt")),
]
TOLERANCE = 1e-4
DECIBELS = 40.0


@pytest.fixture(autouse=True)
def _inference(monkeypatch):
    monkeypatch.setattr(precision_module, "SMALL_LAYER", 0)  # low precision in small networks, too
    with torch.inference_mode():
        yield


def noise_of(G, mode):
    return G.synthesis.make_noise(mode, 1, strength=0.7, generator=torch.Generator().manual_seed(3))


def assert_close(G, ws, mode, precision):
    images = noise_of(G, mode)
    fast = FastSynthesis(G.synthesis, precision)
    actual = fast.render(ws, fast.prepare_noise(images))
    expected = G.synthesis(ws[None], noise=images)
    assert actual.shape == expected.shape
    assert actual.dtype == torch.float32
    if precision == "float32":
        assert float((actual - expected).abs().max()) < TOLERANCE * max(1.0, float(expected.abs().max()))
    else:
        assert psnr(actual, expected) > DECIBELS


@pytest.mark.parametrize("precision", ["float32", "bf16"])
@pytest.mark.parametrize("mode", ["const", "random", "none"])
@pytest.mark.parametrize("name", CONFIGS)
def test_every_architecture_and_option(name, mode, precision):
    G = generator(name)
    assert_close(G, random_ws(G), mode, precision)


@pytest.mark.parametrize("precision", ["float32", "bf16"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_models_of_every_format(path, precision):
    G = load_model(path).G_ema
    for seed in range(3):
        c = class_to_c((1.0,), 1) if G.c_dim == 1 else (torch.eye(G.c_dim)[:1] if G.c_dim else None)
        assert_close(G, G.mapping(seed_to_z(seed, G.z_dim), c)[0].clone(), "const", precision)


@pytest.mark.parametrize("name", ["skip", "resnet, clamped", "relu", "narrow"])
def test_strips_join_without_a_seam(monkeypatch, name):
    G = generator(name)
    fast = FastSynthesis(G.synthesis, "bf16")
    noise = fast.prepare_noise(noise_of(G, "const"))
    monkeypatch.setattr(rows, "STRIP_BYTES", 2**30)
    whole = fast.render(random_ws(G), noise)
    for strip_bytes in (1, 5000):
        monkeypatch.setattr(rows, "STRIP_BYTES", strip_bytes)
        assert psnr(fast.render(random_ws(G), noise), whole) > 60  # equal, but for the order of a few sums


def test_low_precision_is_low_precision():
    G = generator("skip")
    ws, images = random_ws(G), noise_of(G, "const")
    pictures = {}
    for precision in ("float32", "bf16"):
        fast = FastSynthesis(G.synthesis, precision)
        pictures[precision] = fast.render(ws, fast.prepare_noise(images))
    assert psnr(pictures["bf16"], pictures["float32"]) < 80


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_the_same_picture_twice_has_the_same_bits(precision):
    G = generator("wide")
    pictures = []
    for _ in range(2):
        fast = FastSynthesis(G.synthesis, precision)
        noise = fast.prepare_noise(noise_of(G, "random"))
        pictures += [fast.render(random_ws(G), noise) for _ in range(2)]
    assert all(torch.equal(picture, pictures[0]) for picture in pictures)


@pytest.mark.parametrize("precision", ["float32", "bf16"])
@pytest.mark.parametrize("name", ["skip", "resnet, clamped", "six taps", "wide", "narrow"])
def test_how_many_threads_there_are_makes_no_difference_to_any_bit(monkeypatch, name, precision):
    if name != "wide":  # which has layers that are worth dividing
        monkeypatch.setattr(rows, "STRIP_BYTES", 5000)
        monkeypatch.setattr(strips, "LEAST_STRIP_BYTES", 10_000)
    G = generator(name)
    fast = FastSynthesis(G.synthesis, precision)
    noise = fast.prepare_noise(noise_of(G, "random"))
    pictures = []
    for threads in (1, 2, 3, 2, 3):
        with working_together(threads):
            pictures.append(fast.render(random_ws(G), noise))
    assert all(torch.equal(picture, pictures[0]) for picture in pictures)


def test_layers_are_divided_where_that_is_worth_it(monkeypatch):
    G = generator("wide")
    shared = []
    monkeypatch.setattr(strips, "share", lambda pieces: shared.append(len(pieces)) or share(pieces))
    fast = FastSynthesis(G.synthesis, "bf16")
    fast.render(random_ws(G), fast.prepare_noise(noise_of(G, "const")))
    assert max(shared) > 1


def test_the_weights_are_left_alone():
    G = generator("skip")
    before = {key: value.clone() for key, value in G.state_dict().items()}
    fast = FastSynthesis(G.synthesis, "float32")
    fast.render(random_ws(G), fast.prepare_noise(noise_of(G, "const")))
    assert all(torch.equal(value, before[key]) for key, value in G.state_dict().items())


def test_noise_that_is_given_layer_by_layer():
    G = generator("skip")
    images = noise_of(G, "const")
    images[2] = None
    images[5] = torch.full_like(images[5], 2.0)
    fast = FastSynthesis(G.synthesis)
    expected = G.synthesis(random_ws(G)[None], noise=images)
    assert psnr(fast.render(random_ws(G), fast.prepare_noise(images)), expected) > 100


def rgb_so_far(G, ws, images, resolution):
    """The plain network, cut off after the block of this resolution."""
    x, img, index = None, None, 0
    for block in G.synthesis.blocks:
        layers = len(block.layers)
        rows = ws[None, index : index + layers + 1]
        x, img = block(x, img, rows, images[index : index + layers], G.synthesis.resample_filter)
        index += layers
        if block.resolution == resolution:
            return img
    raise AssertionError("no such block")


@pytest.mark.parametrize("resolution", [4, 8, 16, 32, 64])
def test_stopping_early_gives_the_sum_of_the_rgb_layers_so_far(resolution):
    G = generator("skip")
    ws, images = random_ws(G), noise_of(G, "const")
    fast = FastSynthesis(G.synthesis)
    img = fast.render(ws, fast.prepare_noise(images), resolution)
    assert img.shape[-1] == resolution
    expected = rgb_so_far(G, ws, images, resolution)
    assert float((img - expected).abs().max()) < TOLERANCE * max(1.0, float(expected.abs().max()))


def test_where_there_is_no_picture_to_stop_at():
    fast = FastSynthesis(generator("orig").synthesis)
    assert fast.resolutions == (64,)
    with pytest.raises(ConfigError, match="no picture of 32 pixels: use 64"):
        fast.end(32)
    assert FastSynthesis(generator("skip").synthesis).resolutions == (4, 8, 16, 32, 64)


@settings(max_examples=40, deadline=None)
@given(taps=st.lists(st.integers(1, 9), min_size=1, max_size=8), channels=st.integers(1, 4), size=st.integers(1, 9))
def test_pictures_are_upsampled_like_the_reference(taps, channels, size):
    kernel, count = make_filter(taps), len(taps)
    img = torch.randn(1, channels, size, size, generator=torch.Generator().manual_seed(size))
    padding = ((count + 1) // 2, (count - 2) // 2)
    expected = upfirdn2d_reference(img, kernel, up=2, padding=padding, gain=4.0)
    upsample, middle = PictureUpsampler(kernel, channels), size // 2
    halves = [torch.stack(upsample(img, *rows), dim=1) for rows in ((0, middle), (middle, size)) if rows[0] < rows[1]]
    actual = torch.cat(halves).view(2 * size, 2 * size, channels)
    torch.testing.assert_close(actual.permute(2, 0, 1)[None], expected, atol=1e-5, rtol=1e-5)

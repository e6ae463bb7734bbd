import functools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.errors import ConfigError, OutOfMemoryError
from engine.formats.model_file import load_model
from engine.inference import look_mapper
from engine.inference.images import to_uint8
from engine.inference.renderer import Renderer
from engine.inference.requests import BlendLatent, Look, Noise, SeedLatent, StyleMix, Truncation
from engine.latents.sampling import seed_to_z
from tests.engine.inference.tiny_models import tiny_config, tiny_model

FIXTURES = Path(__file__).parents[2] / "fixtures"
NVLABS = ["ada_uncond_64", "ada_cond_64", "ada_grey_32", "sg3repo_sg2_64"]
CLOSE = 1e-4


def seed(number):
    return SeedLatent(seed=number)


@functools.cache
def opened(name):
    return load_model(FIXTURES / f"{name}.pkl")


@pytest.fixture(scope="module")
def tiny():
    return Renderer(tiny_model(), "cpu")


@pytest.fixture
def expected(request, monkeypatch):
    """(renderer, arrays): seed i of the renderer is row i of the z that the original software was given."""
    arrays = np.load(FIXTURES / f"{request.param}.npz")
    rows = torch.from_numpy(arrays["z"])
    monkeypatch.setattr(look_mapper, "seed_to_z", lambda number, z_dim: rows[number : number + 1])
    return Renderer(opened(request.param), "cpu", "float32"), arrays


def weights_of(arrays, row):
    return tuple(arrays["c"][row].tolist())


def assert_same_picture(pixels, img):
    """Equal but for values that lie on the edge between two of the 256 levels."""
    difference = np.abs(pixels.astype(int) - to_uint8(torch.from_numpy(img)[None])[0])
    assert difference.max() <= 1
    assert difference.mean() < 1e-3


@pytest.mark.parametrize("expected", NVLABS, indirect=True)
@pytest.mark.parametrize(
    ("truncation", "name"),
    [
        (Truncation(psi=1.0), "psi1"),
        (Truncation(psi=0.5), "psi05"),
        (Truncation(psi=0.5, cutoff=3), "psi05_cut3"),
        (Truncation(psi=1.0, layer_psi=(0.5, 0.5, 0.5)), "psi05_cut3"),
    ],
)
def test_looks_give_what_the_original_software_computes(expected, truncation, name):
    renderer, arrays = expected
    for row in range(3):
        look = Look(latent=seed(row), class_weights=weights_of(arrays, row), truncation=truncation)
        np.testing.assert_allclose(renderer.ws(look).numpy(), arrays[f"ws_{name}"][row], atol=CLOSE)
        assert_same_picture(renderer.render(look), arrays[f"img_const_{name}"][row])


@pytest.mark.parametrize("expected", NVLABS, indirect=True)
def test_mixed_looks_and_no_noise_give_what_the_original_software_computes(expected):
    renderer, arrays = expected
    if "ws_mix" in arrays:
        own = renderer.info.num_ws // 2
        strengths = (0.0,) * own + (1.0,) * (renderer.info.num_ws - own)
        if renderer.info.c_dim == 0:  # the two samples of the conditional file have different classes
            look = Look(latent=seed(0), style_mixes=(StyleMix(latent=seed(1), strengths=strengths),))
            np.testing.assert_allclose(renderer.ws(look).numpy(), arrays["ws_mix"][0], atol=CLOSE)
            assert_same_picture(renderer.render(look), arrays["img_const_mix"][0])
    look = Look(latent=seed(2), class_weights=weights_of(arrays, 2), noise=Noise(mode="none"))
    assert_same_picture(renderer.render(look), arrays["img_none_psi1"][2])


def test_a_seed_is_the_seed_of_the_other_tools():
    arrays = np.load(FIXTURES / "ada_uncond_64.npz")  # its z was drawn from seed 123, so the first row is that seed
    renderer = Renderer(opened("ada_uncond_64"), "cpu", "float32")
    look = Look(latent=seed(123), truncation=Truncation(psi=0.5))
    assert_same_picture(renderer.render(look), arrays["img_const_psi05"][0])


def test_both_latents_of_a_mix_are_truncated(tiny):
    psi = Truncation(psi=0.5, layer_psi=(None, 0.0, 1.0))
    mixed = tiny.ws(
        Look(latent=seed(1), truncation=psi, style_mixes=(StyleMix(latent=seed(2), strengths=(0.25, 1.0, 1.0)),))
    )
    one, two = tiny.ws(Look(latent=seed(1), truncation=psi)), tiny.ws(Look(latent=seed(2), truncation=psi))
    torch.testing.assert_close(mixed[0], 0.75 * one[0] + 0.25 * two[0])
    assert torch.equal(mixed[1], two[1])
    assert torch.equal(mixed[2], two[2])
    assert torch.equal(mixed[3:], one[3:])


def test_a_blend_keeps_its_distance_from_the_average():
    model = tiny_model()
    renderer, w_avg = Renderer(model, "cpu"), model.G_ema.mapping.w_avg
    parts = [renderer.ws(Look(latent=seed(number)))[0] for number in (3, 4)]
    blend = renderer.ws(Look(latent=BlendLatent(parts=((3, 0.5), (4, 0.5)))))
    distances = [float((w - w_avg).norm()) for w in parts]
    assert float((blend[0] - w_avg).norm()) == pytest.approx(sum(distances) / 2, rel=1e-4)
    assert float(((parts[0] + parts[1]) / 2 - w_avg).norm()) < 0.95 * sum(distances) / 2  # unlike the plain mean
    assert torch.equal(blend[0].expand_as(blend), blend)


def test_a_blend_of_one_seed_is_that_seed(tiny):
    alone = Look(latent=BlendLatent(parts=((5, 1.0),)))
    assert torch.equal(tiny.ws(alone), tiny.ws(Look(latent=seed(5))))


def test_rendering_is_reproducible_and_random_noise_follows_its_seed(tiny):
    def picture(**noise):
        return tiny.render(Look(latent=seed(1), noise=Noise(**noise)))

    drawn = picture(mode="random", seed=3)
    assert np.array_equal(drawn, picture(mode="random", seed=3))
    assert np.array_equal(
        drawn, Renderer(tiny_model(), "cpu").render(Look(latent=seed(1), noise=Noise(mode="random", seed=3)))
    )
    assert not np.array_equal(drawn, picture(mode="random", seed=4))
    assert not np.array_equal(drawn, picture(mode="const"))


def test_noise_strength_scales_every_kind_of_noise(tiny):
    def picture(**noise):
        return tiny.render(Look(latent=seed(1), noise=Noise(**noise))).astype(int)

    without = picture(mode="none")
    for mode in ("const", "random"):
        assert np.array_equal(picture(mode=mode, strength=0.0), without)
        little, much = (np.abs(picture(mode=mode, strength=s) - without).mean() for s in (0.2, 1.0))
        assert 0 < little < much
    assert np.array_equal(picture(mode="none", strength=5.0), without)


def test_random_noise_is_drawn_once_for_each_layer_in_order():
    model = tiny_model()
    renderer, G_ema = Renderer(model, "cpu"), model.G_ema
    generator = torch.Generator().manual_seed(9)
    sizes = [4, 8, 8, 16, 16]
    images = [0.5 * torch.randn(1, 1, size, size, generator=generator) for size in sizes]
    ws = renderer.ws(Look(latent=seed(1)))[None]
    with torch.inference_mode():
        expected = to_uint8(G_ema.synthesis(ws, noise=images))
    np.testing.assert_array_equal(renderer.render_ws(ws, Noise(mode="random", seed=9, strength=0.5)), expected)


@pytest.mark.parametrize(("channels", "shown"), [(1, 3), (3, 3), (4, 4)])
def test_pictures_are_rgb_or_rgba(channels, shown):
    renderer = Renderer(tiny_model(tiny_config(channels=channels)), "cpu")
    pixels = renderer.render(Look(latent=seed(1)))
    assert (pixels.shape, pixels.dtype) == ((16, 16, shown), np.uint8)
    assert pixels.std() > 5
    if channels == 1:
        assert np.array_equal(pixels[..., 0], pixels[..., 2])


def test_several_ws_are_rendered_like_each_alone(tiny):
    looks = [Look(latent=seed(number)) for number in range(3)]
    together = tiny.render_ws(torch.stack([tiny.ws(look) for look in looks]), Noise())
    for pixels, look in zip(together, looks, strict=True):
        np.testing.assert_array_equal(pixels, tiny.render(look))


def test_classes_are_weights_and_class_0_is_the_default():
    renderer = Renderer(tiny_model(tiny_config(c_dim=3)), "cpu")
    look = Look(latent=seed(1))
    zero, one, between = (
        renderer.ws(replace(look, class_weights=weights))
        for weights in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.5, 0.5, 0.0))
    )
    assert torch.equal(renderer.ws(look), zero)
    assert not torch.allclose(zero, one)
    assert not torch.allclose(between, zero)


@pytest.mark.parametrize(
    ("look", "sentence"),
    [
        (Look(latent=seed(1), class_weights=(1.0, 0.0)), "2 class weights were given, and this model is uncond"),
        (Look(latent=seed(1), truncation=Truncation(layer_psi=(0.5,) * 7)), "a psi for 7 layers, and this model has 6"),
        (Look(latent=seed(1), style_mixes=(StyleMix(latent=seed(2), strengths=(1.0,) * 7),)), "mixes 7 layers"),
        (Look(latent=seed(1), truncation=Truncation(psi=float("nan"))), "psi must be a finite number"),
        (Look(latent=seed(1), truncation=Truncation(layer_psi=(float("inf"),))), "psi must be a finite number"),
        (Look(latent=seed(1), style_mixes=(StyleMix(latent=seed(2), strengths=(float("nan"),)),)), "mixing strength"),
        (Look(latent=seed(1), noise=Noise(strength=float("inf"))), "noise strength"),
    ],
)
def test_a_look_that_does_not_fit_is_a_sentence_and_the_renderer_goes_on(tiny, look, sentence):
    before = tiny.render(Look(latent=seed(1)))
    with pytest.raises(ConfigError, match=sentence):
        tiny.render(look)
    np.testing.assert_array_equal(tiny.render(Look(latent=seed(1))), before)


def test_the_w_of_a_seed_is_mapped_once_and_the_cache_is_bounded(monkeypatch):
    monkeypatch.setattr(look_mapper, "CACHED_WS", 3)
    mapped = []

    def counting(number, z_dim):
        mapped.append(number)
        return seed_to_z(number, z_dim)

    monkeypatch.setattr(look_mapper, "seed_to_z", counting)
    renderer = Renderer(tiny_model(), "cpu")
    for number in (1, 2, 1, 3, 1, 4, 1, 2):  # 4 pushes 2 out, not 1
        renderer.ws(Look(latent=seed(number), truncation=Truncation(psi=number / 10)))
    assert mapped == [1, 2, 3, 4, 2]


def test_a_model_without_w_avg_gets_the_mean_of_many_w():
    renderer = Renderer(tiny_model(tiny_config(w_avg_beta=None, c_dim=2)), "cpu")
    average = renderer.ws(Look(latent=seed(1), truncation=Truncation(psi=0.0)))[0]
    sample = [
        renderer.ws(Look(latent=seed(number), class_weights=weights))[0]
        for number in range(10_000, 10_200)
        for weights in ((1.0, 0.0), (0.0, 1.0))
    ]
    spread = torch.stack(sample).std(dim=0)
    assert ((torch.stack(sample).mean(dim=0) - average).abs() < 0.3 * spread).all()


@pytest.mark.parametrize(
    "error", [MemoryError(), torch.OutOfMemoryError("x"), RuntimeError("DefaultCPUAllocator: can't allocate memory")]
)
def test_too_little_memory_is_a_sentence(monkeypatch, error):
    def failing(*args, **kwargs):
        raise error

    renderer = Renderer(tiny_model(), "cpu")
    monkeypatch.setattr(renderer._synthesis, "render", failing)
    with pytest.raises(OutOfMemoryError, match="not enough memory"):
        renderer.render(Look(latent=seed(1)))


def test_other_errors_are_not_taken_for_a_lack_of_memory(monkeypatch):
    def failing(*args, **kwargs):
        raise RuntimeError("an illegal memory access was encountered")

    renderer = Renderer(tiny_model(), "cpu")
    monkeypatch.setattr(renderer._synthesis, "render", failing)
    with pytest.raises(RuntimeError, match="illegal"):
        renderer.render(Look(latent=seed(1)))


def test_later_mixes_lie_over_earlier_ones(tiny):
    mixes = (
        StyleMix(latent=seed(2), strengths=(1.0, 0.5)),
        StyleMix(latent=seed(3), strengths=(0.25, 0.0, 1.0)),
    )
    one, two, three = (tiny.ws(Look(latent=seed(number))) for number in (1, 2, 3))
    mixed = tiny.ws(Look(latent=seed(1), style_mixes=mixes))
    torch.testing.assert_close(mixed[0], 0.75 * two[0] + 0.25 * three[0])
    torch.testing.assert_close(mixed[1], 0.5 * one[1] + 0.5 * two[1])
    assert torch.equal(mixed[2], three[2])
    assert torch.equal(mixed[3:], one[3:])


def test_truncation_pulls_to_the_centre_that_is_asked_for(expected_conditional):
    renderer = expected_conditional
    look = Look(latent=seed(1), class_weights=(0.0, 0.5, 0.5))
    full, other = renderer.ws(look), renderer.ws(replace(look, latent=seed(9)))

    def truncated(psi, centre, weights=look.class_weights):
        return renderer.ws(replace(look, class_weights=weights, truncation=Truncation(psi=psi, centre=centre)))

    torch.testing.assert_close(truncated(0.5, seed(9)), (full + other) / 2)
    torch.testing.assert_close(truncated(0.0, seed(9)), other)
    seeds = range(look_mapper.CLASS_CENTRE_SAMPLES)
    slow = torch.stack([renderer.ws(replace(look, latent=seed(number)))[0] for number in seeds]).mean(dim=0)
    torch.testing.assert_close(truncated(0.0, "class")[0], slow, atol=1e-4, rtol=1e-4)
    assert not torch.allclose(truncated(0.0, "class"), truncated(0.0, "class", (1.0, 0.0, 0.0)), atol=1e-3)
    assert torch.equal(truncated(1.0, "class"), full)


@pytest.fixture(scope="module")
def expected_conditional():
    return Renderer(opened("ada_cond_64"), "cpu")


def test_noise_by_layer_multiplies_that_layer_only():
    def with_strengths(third):
        model = tiny_model()
        for index, layer in enumerate(model.G_ema.synthesis.layers):
            layer.noise_strength.data.fill_(third if index == 2 else 0.7)
        return Renderer(model, "cpu")

    renderer = with_strengths(0.7)
    plain = renderer.render(Look(latent=seed(1)))
    halved = renderer.render(Look(latent=seed(1), noise=Noise(layer_strengths=(1.0, 1.0, 0.5))))
    by_hand = with_strengths(0.35).render(Look(latent=seed(1)))
    assert not np.array_equal(plain, halved)
    np.testing.assert_array_equal(halved, by_hand)
    none = Noise(layer_strengths=(0.0,) * 5)
    np.testing.assert_array_equal(
        renderer.render(Look(latent=seed(1), noise=none)),
        renderer.render(Look(latent=seed(1), noise=Noise(mode="none"))),
    )
    with pytest.raises(ConfigError, match="noise for 40 layers"):
        renderer.render(Look(latent=seed(1), noise=Noise(layer_strengths=(0.5,) * 40)))


def test_where_memory_runs_out_pictures_are_made_one_by_one_and_nothing_is_kept(monkeypatch):
    """The same pixels, and so from then on; what was kept is given back before the second attempt."""
    monkeypatch.setattr("engine.inference.renderer.pictures_at_once", lambda config: 4)
    renderer, looks = Renderer(tiny_model(), "cpu"), [Look(latent=seed(number)) for number in range(6)]
    expected = [renderer.render(look) for look in looks]
    renderer.render(looks[0], cache_key=0)
    made, share = [], renderer._made

    def little_memory(pictures):
        made.append(len(pictures))
        if len(pictures) > 1:
            raise MemoryError
        return share(pictures)

    monkeypatch.setattr(renderer, "_made", little_memory)
    forgotten, forget = [], renderer.forget
    monkeypatch.setattr(renderer, "forget", lambda: (forgotten.append(True), forget()))
    ws = torch.stack([renderer.ws(look) for look in looks])
    assert not renderer.sparing
    assert np.array_equal(renderer.render_ws(ws, looks[0].noise), expected)
    assert made == [4, 1, 1, 1, 1, 1, 1]
    assert (renderer.sparing, renderer.pictures_at_once, forgotten) == (True, 1, [True])
    assert all(map(np.array_equal, renderer.render_each(looks), expected))

    monkeypatch.setattr(renderer._prefixes, "render", lambda *_: pytest.fail("something is kept for later"))
    assert np.array_equal(renderer.render(looks[1], cache_key=0), expected[1])


def test_a_picture_that_fits_only_once_what_is_kept_is_gone_is_made(monkeypatch):
    renderer, look = Renderer(tiny_model(), "cpu"), Look(latent=seed(3))
    expected = renderer.render(look)

    def too_big(*_):
        raise torch.OutOfMemoryError("x")

    monkeypatch.setattr(renderer._prefixes, "render", too_big)
    assert np.array_equal(renderer.render(look, cache_key="tile"), expected)
    assert renderer.sparing

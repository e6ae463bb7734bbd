from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.errors import ConfigError
from engine.inference.renderer import Renderer
from engine.inference.requests import BlendLatent, Look, Noise, SeedLatent, StyleMix, Truncation
from engine.latents.interpolation import slerp
from engine.latents.sampling import seed_to_z
from engine.video.easing import EASINGS
from engine.video.measure import drafts_of, measure
from engine.video.moving import Modulation, NoisePath
from engine.video.pictures import Painter
from engine.video.timeline import INTERPOLATIONS, PACES, Place, Timeline, walk_through
from engine.video.walk import Walk
from tests.engine.inference.tiny_models import tiny_config, tiny_model

LOOKS = (
    Look(latent=SeedLatent(seed=1), truncation=Truncation(psi=0.6), noise=Noise(mode="random", seed=5)),
    Look(latent=SeedLatent(seed=2), style_mixes=(StyleMix(latent=SeedLatent(seed=9), strengths=(0.0, 0.7, 1.0)),)),
    Look(latent=SeedLatent(seed=3), truncation=Truncation(psi=0.9, cutoff=2, layer_psi=(None, 0.2))),
    Look(latent=BlendLatent(parts=((4, 0.5), (5, 0.5))), noise=Noise(mode="none", layer_strengths=(0.5,))),
)


@pytest.fixture(scope="module")
def renderer():
    return Renderer(tiny_model(), "cpu")


@pytest.fixture(scope="module")
def conditional():
    return Renderer(tiny_model(tiny_config(c_dim=3)), "cpu")


def between(key, following, fraction):
    return Place(key=key, following=following, fraction=fraction)


def measured(renderer, timeline):
    drafts = measure(renderer, timeline)
    count = 0
    while True:
        try:
            count = next(drafts)
        except StopIteration as stop:
            assert count == drafts_of(timeline)
            return stop.value


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("loop", [True, False])
def test_a_key_is_its_look_bit_for_bit_and_the_way_there_is_continuous(renderer, interpolation, loop):
    walk = Walk(renderer, replace(walk_through(LOOKS, seconds=1.0), interpolation=interpolation, loop=loop))
    for index, look in enumerate(LOOKS):
        moment = walk.at(float(index))
        assert torch.equal(moment.ws, renderer.ws(look))
        for near in (index - 1e-4, index + 1e-4):
            if loop or 0 <= near <= walk.timeline.duration:
                assert walk.at(near % walk.timeline.duration).ws == pytest.approx(moment.ws, abs=0.01)
    assert torch.equal(walk.frame(0).ws, walk.frame(walk.timeline.frame_count).ws) == loop


def test_linear_is_linear_in_w_and_every_control_moves(renderer):
    a = Look(latent=SeedLatent(seed=1), truncation=Truncation(psi=0.5), noise=Noise(strength=0.5))
    b = Look(latent=SeedLatent(seed=2), truncation=Truncation(psi=1.0), noise=Noise(strength=1.0))
    moment = Walk(renderer, walk_through((a, b))).moment(between(0, 1, 0.25))
    w = [renderer.ws(replace(look, truncation=Truncation())) for look in (a, b)]
    w_avg = renderer.ws(replace(a, truncation=Truncation(psi=0.0)))
    expected = w_avg + 0.625 * (0.75 * w[0] + 0.25 * w[1] - w_avg)
    assert moment.ws == pytest.approx(expected, abs=1e-5)
    assert moment.noise.strength == pytest.approx(0.625)


def test_mixing_fades_in_and_layers_keep_their_own_psi(renderer):
    plain = Look(latent=SeedLatent(seed=1), truncation=Truncation(layer_psi=(0.0, None, 1.0)))
    mixed = replace(plain, style_mixes=(StyleMix(latent=SeedLatent(seed=7), strengths=(0.0, 0.8)),))
    half = replace(mixed, style_mixes=(StyleMix(latent=SeedLatent(seed=7), strengths=(0.0, 0.4)),))
    moment = Walk(renderer, walk_through((plain, mixed))).moment(between(0, 1, 0.5))
    assert moment.ws == pytest.approx(renderer.ws(half), abs=1e-5)


def test_slerp_goes_through_z_and_classes_in_a_straight_line(conditional):
    a = Look(latent=SeedLatent(seed=1), class_weights=(1.0, 0.0, 0.0))
    b = Look(latent=SeedLatent(seed=2), class_weights=(0.0, 0.0, 1.0))
    timeline = replace(walk_through((a, b)), interpolation="slerp")
    moment = Walk(conditional, timeline).moment(between(0, 1, 0.25))
    z = slerp(seed_to_z(1, 16), seed_to_z(2, 16), 0.25)
    expected = conditional.mapped(z, (0.75, 0.0, 0.25))
    assert moment.ws == pytest.approx(expected.expand_as(moment.ws), abs=1e-5)


def test_slerp_of_a_blend_is_a_blend_of_slerps_and_starts_at_its_ends(renderer):
    blend, seed = LOOKS[3], Look(latent=SeedLatent(seed=8))
    walk = Walk(renderer, replace(walk_through((blend, seed)), interpolation="slerp"))
    for fraction, look in ((1e-5, blend), (1 - 1e-5, seed)):
        assert walk.moment(between(0, 1, fraction)).ws == pytest.approx(renderer.ws(look), abs=1e-3)


def test_a_spline_is_smooth_at_its_keys_and_a_straight_line_is_not(renderer):
    def kink(interpolation):
        looks = tuple(Look(latent=SeedLatent(seed=seed)) for seed in range(4))
        walk = Walk(renderer, replace(walk_through(looks, seconds=1.0), interpolation=interpolation))
        step = 1e-3
        before, at, after = (walk.at(1 + offset).ws for offset in (-step, 0, step))
        return float(((after - at) - (at - before)).norm() / (at - before).norm())

    assert kink("spline") < 0.05 < kink("linear")
    assert kink("monotone") < 0.2 < kink("linear")


def test_a_sound_drives_psi_strengths_and_noise(renderer):
    looks = (LOOKS[0], replace(LOOKS[1], noise=Noise(strength=0.5)))
    modulations = tuple(
        Modulation(target=target, amount=amount, rate=1.0, values=(0.0, 1.0))
        for target, amount in (("psi", 0.25), ("mix", -0.5), ("noise", -9.0))
    )
    walk = Walk(renderer, replace(walk_through(looks, seconds=1.0), modulations=modulations))
    moved = walk.at(1.0)
    mix = StyleMix(latent=SeedLatent(seed=9), strengths=(0.0, 0.2, 0.5))
    expected = renderer.ws(replace(looks[1], truncation=Truncation(psi=1.25), style_mixes=(mix,)))
    assert moved.ws == pytest.approx(expected, abs=1e-5)
    assert moved.noise.strength == 0
    assert torch.equal(walk.at(0.0).ws, renderer.ws(looks[0]))


def paint(renderer, timeline, seconds):
    walk = Walk(renderer, timeline)
    return Painter(renderer, timeline.noise).paint([walk.at(second) for second in seconds]).astype(float)


def test_fixed_noise_fades_with_its_strength_and_is_the_first_keys(renderer):
    looks = (LOOKS[0], replace(LOOKS[0], noise=Noise(mode="random", seed=5, strength=0.0)))
    frames = paint(renderer, walk_through(looks, seconds=1.0), [0.0, 0.5, 1.0])
    for frame, strength in zip(frames, (1.0, 0.5, 0.0), strict=True):
        noise = Noise(mode="random", seed=5, strength=strength)
        assert np.array_equal(frame, renderer.render(replace(LOOKS[0], noise=noise)))
    assert np.abs(frames[0] - frames[2]).mean() > 1


def test_a_noise_loop_moves_evenly_and_closes(renderer):
    still = replace(walk_through(LOOKS[:1] * 2, seconds=1.0), fps=8, noise=NoisePath(kind="loop", seed=3))
    walk, painter = Walk(renderer, still), Painter(renderer, still.noise)
    frames = painter.paint([walk.frame(number) for number in range(17)]).astype(float)
    assert np.array_equal(frames[0], frames[16])
    steps = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2, 3))
    assert steps.min() > 0
    assert steps.max() < 1.7 * steps.min()
    none = replace(LOOKS[0], noise=Noise(mode="none"))
    calm = replace(still, keys=walk_through((none, none), seconds=1.0).keys)
    assert np.array_equal(paint(renderer, calm, [0.3])[0], renderer.render(none))


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("noise", [NoisePath(), NoisePath(kind="loop", turns=3, amount=0.5)])
def test_the_frame_after_the_last_of_a_loop_is_the_first_pixel_by_pixel(renderer, pace, interpolation, noise):
    keys = tuple(
        replace(key, hold=hold, easing=EASINGS["smooth"])
        for key, hold in zip(walk_through(LOOKS, seconds=0.4).keys, (0.0, 0.3, 0.0, 0.1), strict=True)
    )
    timeline = Timeline(keys=keys, interpolation=interpolation, pace=pace, fps=7, noise=noise)
    lengths = None if pace == "eased" else measured(renderer, timeline)
    walk, painter = Walk(renderer, timeline, lengths), Painter(renderer, noise)
    count = timeline.frame_count
    first, again, second, last = painter.paint([walk.frame(n) for n in (0, count, 1, count - 1)])
    assert np.array_equal(first, again)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, last)


@pytest.mark.parametrize("pace", ["even", "even-in-segment"])
@pytest.mark.parametrize("interpolation", ["linear", "spline"])
def test_an_even_pace_changes_every_frame_alike(renderer, pace, interpolation):
    looks = tuple(replace(look, noise=Noise()) for look in LOOKS)
    eased = replace(
        walk_through(looks, seconds=1.0, easing=EASINGS["linear"]), fps=20, interpolation=interpolation, loop=True
    )
    even = replace(eased, pace=pace)
    lengths = measured(renderer, even)

    def steps(timeline):
        walk = Walk(renderer, timeline, lengths)
        count = timeline.frame_count
        moments = [walk.frame(number) for number in range(count + 1)]
        frames = Painter(renderer, timeline.noise).paint(moments).astype(float)
        changes = np.sqrt((np.diff(frames, axis=0) ** 2).mean(axis=(1, 2, 3)))
        return (
            changes
            if pace == "even"
            else changes.reshape(len(looks), -1) / changes.reshape(len(looks), -1).mean(axis=1, keepdims=True)
        )

    def variation(changes):
        return float(np.std(changes) / np.mean(changes))

    assert variation(steps(even)) < 0.5 * variation(steps(eased))
    if pace == "even-in-segment":
        walk = Walk(renderer, even, lengths)
        assert all(torch.equal(walk.at(float(i)).ws, renderer.ws(look)) for i, look in enumerate(looks))


def test_holds_keep_their_times_at_an_even_pace(renderer):
    keys = tuple(replace(key, hold=0.5) for key in walk_through(LOOKS, seconds=1.0).keys)
    timeline = Timeline(keys=keys, pace="even", loop=False)
    walk = Walk(renderer, timeline, measured(renderer, timeline))
    for index, look in enumerate(LOOKS):
        for seconds in (timeline.starts[index], timeline.starts[index] + 0.25, timeline.ends[index]):
            assert torch.equal(walk.at(seconds).ws, renderer.ws(look))


def test_an_empty_timeline_and_a_wrong_look_are_sentences(renderer):
    with pytest.raises(ConfigError, match="no keys"):
        Walk(renderer, Timeline())
    with pytest.raises(ConfigError, match="class weights"):
        Walk(renderer, walk_through((LOOKS[0], replace(LOOKS[0], class_weights=(1.0, 0.0)))))

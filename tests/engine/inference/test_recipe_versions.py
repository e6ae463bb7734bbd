"""Recipes are written in the oldest version that can say them, and every version opens."""

import pytest

from engine.errors import ConfigError
from engine.inference.requests import (
    BlendLatent,
    Look,
    Noise,
    SeedLatent,
    StyleMix,
    Truncation,
    look_from_dict,
    look_to_dict,
)

VERSION_1 = {
    "version": 1,
    "latent": {"blend": [[3, 0.25], [4, 0.75]]},
    "class_weights": [0.0, 1.0],
    "truncation": {"psi": 0.7, "cutoff": 4, "layer_psi": [None, 0.5]},
    "style_mix": {"latent": {"seed": 9}, "strengths": [0.0, 0.5]},
    "noise": {"mode": "random", "seed": 5, "strength": 0.5},
}
PLAIN = Look(
    latent=BlendLatent(parts=((3, 0.25), (4, 0.75))),
    class_weights=(0.0, 1.0),
    truncation=Truncation(psi=0.7, cutoff=4, layer_psi=(None, 0.5)),
    style_mixes=(StyleMix(latent=SeedLatent(seed=9), strengths=(0.0, 0.5)),),
    noise=Noise(mode="random", seed=5, strength=0.5),
)


def test_version_1_is_read_and_still_written_where_it_says_everything() -> None:
    assert look_from_dict(VERSION_1) == PLAIN
    assert look_to_dict(PLAIN) == VERSION_1


@pytest.mark.parametrize(
    "look",
    [
        Look(latent=SeedLatent(seed=1), style_mixes=PLAIN.style_mixes * 3),
        Look(latent=SeedLatent(seed=1), truncation=Truncation(centre="class")),
        Look(latent=SeedLatent(seed=1), truncation=Truncation(psi=0.5, centre=PLAIN.latent)),
        Look(latent=SeedLatent(seed=1), noise=Noise(layer_strengths=(1.0, 0.5))),
    ],
)
def test_what_only_version_2_can_say_says_so(look: Look) -> None:
    written = look_to_dict(look)
    assert written["version"] == 2
    assert look_from_dict(written) == look


def test_controls_at_rest_leave_no_trace_in_a_look() -> None:
    mixes = (StyleMix(latent=SeedLatent(seed=2), strengths=(0.0, 0.0)), StyleMix(latent=SeedLatent(seed=3)))
    assert Look(latent=SeedLatent(seed=1), style_mixes=mixes) == Look(latent=SeedLatent(seed=1))
    assert StyleMix(latent=SeedLatent(seed=2), strengths=(0.5, 0.0)).strengths == (0.5,)
    assert Noise(layer_strengths=(1.0, 1.0)) == Noise()


@pytest.mark.parametrize(
    "wrong",
    [{"version": 3}, {"centre": "somewhere"}, {"centre": {"seed": -1}}, {"more_mixes": [{}]}, {"layer_noise": 3}],
)
def test_what_is_not_understood_is_refused_in_a_sentence(wrong: dict) -> None:
    with pytest.raises(ConfigError):
        look_from_dict({**VERSION_1, "version": 2, **wrong})

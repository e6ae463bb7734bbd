"""Timelines of every kind, for hypothesis."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from engine.inference.requests import Look, Noise, SeedLatent, StyleMix, Truncation
from engine.video.easing import EASINGS, Easing
from engine.video.moving import TARGETS, Modulation, NoisePath
from engine.video.soundtrack import Soundtrack
from engine.video.timeline import INTERPOLATIONS, PACES, Key, Timeline

quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
shares = st.floats(0, 1)
seconds = st.integers(0, 64).map(lambda eighths: eighths / 8)
"""Multiples of 1/8 add up exactly."""
easings = st.one_of(
    st.sampled_from(list(EASINGS.values())),
    st.builds(Easing, x1=shares, y1=shares, x2=shares, y2=shares),
)
seeds = st.integers(0, 2**32 - 1).map(lambda seed: SeedLatent(seed=seed))
looks = st.builds(
    Look,
    latent=seeds,
    class_weights=st.lists(shares, max_size=3).map(tuple),
    truncation=st.builds(Truncation, psi=st.floats(-2, 2), cutoff=st.none() | st.integers(0, 4)),
    style_mixes=st.lists(
        st.builds(StyleMix, latent=seeds, strengths=st.lists(shares, max_size=4).map(tuple)), max_size=2
    ).map(tuple),
    noise=st.builds(Noise, mode=st.sampled_from(["const", "random", "none"]), strength=st.floats(0, 2)),
)
keys = st.builds(Key, look=looks, hold=seconds, transition=seconds, easing=easings)
bands = st.sampled_from(["", "bass", "40-120"])
modulations = st.sampled_from(TARGETS).flatmap(
    lambda target: st.builds(
        Modulation,
        target=st.just(target),
        amount=st.floats(-2, 2),
        rate=st.floats(0.1, 100),
        values=st.lists(shares, max_size=8).map(tuple),
        latent=seeds if target == "direction" else st.none(),
        band=bands,
    )
)
sounds = st.builds(
    Soundtrack,
    path=st.sampled_from([Path("a song.mp3"), Path("/music/b.wav")]),
    content_id=st.text("0123456789abcdef", min_size=64, max_size=64),
    start=shares,
)


def timelines(min_keys: int = 0) -> st.SearchStrategy[Timeline]:
    return st.builds(
        Timeline,
        keys=st.lists(keys, min_size=min_keys, max_size=6).map(tuple),
        interpolation=st.sampled_from(INTERPOLATIONS),
        pace=st.sampled_from(PACES),
        loop=st.booleans(),
        fps=st.integers(1, 120),
        noise=st.builds(
            NoisePath, kind=st.sampled_from(["fixed", "loop"]), turns=st.integers(1, 9), amount=shares, seed=st.just(3)
        ),
        modulations=st.lists(modulations, max_size=2).map(tuple),
        sound=st.none() | sounds,
    )

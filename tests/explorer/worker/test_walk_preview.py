"""Frames of a timeline in the making: those of the film, measured bit by bit, and dropped rather than late."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.errors import ConfigError
from engine.inference.renderer import Renderer
from engine.inference.requests import Look, SeedLatent, Truncation
from engine.video.measure import drafts_of, measure
from engine.video.moving import NoisePath
from engine.video.pictures import Painter
from engine.video.timeline import Timeline, walk_through
from engine.video.walk import Walk
from explorer.worker import walk_preview
from explorer.worker.walk_preview import WalkPreview
from tests.engine.inference.tiny_models import tiny_model

LOOKS = tuple(Look(latent=SeedLatent(seed=seed), truncation=Truncation(psi=0.8)) for seed in (1, 2, 3))


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(tiny_model(), "cpu")


def film(**changes: object) -> Timeline:
    return replace(walk_through(LOOKS, seconds=1.0), **changes)  # type: ignore[arg-type]


def direct(renderer: Renderer, timeline: Timeline, seconds: float, resolution: int | None = None) -> np.ndarray:
    """The frame of the finished film, measured first if its pace asks for it."""
    lengths = None
    if timeline.pace != "eased":
        drafts = measure(renderer, timeline)
        while lengths is None:
            try:
                next(drafts)
            except StopIteration as end:
                lengths = end.value
    moment = Walk(renderer, timeline, lengths).at(seconds)
    return np.asarray(Painter(renderer, timeline.noise).paint([moment], resolution)[0])


@pytest.mark.parametrize("noise", [NoisePath(), NoisePath(kind="loop", seed=4)])
def test_a_frame_is_the_films_at_every_size(renderer: Renderer, noise: NoisePath) -> None:
    preview, timeline = WalkPreview(renderer), film(noise=noise, interpolation="spline")
    for resolution in renderer.resolutions:
        for seconds in (0.0, 0.4, 2.9):
            shown = preview.frame(timeline, seconds, resolution)
            assert shown.shape[:2] == (resolution, resolution)
            assert np.array_equal(shown, direct(renderer, timeline, seconds, resolution))


def test_a_walk_is_kept_until_the_timeline_changes(renderer: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Timeline] = []

    class CountedWalk(Walk):
        def __init__(self, renderer: Renderer, timeline: Timeline) -> None:
            made.append(timeline)
            super().__init__(renderer, timeline)

    monkeypatch.setattr(walk_preview, "Walk", CountedWalk)
    preview, first = WalkPreview(renderer), film()
    for seconds in (0.0, 0.5, 1.0):
        preview.frame(first, seconds, 16)
    assert made == [first]
    changed = film(keys=first.keys[:2])
    shown = preview.frame(changed, 0.5, 16)
    assert made == [first, changed]
    assert np.array_equal(shown, direct(renderer, changed, 0.5))


def test_an_even_pace_is_shown_eased_until_it_is_measured(renderer: Renderer) -> None:
    preview, timeline = WalkPreview(renderer), film(pace="even")
    assert not preview.measure()  # nothing has been asked for yet
    eased, even = (direct(renderer, each, 0.3) for each in (film(), timeline))
    assert not np.array_equal(eased, even)
    assert np.array_equal(preview.frame(timeline, 0.3, 16), eased)
    drafts = 0
    while preview.measure():
        drafts += 1
        if drafts == 10:
            assert np.array_equal(preview.frame(timeline, 0.3, 16), eased)
    assert drafts == drafts_of(timeline) + 1  # and the step that ends it
    assert np.array_equal(preview.frame(timeline, 0.3, 16), even)
    assert not preview.measure()


def test_a_change_while_it_measures_begins_anew(renderer: Renderer) -> None:
    preview, first = WalkPreview(renderer), film(pace="even")
    preview.frame(first, 0.3, 16)
    for _ in range(20):
        preview.measure()
    second = film(pace="even-in-segment", loop=False)
    preview.frame(second, 0.3, 16)
    drafts = sum(1 for _ in iter(preview.measure, False))
    assert drafts == drafts_of(second) + 1
    assert np.array_equal(preview.frame(second, 0.3, 16), direct(renderer, second, 0.3))


def test_what_cannot_be_shown_is_a_sentence_and_the_next_one_is_shown(renderer: Renderer) -> None:
    preview = WalkPreview(renderer)
    wrong = film(keys=walk_through((replace(LOOKS[0], class_weights=(1.0, 0.0)), LOOKS[1])).keys)
    for timeline, word in ((Timeline(), "no keys"), (wrong, "class weights")):
        with pytest.raises(ConfigError, match=word):
            preview.frame(timeline, 0.0, 16)
        assert np.array_equal(preview.frame(film(), 0.5, 16), direct(renderer, film(), 0.5))

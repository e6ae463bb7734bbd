import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.errors import ConfigError
from engine.inference.renderer import Renderer
from engine.inference.requests import MAX_SEED, BlendLatent, Look, SeedLatent, Truncation
from engine.video.measure import drafts_of
from engine.video.moving import Modulation, NoisePath
from engine.video.plan import Output, VideoPlan
from engine.video.plan_file import plan_from_dict, plan_to_dict
from engine.video.side_by_side import SEED_STRIDE, SPREADS, side_by_side, variation
from engine.video.timeline import walk_through
from engine.video.walk import Walk
from tests.engine.inference.tiny_models import tiny_model
from tests.engine.video.films import LOOKS, make, rendered, small_walk
from tests.engine.video.strategies import quick, timelines


@pytest.fixture(scope="module")
def renderer():
    return Renderer(tiny_model(), "cpu")


def grid(path, timeline, spread="phases", rows=1, columns=3, **output):
    walks = side_by_side(timeline, rows * columns, spread)
    shape = Output(rows=rows, columns=columns, **output)
    return VideoPlan(timelines=walks.timelines, phases=walks.phases, path=path, output=shape)


@quick
@given(timeline=timelines(min_keys=2), cells=st.integers(1, 9), spread=st.sampled_from(SPREADS))
def test_the_first_walk_is_the_timeline_and_all_have_its_shape(timeline, cells, spread):
    walks = side_by_side(timeline, cells, spread)
    assert len(walks.timelines) == cells
    assert walks.timelines[0] == timeline
    assert not walks.phases or (walks.phases[0] == 0 and len(set(walks.phases)) == cells)
    for walk in walks.timelines:
        assert (walk.starts, walk.ends, walk.frame_count) == (timeline.starts, timeline.ends, timeline.frame_count)
        for key, other in zip(walk.keys, timeline.keys, strict=True):
            assert replace(key.look, latent=other.look.latent) == other.look


def test_other_seeds_are_other_pictures_and_stay_seeds():
    latents = (SeedLatent(seed=5), SeedLatent(seed=MAX_SEED), BlendLatent(parts=((1, 0.25), (2, 0.75))))
    timeline = walk_through(tuple(replace(LOOKS[1], latent=latent) for latent in latents))
    moved = [key.look.latent for key in variation(timeline, 2).keys]
    assert moved == [
        SeedLatent(seed=5 + 2 * SEED_STRIDE),
        SeedLatent(seed=2 * SEED_STRIDE - 1),
        BlendLatent(parts=((1 + 2 * SEED_STRIDE, 0.25), (2 + 2 * SEED_STRIDE, 0.75))),
    ]


def test_a_phase_is_the_same_loop_begun_elsewhere(tmp_path, renderer):
    plan = grid(tmp_path / "frames", small_walk())
    make(renderer, plan)
    alone = rendered(renderer, plan.timelines[0])
    for number in range(12):
        frame = np.asarray(Image.open(plan.path / f"frame-{number:06d}.png").resize((48, 16), Image.Resampling.BOX))
        for cell in range(3):
            expected = alone[(number + 4 * cell) % 12]
            assert np.array_equal(frame[:, 16 * cell : 16 * cell + 16], expected), (number, cell)


def test_what_follows_a_sound_and_the_noise_go_by_the_films_own_time(renderer):
    def film(psi, **changes):
        looks = (Look(latent=SeedLatent(seed=seed), truncation=Truncation(psi=psi)) for seed in (1, 2, 3))
        return replace(walk_through(tuple(looks), seconds=0.2), fps=20, **changes)

    loud = Modulation(target="psi", amount=0.5, rate=5.0, values=(0.0, 1.0, 0.0, 0.0))
    walk = Walk(renderer, film(0.4, modulations=(loud,), noise=NoisePath(kind="loop")))
    loudest = walk.frame(4, phase=0.5)  # at 0.2 seconds; the keys are half of the loop ahead
    assert loudest.share == pytest.approx(4 / 12)
    assert loudest.ws == pytest.approx(Walk(renderer, film(0.9)).frame(10).ws, abs=1e-5)
    silent = walk.frame(0, phase=0.5)
    assert silent.ws == pytest.approx(Walk(renderer, film(0.4)).frame(6).ws, abs=1e-5)


def test_a_pace_is_measured_once_for_equal_walks(tmp_path, renderer):
    plan = grid(tmp_path / "walk.mp4", small_walk(pace="even"), width=48)
    stages = [step.stage for step in make(renderer, plan)]
    assert stages.count("measuring") == drafts_of(plan.timelines[0])


def test_phases_travel_with_a_plan_and_older_plans_have_none():
    plan = grid(Path("walk.mp4"), small_walk(), rows=2, columns=2)
    values = json.loads(json.dumps(plan_to_dict(plan)))
    assert plan_from_dict(values) == plan
    del values["phases"]
    assert plan_from_dict(values) == replace(plan, phases=())


@pytest.mark.parametrize(
    ("make_plan", "word"),
    [
        (lambda: grid(Path("a.mp4"), small_walk(loop=False)), "make it a loop"),
        (lambda: replace(grid(Path("a.mp4"), small_walk()), phases=(0.0,)), "too few"),
        (lambda: replace(grid(Path("a.mp4"), small_walk()), phases=(0.0, 0.5, 1.0)), "without, 1"),
        (lambda: side_by_side(small_walk(), 2, "colours"), "no way 'colours'"),
    ],
)
def test_what_cannot_work_is_a_sentence(make_plan, word):
    with pytest.raises(ConfigError, match=word):
        make_plan()


def test_other_seeds_need_no_loop():
    plan = grid(Path("a.mp4"), small_walk(loop=False), "seeds")
    assert plan.timelines[1] != plan.timelines[0]

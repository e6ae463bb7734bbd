import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ConfigError
from engine.inference.requests import Look, SeedLatent
from engine.inference.video_plan import VideoPlan


def make_plan(keys=3, **options):
    looks = tuple(Look(latent=SeedLatent(seed=seed)) for seed in range(keys))
    return VideoPlan(looks=looks, path=Path("walk.mp4"), **options)


@given(
    keys=st.integers(2, 12),
    seconds=st.floats(0.05, 4),
    fps=st.integers(12, 60),
    loop=st.booleans(),
)
def test_positions_walk_evenly_through_every_keyframe(keys, seconds, fps, loop):
    plan = make_plan(keys, seconds_per_step=seconds, fps=fps, loop=loop)
    steps = round(seconds * fps)
    positions = list(plan.positions())

    assert len(positions) == plan.frame_count == (keys * steps if loop else (keys - 1) * steps + 1)
    places = [key + fraction for key, _, fraction in positions]
    assert places == pytest.approx([frame / steps for frame in range(len(positions))])
    assert all(0 <= fraction < 1 and following == (key + 1) % keys for key, following, fraction in positions)
    if not loop:
        assert positions[-1] == (keys - 1, 0, 0.0)  # exactly the last keyframe


def test_a_loop_neither_repeats_a_frame_nor_jumps_at_its_seam():
    plan = make_plan(2, seconds_per_step=0.5, fps=4, loop=True)
    assert list(plan.positions()) == [(0, 1, 0.0), (0, 1, 0.5), (1, 0, 0.0), (1, 0, 0.5)]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"keys": 1}, "at least two"),
        ({"keys": 0}, "at least two"),
        ({"fps": 0}, "frames a second"),
        ({"fps": 1000}, "frames a second"),
        ({"seconds_per_step": 0.0}, "not even one frame"),
        ({"seconds_per_step": -1.0}, "not even one frame"),
        ({"seconds_per_step": math.nan}, "not even one frame"),
        ({"seconds_per_step": math.inf}, "not even one frame"),
        ({"seconds_per_step": 1e308}, "too many"),
        ({"size": 0}, "pixels wide"),
        ({"size": 100_000}, "pixels wide"),
    ],
)
def test_numbers_that_cannot_work_are_refused_in_a_sentence(options, word):
    with pytest.raises(ConfigError, match=word):
        make_plan(**options)


@pytest.mark.parametrize(
    ("size", "resolution", "expected"),
    [(None, 8, 256), (None, 64, 256), (None, 256, 256), (None, 1024, 1024), (None, 96, 288), (101, 64, 102)],
)
def test_a_video_has_even_sides_and_is_never_a_stamp(size, resolution, expected):
    assert make_plan(size=size).output_size(resolution) == expected


def test_plans_need_no_torch():
    code = "import sys, engine.inference.video_plan, engine.inference.images, engine.inference.encoder\n"
    code += "assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)

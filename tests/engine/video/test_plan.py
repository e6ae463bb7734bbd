import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ConfigError
from engine.inference.requests import Look, SeedLatent
from engine.video.formats import format_for
from engine.video.plan import Output, VideoPlan
from engine.video.plan_file import plan_from_dict, plan_to_dict
from engine.video.timeline import Key, Timeline, walk_through
from tests.engine.video.strategies import quick, timelines

LOOKS = tuple(Look(latent=SeedLatent(seed=seed)) for seed in range(3))


def plan(*timelines_, path="walk.mp4", **options):
    sound = {name: options.pop(name) for name in ("sound", "sound_start") if name in options}
    walks = timelines_ or (walk_through(LOOKS),)
    return VideoPlan(timelines=walks, path=Path(path), output=Output(**options), **sound)


@quick
@given(timeline=timelines(min_keys=2), quality=st.integers(1, 100), width=st.none() | st.integers(2, 4000))
def test_json_brings_a_plan_back(timeline, quality, width):
    if timeline.duration * timeline.fps < 0.5:
        return
    made = plan(timeline, quality=quality, width=width, sound=Path("a.wav"), sound_start=1.5)
    assert plan_from_dict(json.loads(json.dumps(plan_to_dict(made)))) == made


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: plan(Timeline()), "at least two"),
        (lambda: plan(walk_through(LOOKS[:1])), "at least two"),
        (lambda: plan(walk_through(LOOKS, seconds=0.0)), "not even one frame"),
        (lambda: plan(walk_through(LOOKS), walk_through(LOOKS)), "do not fill"),
        (lambda: plan(walk_through(LOOKS), walk_through(LOOKS[:2]), columns=2), "same length"),
        (lambda: plan(width=1), "pixels wide"),
        (lambda: plan(height=100_000), "pixels wide"),
        (lambda: plan(quality=0), "quality"),
        (lambda: plan(supersampling=0), "make a frame"),
        (lambda: plan(rows=0), "walks"),
        (lambda: plan(columns=65), "walks"),
        (lambda: plan(fit="stretch"), "to fit"),
        (lambda: plan(format="avi"), "no video format"),
        (lambda: plan(path="walk.avi"), "ends in none of"),
        (lambda: plan(path="walk.webm", format="h265"), r"ends in \.mp4"),
        (lambda: plan(replace(walk_through(LOOKS), fps=60), path="walk.gif"), "at most 50"),
        (lambda: plan(path="walk.gif", sound=Path("a.wav")), "holds no sound"),
        (lambda: plan(sound_start=-1.0), "starts at 0"),
    ],
)
def test_what_cannot_work_is_a_sentence(make, word):
    with pytest.raises(ConfigError, match=word):
        make()


def test_a_single_picture_that_holds_is_a_video():
    assert plan(Timeline(keys=(Key(look=LOOKS[0], hold=2.0),))).frame_count == 60


@pytest.mark.parametrize(
    ("options", "resolution", "expected"),
    [
        ({}, 8, (256, 256)),
        ({}, 96, (288, 288)),
        ({}, 1024, (1024, 1024)),
        ({"width": 101}, 64, (102, 102)),
        ({"width": 101, "path": "walk.gif"}, 64, (101, 101)),
        ({"width": 64, "height": 32}, 64, (64, 32)),
        ({"columns": 2}, 64, (256, 128)),
        ({"columns": 2, "rows": 2, "height": 128}, 64, (128, 128)),
    ],
)
def test_the_size_follows_the_model_the_grid_and_the_format(options, resolution, expected):
    cells = options.get("columns", 1) * options.get("rows", 1)
    assert plan(*[walk_through(LOOKS)] * cells, **options).frame_size(resolution) == expected


def test_a_grid_of_large_pictures_is_refused():
    with pytest.raises(ConfigError, match="too many"):
        plan(*[walk_through(LOOKS)] * 16, columns=16).frame_size(1024)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.mp4", "h264"), ("a.MP4", "h264"), ("a.webm", "vp9"), ("a.gif", "gif"), ("a.png", "apng"), ("a", "frames")],
)
def test_the_name_says_the_format(name, kind):
    assert format_for(Path(name)) == kind


def test_plans_need_no_torch():
    code = "import sys, engine.video.plan_file, engine.video.progress, engine.video.encoder, engine.video.compose\n"
    code += "import engine.video.recipe, engine.cli.video\nassert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)

import json
import math
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ConfigError
from engine.inference.requests import Look, SeedLatent
from engine.video.easing import EASINGS
from engine.video.moving import Modulation, NoisePath
from engine.video.timeline import Key, Timeline, walk_through
from engine.video.timeline_file import read_timeline, timeline_from_dict, timeline_to_dict
from tests.engine.video.strategies import modulations, quick, timelines


def look(seed):
    return Look(latent=SeedLatent(seed=seed))


def row(*times, **options):
    """Keys with (hold, transition)."""
    keys = (Key(look=look(i), hold=hold, transition=transition) for i, (hold, transition) in enumerate(times))
    return Timeline(keys=tuple(keys), **options)


@quick
@given(timeline=timelines())
def test_json_brings_a_timeline_back(timeline):
    assert timeline_from_dict(json.loads(json.dumps(timeline_to_dict(timeline)))) == timeline


@quick
@given(timeline=timelines(min_keys=1))
def test_every_key_is_reached_at_its_start_and_left_at_its_end(timeline):
    for index, key in enumerate(timeline.keys):
        for seconds in (timeline.starts[index], timeline.ends[index], timeline.starts[index] + key.hold / 2):
            place = timeline.place(seconds)
            assert place.fraction == 0
            assert timeline.starts[place.key] <= seconds <= timeline.ends[place.key]
            assert place.key >= index
    assert timeline.ends[-1] <= timeline.duration


@quick
@given(timeline=timelines(min_keys=1), share=st.floats(0, 1))
def test_a_place_lies_in_the_transition_that_its_time_falls_into(timeline, share):
    seconds = share * timeline.duration
    place = timeline.place(seconds)
    assert 0 <= place.fraction < 1
    if place.fraction > 0:
        key = timeline.keys[place.key]
        end = timeline.ends[place.key]
        assert end <= seconds <= end + key.transition
        assert place.fraction == pytest.approx(key.easing.at((seconds - end) / key.transition), abs=1e-6)
        assert place.following == (place.key + 1) % len(timeline.keys)


@quick
@given(timeline=timelines(min_keys=1))
def test_frames_cover_the_duration_evenly_and_a_loop_closes(timeline):
    count = timeline.frame_count
    assert abs(count - timeline.duration * timeline.fps) <= 1.5
    times = [timeline.seconds_of(frame) for frame in (0, 1, count - 1, count)]
    assert times[0] == 0
    if timeline.loop:
        assert timeline.place(times[3]) == timeline.place(0)
        assert times[2] < timeline.duration or timeline.duration == 0
    else:
        assert times[2] == pytest.approx(timeline.duration) or count == 1
    for frame in range(0, count, 1 + count // 50):
        assert abs(timeline.seconds_of(frame) - frame / timeline.fps) <= 0.51 / timeline.fps


@pytest.mark.parametrize(("loop", "frames", "places"), [(True, 16, 4), (False, 13, 4)])
def test_frames_of_a_plain_walk(loop, frames, places):
    timeline = replace(walk_through(tuple(map(look, range(4))), seconds=1.0), fps=4, loop=loop)
    assert timeline.frame_count == frames
    shown = [timeline.place(timeline.seconds_of(frame)) for frame in range(frames)]
    assert [(p.key, p.fraction) for p in shown[:6]] == [(0, 0), (0, 0.25), (0, 0.5), (0, 0.75), (1, 0), (1, 0.25)]
    assert len({p.key for p in shown}) == places
    assert (shown[-1].key, shown[-1].fraction) == (3, 0.75 if loop else 0)


def test_holds_stand_still_and_cuts_jump():
    timeline = row((1.0, 0.0), (0.5, 1.0), (0.0, 1.0), fps=10)
    assert (timeline.starts, timeline.ends, timeline.duration) == ((0, 1, 2.5), (1, 1.5, 2.5), 3.5)
    assert {timeline.place(t / 10).key for t in range(10)} == {0}
    assert timeline.place(1.0).key == 1
    assert timeline.place(2.0).fraction == 0.5
    assert (timeline.place(3.0).key, timeline.place(3.0).following) == (2, 0)


def test_an_empty_timeline_has_no_frames_and_a_single_key_stands():
    assert (Timeline().frame_count, Timeline().duration) == (0, 0.0)
    with pytest.raises(ConfigError, match="no keys"):
        Timeline().place(0)
    single = row((1.0, 5.0), fps=10)
    assert (single.frame_count, replace(single, loop=False).frame_count) == (10, 11)


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: Key(look=look(1), hold=-1), "hold"),
        (lambda: Key(look=look(1), transition=math.nan), "transition"),
        (lambda: Key(look=look(1), transition=1e9), "3600"),
        (lambda: Timeline(fps=0), "frames a second"),
        (lambda: Timeline(fps=121), "frames a second"),
        (lambda: Timeline(interpolation="cubic"), "no interpolation"),
        (lambda: Timeline(pace="fast"), "no pace"),
        (lambda: NoisePath(kind="walk"), "no noise path"),
        (lambda: NoisePath(turns=0), "times"),
        (lambda: NoisePath(amount=1.1), "share"),
        (lambda: NoisePath(seed=2**32 - 1), "seed"),
        (lambda: Modulation(target="hue", amount=1, rate=1, values=()), "cannot drive"),
        (lambda: Modulation(target="psi", amount=math.inf, rate=1, values=()), "finite"),
        (lambda: Modulation(target="psi", amount=1, rate=0, values=()), "rate"),
        (lambda: Modulation(target="psi", amount=1, rate=1, values=(2.0,)), "from 0 to 1"),
    ],
)
def test_what_cannot_be_is_a_sentence(make, word):
    with pytest.raises(ConfigError, match=word):
        make()


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: d.update(version=99),
        lambda d: d.pop("keys"),
        lambda d: d.update(keys=[{"hold": 1}]),
        lambda d: d.update(fps="many"),
        lambda d: d.update(fps=29.97),
        lambda d: d.update(loop="yes"),
        lambda d: d.update(noise=[]),
        lambda d: d.update(modulations=[{}]),
        lambda d: d["keys"][0].update(hold="long"),
        lambda d: d["keys"][0].update(hold=math.nan),
        lambda d: d["keys"][0].update(easing=7),
    ],
)
def test_a_damaged_description_is_a_sentence(damage):
    values = timeline_to_dict(row((1.0, 1.0), (0.0, 1.0)))
    damage(values)
    with pytest.raises(ConfigError):
        timeline_from_dict(values)


def test_a_file_written_by_hand_needs_little(tmp_path):
    key = {"look": timeline_to_dict(row((0.0, 2.0)))["keys"][0]["look"]}
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"version": 1, "keys": [key, key]}))
    assert read_timeline(path) == Timeline(keys=(Key(look=look(0)),) * 2)
    path.write_text(json.dumps({"timeline": {"version": 1, "keys": [{**key, "easing": "smooth"}]}}))
    assert read_timeline(path).keys[0].easing == EASINGS["smooth"]


@pytest.mark.parametrize("content", [None, "", "[]", "{}", "[" * 100_000, '"timeline"', "\xff"])
def test_a_file_that_is_no_timeline_is_a_sentence(tmp_path, content):
    path = tmp_path / "no.json"
    if content is not None:
        path.write_text(content, encoding="latin-1")
    with pytest.raises(ConfigError):
        read_timeline(path)


@quick
@given(modulation=modulations, seconds=st.floats(-1, 100))
def test_a_modulation_stays_within_its_amount_and_meets_its_values(modulation, seconds):
    assert abs(modulation.at(seconds)) <= abs(modulation.amount) * (1 + 1e-9)
    for i, value in enumerate(modulation.values[:-1]):
        assert modulation.at(i / modulation.rate) == pytest.approx(modulation.amount * value, abs=1e-6)
    assert modulation.at(-0.001) == 0


@quick
@given(turns=st.integers(1, 9), amount=st.floats(0, 1), share=st.floats(0, 1))
def test_the_noise_goes_round_a_circle_of_constant_variance(turns, amount, share):
    path = NoisePath(kind="loop", turns=turns, amount=amount)
    assert sum(weight**2 for weight in path.weights(share)) == pytest.approx(1)
    assert path.weights(1.0) == path.weights(0.0)


def test_timelines_need_no_torch():
    code = "import sys, engine.video.edits, engine.video.timeline_file\nassert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)

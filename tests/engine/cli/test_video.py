import itertools
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner

from engine.cli.opening import looks_of_seeds
from engine.cli.tools import main
from engine.formats.model_file import load_model
from engine.inference.renderer import Renderer
from engine.inference.requests import SeedLatent
from engine.video.easing import EASINGS
from engine.video.export import export_video
from engine.video.moving import NoisePath
from engine.video.plan import Output, VideoPlan
from engine.video.plan_file import timelines_of
from engine.video.recipe import read_video_recipe
from engine.video.timeline import Key, Timeline
from engine.video.timeline_file import read_timeline
from engine.video.writer import Writer
from tests.engine.video.test_sound import plucks, write_wav

MODEL = Path(__file__).parents[2] / "fixtures" / "ada_uncond_64.pkl"


def run(*arguments, fails=False):
    result = CliRunner().invoke(main, ["video", "--model", str(MODEL), *map(str, arguments)])
    assert (result.exit_code != 0) == fails, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return " ".join(result.output.split())


@pytest.mark.parametrize(("loop", "frames"), [("--loop", 6), ("--no-loop", 5)])
def test_a_walk_is_written_and_can_be_decoded(tmp_path, loop, frames):
    path = tmp_path / "walk.mp4"
    run("--seeds", "1,5", "--seconds", 0.3 if loop == "--loop" else 0.4, "--fps", 10, loop, "-o", path)
    with av.open(str(path)) as container:
        decoded = list(container.decode(video=0))
    assert len(decoded) == frames
    assert (decoded[0].width, decoded[0].height) == (256, 256)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--seeds", "1", "-o", "walk.mp4"], "choose at least two"),
        (["--seeds", "1,2", "-o", "walk.avi"], "ends in none of .mp4"),
        (["--seeds", "1,2", "-o", "nowhere/walk.mp4"], "does not exist"),
        (["--seeds", "1,2", "-o", "taken.mp4"], "taken.mp4 exists already"),
        (["--seeds", "1,2", "--fps", "0", "-o", "walk.mp4"], "frames a second"),
        (["--seeds", "1,2", "--class", "1", "-o", "walk.mp4"], "this model has no classes"),
    ],
)
def test_what_cannot_work_is_a_sentence(tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    Path("taken.mp4").write_bytes(b"mine")
    assert sentence in run(*arguments, fails=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["taken.mp4"]
    assert Path("taken.mp4").read_bytes() == b"mine"


def decode(path):
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def test_the_command_makes_the_frames_of_the_engine_and_its_timeline_makes_them_again(tmp_path):
    asked = ("--easing", "smooth", "--interp", "spline", "--hold", "0.1", "--trunc", "0.7", "--seconds", "0.3")
    run("--seeds", "1,5,9", *asked, "--fps", 10, "--size", 64, "-o", tmp_path / "walk.mp4")
    looks = looks_of_seeds((1, 5, 9), psi=0.7, noise_mode="const", class_index=None, c_dim=0)
    keys = (Key(look=look, hold=0.1, transition=0.3, easing=EASINGS["smooth"]) for look in looks)
    timeline = Timeline(keys=tuple(keys), interpolation="spline", fps=10)
    assert read_timeline(tmp_path / "walk.mp4.json") == timeline
    plan = VideoPlan(timelines=(timeline,), path=tmp_path / "engine.mp4", output=Output(width=64, height=64))
    for _ in export_video(Renderer(load_model(MODEL), "cpu"), plan):
        pass
    shown = decode(tmp_path / "walk.mp4")
    assert shown.shape == (12, 64, 64, 3)
    assert np.array_equal(shown, decode(plan.path))
    run("--timeline", tmp_path / "walk.mp4.json", "--size", 64, "-o", tmp_path / "again.mp4")
    assert np.array_equal(shown, decode(tmp_path / "again.mp4"))


def test_walks_side_by_side_and_what_goes_before_the_timeline(tmp_path):
    run("--seeds", "1-4", "--grid", "2x1", "--size", "64x32", "--fps", 10, "--seconds", 0.2, "-o", tmp_path / "a.gif")
    recipe = read_video_recipe(tmp_path / "a.gif")
    walks = timelines_of(recipe)
    assert [[key.look.latent.seed for key in walk.keys] for walk in walks] == [[1, 2], [3, 4]]
    run("--seeds", "1,2", "--fps", 10, "--seconds", 0.2, "-o", tmp_path / "b.webp")
    options = ("--no-loop", "--fps", 20, "--interp", "slerp", "--noise-loop", 2, "--pace", "even-in-segment")
    run("--timeline", tmp_path / "b.webp.json", *options, "--size", 32, "-o", tmp_path / "c.apng")
    [changed] = timelines_of(read_video_recipe(tmp_path / "c.apng"))
    assert (changed.loop, changed.fps, changed.interpolation, changed.pace) == (False, 20, "slerp", "even-in-segment")
    assert changed.noise == NoisePath(kind="loop", turns=2)
    run("--timeline", tmp_path / "c.apng.json", "--noise-loop", 0, "--size", 32, "-o", tmp_path / "d.apng")
    assert timelines_of(read_video_recipe(tmp_path / "d.apng"))[0] == replace(changed, noise=NoisePath())


def test_one_timeline_fills_a_grid(tmp_path):
    run("--seeds", "1,2", "--fps", 10, "--seconds", 0.2, "--size", 32, "-o", tmp_path / "a.mp4")
    asked = ("--timeline", tmp_path / "a.mp4.json", "--grid", "2x1", "--size", "64x32")
    run(*asked, "-o", tmp_path / "b.webp")
    recipe = read_video_recipe(tmp_path / "b.webp")
    assert (len(timelines_of(recipe)), recipe["phases"]) == (2, [0.0, 0.5])
    run(*asked, "--walks", "seeds", "-o", tmp_path / "c.webp")
    walks = timelines_of(read_video_recipe(tmp_path / "c.webp"))
    assert [[key.look.latent.seed for key in walk.keys] for walk in walks] == [[1, 2], [1001, 1002]]


def test_several_timelines_are_made_in_processes_of_their_own(tmp_path):
    for name, seeds in (("one", "1,2"), ("two", "3,4")):
        run("--seeds", seeds, "--fps", 10, "--seconds", 0.2, "--size", 32, "-o", tmp_path / f"{name}.mp4")
    files = [part for name in ("one", "two") for part in ("--timeline", tmp_path / f"{name}.mp4.json")]
    run(*files, "--workers", 2, "--size", 32, "-o", tmp_path / "films")
    for name in ("one", "two"):
        assert np.array_equal(decode(tmp_path / "films" / f"{name}.mp4"), decode(tmp_path / f"{name}.mp4"))


def test_a_sound_moves_keys_and_drives_psi(tmp_path):
    sound = write_wav(tmp_path / "beat.wav", plucks((0.3,), seconds=1.0))
    options = ("--audio", sound, "--snap", "--drive", "psi:mid:0.5", "--fps", 10, "--seconds", 0.4, "--size", 32)
    run("--seeds", "1,2,3", *options, "-o", tmp_path / "walk.mp4")
    [timeline] = timelines_of(read_video_recipe(tmp_path / "walk.mp4"))
    assert timeline.starts[1] == pytest.approx(0.3, abs=1 / 60)
    assert timeline.modulations[0].at(0.33) > 0.2
    with av.open(str(tmp_path / "walk.mp4")) as container:
        assert len(container.streams.audio) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "say what to show"),
        (["--seeds", "1,2", "--timeline", "a.json"], "say what to show"),
        (["--timeline", "gone.json"], "does not exist"),
        (["--seeds", "1,2,3", "--grid", "2x1"], "shared out"),
        (["--seeds", "1,2", "--easing", "fast"], "no easing"),
        (["--seeds", "1,2", "--easing", "1,2,x"], "no easing curve"),
        (["--seeds", "1,2", "--size", "big"], "no size"),
        (["--seeds", "1,2", "--size", "0"], "no size"),
        (["--seeds", "1,2", "--grid", "0x2"], "no size"),
        (["--seeds", "1,2", "--drive", "psi:bass:1"], "add --audio"),
        (["--seeds", "1,2", "--format", "vp9"], "ends in .webm"),
        (["--seeds", "1,2", "--noise-moves", "0.5"], "add --noise-loop"),
        (["--seeds", "1,2", "--noise-loop", "-1"], "goes round 1 to"),
        (["--seeds", "1,2", "--noise-loop", "1", "--noise-moves", "2"], "is 0 to 1"),
    ],
)
def test_what_is_said_wrongly_is_a_sentence(tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    assert sentence in run(*arguments, "-o", "walk.mp4", fails=True)
    assert list(tmp_path.iterdir()) == []


def test_the_command_never_imports_pygame():
    code = "import sys, engine.cli.video, engine.video.export, engine.cli.video_workers\n"
    code += "assert 'pygame' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_timeline_brings_its_sound_unless_it_is_left_out(tmp_path):
    sound = write_wav(tmp_path / "beat.wav", plucks((0.3,), seconds=1.0))
    options = ("--fps", 10, "--seconds", 0.4, "--size", 32)
    films = [tmp_path / f"{number}.mp4" for number in range(3)]
    run(*options, "--seeds", "1,2", "--audio", sound, "--drive", "seed=5:mid:0.5", "-o", films[0])
    [timeline] = timelines_of(read_video_recipe(films[0]))
    assert timeline.modulations[0].latent == SeedLatent(seed=5)
    again = ("--timeline", tmp_path / "0.mp4.json", "--size", 32)
    run(*again, "-o", films[1])
    assert np.array_equal(decode(films[1]), decode(films[0]))
    sound.unlink()
    assert "--no-audio" in run(*again, "-o", films[2], fails=True)
    run(*again, "--no-audio", "-o", films[2])
    for film, count in ((films[1], 1), (films[2], 0)):
        with av.open(str(film)) as container:
            assert len(container.streams.audio) == count


@pytest.mark.parametrize(
    ("content", "options", "sentence"),
    [
        (b"nonsense" * 500, (), "holds no sound that can be read"),
        (b"", (), "holds no sound that can be read"),
        (None, ("--audio-start", 5), "is over before second 5"),
    ],
)
def test_a_sound_that_cannot_be_heard_is_said_before_anything_is_rendered(
    tmp_path, monkeypatch, content, options, sentence
):
    sound = write_wav(tmp_path / "a.wav", plucks((0.3,), seconds=1.0))
    if content is not None:
        sound.write_bytes(content)
    monkeypatch.setattr("engine.video.writer.Writer.put", lambda *_: pytest.fail("it was rendered"))
    asked = ("--seeds", "1,2", "--fps", 10, "--seconds", 0.4, "--size", 32, "--audio", sound)
    assert sentence in run(*asked, *options, "-o", tmp_path / "walk.mp4", fails=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.wav"]


def test_a_sound_shorter_than_a_frame_goes_along(tmp_path):
    sound = write_wav(tmp_path / "a.wav", plucks((0.0,), seconds=0.02))
    options = ("--fps", 10, "--seconds", 0.4, "--size", 32, "--audio", sound, "--snap", "--drive", "psi:all:0.5")
    run("--seeds", "1,2", *options, "-o", tmp_path / "walk.mp4")
    assert len(decode(tmp_path / "walk.mp4")) == 8


def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(tmp_path, monkeypatch):
    film = tmp_path / "walk.mp4"
    asked = ("--seeds", "1,2", "--fps", 100, "--seconds", 0.75, "--size", 32, "-o", film)
    put, count = Writer.put, itertools.count(1)

    def interrupted(writer, pictures):
        put(writer, pictures)
        if next(count) == 130:
            while not list(tmp_path.glob(".walk.mp4.*.job/segment-000000.mp4")):
                time.sleep(0.05)
            raise KeyboardInterrupt

    monkeypatch.setattr(Writer, "put", interrupted)
    assert "walk.mp4 was stopped; with --resume the same command goes on" in run(*asked, fails=True)
    assert not film.exists()
    done = []

    def counted(writer, pictures):
        done.append(1)
        put(writer, pictures)

    monkeypatch.setattr(Writer, "put", counted)
    run(*asked, "--resume")
    assert len(done) == 30
    assert len(decode(film)) == 150
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["walk.mp4", "walk.mp4.json"]

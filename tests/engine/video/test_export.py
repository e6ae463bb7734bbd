import contextlib
import os
import stat
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from engine.errors import ConfigError, ExportError
from engine.inference.compositing import over_white
from engine.inference.recipes import looks_of
from engine.inference.renderer import Renderer
from engine.video import export as module
from engine.video.compose import averaged
from engine.video.ffmpeg import has_encoder
from engine.video.formats import KINDS
from engine.video.plan import Output, VideoPlan
from engine.video.plan_file import output_of, timelines_of
from engine.video.recipe import read_video_recipe
from engine.video.timeline_file import read_timeline
from engine.video.walk import Walk
from tests.engine.inference.tiny_models import tiny_config, tiny_model
from tests.engine.video.films import (
    LOOKS,
    decode,
    enlarged,
    error_between,
    make,
    names,
    plan_for,
    rendered,
    small_walk,
)

FILMS = [("walk.mp4", "h264"), ("walk.mp4", "h265"), ("walk.mp4", "av1"), ("walk.webm", "vp9")]
CODEC_NAMES = {"h264": "h264", "h265": "hevc", "av1": "libdav1d", "vp9": "vp9"}


@pytest.fixture(scope="module")
def renderer():
    return Renderer(tiny_model(), "cpu")


@pytest.mark.parametrize(("name", "kind"), FILMS)
def test_a_film_shows_the_walk_frame_by_frame(tmp_path, renderer, name, kind):
    if not has_encoder(KINDS[kind].encoder):
        pytest.skip(f"this FFmpeg makes no {kind}")
    plan = plan_for(tmp_path / name, format=kind)
    steps = make(renderer, plan)
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert (steps[-1].stage, steps[-1].done, steps[-1].total) == ("done", 12, 12)
    with av.open(str(plan.path)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == CODEC_NAMES[kind]
        assert stream.codec_context.pix_fmt == "yuv420p"
        frames = list(container.decode(stream))
        times = [float(frame.pts * stream.time_base) for frame in frames]
    assert times == pytest.approx([i / 20 for i in range(12)], abs=0.0011)  # WebM counts milliseconds
    expected = enlarged(rendered(renderer, plan.timelines[0]))
    shown = decode(plan.path)
    assert shown.shape == (12, 256, 256, 3)
    assert max(error_between(a, b) for a, b in zip(shown, expected, strict=True)) < 4
    assert min(error_between(a, b) for a, b in pairwise(expected)) > 8  # else the comparison would say nothing


@pytest.mark.parametrize("fps", [1, 7, 120])
@pytest.mark.parametrize(("name", "kind"), FILMS)
def test_every_rate_lasts_as_long_as_the_walk_to_the_frame(tmp_path, renderer, name, kind, fps):
    if not has_encoder(KINDS[kind].encoder):
        pytest.skip(f"this FFmpeg makes no {kind}")
    plan = plan_for(tmp_path / name, small_walk(seconds=4.0 if fps == 1 else 0.5, fps=fps), width=64, format=kind)
    make(renderer, plan)
    with av.open(str(plan.path)) as container:
        stream = container.streams.video[0]
        assert float(stream.average_rate) == pytest.approx(fps, rel=0.03 if name.endswith(".webm") else 1e-6)
        assert container.duration / av.time_base == pytest.approx(plan.frame_count / fps, abs=0.5 / fps)
        times = [float(frame.pts * stream.time_base) for frame in container.decode(stream)]
    assert len(times) == plan.frame_count == round(plan.timelines[0].duration * fps)
    assert times == pytest.approx([number / fps for number in range(len(times))], abs=0.0011)


def test_an_open_walk_ends_at_its_last_look(tmp_path, renderer):
    plan = plan_for(tmp_path / "walk.mp4", small_walk(loop=False))
    make(renderer, plan)
    shown = decode(plan.path)
    assert len(shown) == 9
    assert error_between(shown[-1], enlarged(renderer.render(LOOKS[-1]))) < 3
    assert error_between(shown[4], enlarged(renderer.render(LOOKS[1]))) < 3


def test_long_films_are_joined_from_segments_without_a_seam(tmp_path, renderer):
    plan = plan_for(tmp_path / "walk.mp4", small_walk(seconds=1.0), width=32)
    make(renderer, plan)
    short = replace(plan, path=tmp_path / "short.mp4")
    make(renderer, short, module.ExportOptions(segment_frames=7))
    assert len(decode(short.path)) == len(decode(plan.path)) == 60
    with av.open(str(short.path)) as container:
        stream = container.streams.video[0]
        assert stream.frames == 60
        times = [float(frame.pts * stream.time_base) for frame in container.decode(stream)]
        assert float(stream.duration * stream.time_base) == pytest.approx(3.0, abs=1e-3)
    assert times == pytest.approx([i / 20 for i in range(60)], abs=1e-3)
    assert max(error_between(a, b) for a, b in zip(decode(short.path), decode(plan.path), strict=True)) < 6


@pytest.mark.parametrize(("loop", "plays"), [(True, 0), (False, 1)])
@pytest.mark.parametrize(("name", "fps"), [("walk.gif", 25), ("walk.webp", 20), ("walk.apng", 30), ("walk.png", 30)])
def test_animated_pictures_have_all_frames_at_their_times(tmp_path, renderer, name, fps, loop, plays):
    plan = plan_for(tmp_path / name, small_walk(fps=fps, seconds=0.4, loop=loop), width=64, quality=100)
    make(renderer, plan)
    expected = enlarged(rendered(renderer, plan.timelines[0]), 4)
    tolerance = {".gif": 20.0, ".webp": 6.0}.get(plan.path.suffix, 0.0)
    with Image.open(plan.path) as image:
        assert image.n_frames == len(expected) == plan.frame_count
        seconds = 0.0
        for number in range(len(expected)):
            image.seek(number)
            image.load()
            seconds += image.info["duration"] / 1000
            errors = [error_between(np.asarray(image.convert("RGB")), other) for other in expected]
            assert errors[number] == min(errors) <= tolerance
        assert seconds == pytest.approx(plan.frame_count / fps, abs=0.011 if name == "walk.gif" else 0.004)
        if name != "walk.gif" or loop:
            assert image.info["loop"] == plays
        else:
            assert "loop" not in image.info
    assert timelines_of(read_video_recipe(plan.path)) == plan.timelines


def test_a_sequence_of_pictures_is_exact(tmp_path, renderer):
    plan = plan_for(tmp_path / "frames", width=16)
    make(renderer, plan)
    assert names(tmp_path) == ["frames", "frames.json"]
    assert names(plan.path) == [f"frame-{number:06d}.png" for number in range(12)]
    for path, picture in zip(sorted(plan.path.iterdir()), rendered(renderer, plan.timelines[0]), strict=True):
        assert np.array_equal(np.asarray(Image.open(path)), picture)


@pytest.mark.parametrize("name", ["walk.mp4", "walk.webm", "walk.gif", "walk.webp", "walk.apng"])
def test_the_recipe_comes_back_from_inside_and_from_beside(tmp_path, renderer, name):
    keys = small_walk().keys * 40  # far more than one command line could carry on some systems
    timeline = replace(small_walk(), keys=tuple(replace(key, transition=0.01) for key in keys))
    plan = plan_for(tmp_path / name, timeline, width=16, supersampling=2)
    make(renderer, plan)
    for path in (plan.path, tmp_path / (name + ".json")):
        recipe = read_video_recipe(path)
        assert timelines_of(recipe) == (timeline,)
        assert output_of(recipe) == plan.output
        assert recipe["model"] == renderer.info.content_id
        assert looks_of(recipe) == LOOKS * 40
    assert read_timeline(tmp_path / (name + ".json")) == timeline
    if name == "walk.mp4":
        data = plan.path.read_bytes()
        assert 0 < data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("fit", ["letterbox", "crop"])
def test_another_shape_is_letterboxed_or_cropped(tmp_path, renderer, fit):
    plan = plan_for(tmp_path / "frames", width=64, height=32, fit=fit)
    make(renderer, plan)
    first = np.asarray(Image.open(plan.path / "frame-000000.png"))
    picture = renderer.render(LOOKS[0])
    if fit == "letterbox":
        assert np.array_equal(first[:, 16:48], enlarged(picture, 2))
        assert first[:, :16].max() == first[:, 48:].max() == 0
    else:
        assert np.array_equal(first, enlarged(picture, 4)[16:48])


@pytest.mark.parametrize(
    ("resolution", "output", "expected"),
    [(8, {}, (256, 256)), (16, {"width": 101, "height": 101}, (102, 102)), (16, {"height": 90}, (90, 90))],
)
def test_every_size_can_be_made(tmp_path, resolution, output, expected):
    renderer = Renderer(tiny_model(tiny_config(resolution=resolution)), "cpu")
    plan = plan_for(tmp_path / "walk.mp4", small_walk(0.1), **output)
    make(renderer, plan)
    shown = decode(plan.path)
    assert (shown.shape[2], shown.shape[1]) == expected
    sized = Image.fromarray(renderer.render(LOOKS[0])).resize(expected, Image.Resampling.LANCZOS)
    assert resolution == 8 or error_between(shown[0], np.asarray(sized)) < 5


def test_walks_go_side_by_side(tmp_path, renderer):
    walks = tuple(small_walk(loop=loop) for loop in (True,)) * 6
    walks = tuple(replace(walk, keys=walk.keys[n % 3 :] + walk.keys[: n % 3]) for n, walk in enumerate(walks))
    plan = VideoPlan(timelines=walks, path=tmp_path / "frames", output=Output(rows=2, columns=3, width=48))
    make(renderer, plan)
    for number in (0, 5):
        frame = np.asarray(Image.open(plan.path / f"frame-{number:06d}.png"))
        assert frame.shape == (32, 48, 3)
        for cell, walk in enumerate(walks):
            row, column = divmod(cell, 3)
            shown = frame[16 * row : 16 * row + 16, 16 * column : 16 * column + 16]
            assert np.array_equal(shown, rendered(renderer, walk)[number])
    assert timelines_of(read_video_recipe(tmp_path / "frames.json")) == walks


def test_motion_blur_is_the_mean_around_each_frame(tmp_path, renderer):
    plan = plan_for(tmp_path / "frames", width=16, supersampling=4)
    make(renderer, plan)
    walk = Walk(renderer, plan.timelines[0])
    for number in (0, 3):
        moments = [walk.frame(number + offset) for offset in (-0.375, -0.125, 0.125, 0.375)]
        pictures = np.concatenate([renderer.render_ws(moment.ws[None], moment.noise) for moment in moments])
        frame = np.asarray(Image.open(plan.path / f"frame-{number:06d}.png"))
        assert error_between(frame, pictures.astype(float).mean(axis=0).round()) < 0.6
        assert np.array_equal(frame, averaged(pictures))


@pytest.mark.parametrize("batch", [1, 5, 100])
def test_the_batch_changes_nothing(tmp_path, renderer, batch):
    plan = plan_for(tmp_path / "frames", width=16, supersampling=2)
    make(renderer, plan, module.ExportOptions(batch=batch))
    make(renderer, replace(plan, path=tmp_path / "usual"))
    for path in plan.path.iterdir():
        assert path.read_bytes() == (tmp_path / "usual" / path.name).read_bytes()


@pytest.mark.parametrize("channels", [1, 4])
def test_grey_stays_grey_and_transparent_becomes_white(tmp_path, channels):
    renderer = Renderer(tiny_model(tiny_config(channels=channels)), "cpu")
    plan = plan_for(tmp_path / "walk.mp4")
    make(renderer, plan)
    first = decode(plan.path)[0]
    assert error_between(first, enlarged(over_white(renderer.render(LOOKS[0])))) < 3
    if channels == 1:
        assert np.ptp(first.astype(int), axis=-1).max() <= 2


def test_an_even_pace_is_measured_first(tmp_path, renderer):
    plan = plan_for(tmp_path / "walk.mp4", small_walk(pace="even"), width=16)
    stages = [step.stage for step in make(renderer, plan)]
    assert stages.index("measuring") == 0
    assert stages.count("measuring") == 75
    assert len(decode(plan.path)) == 12


def test_progress_tells_what_is_left_and_shows_the_picture(tmp_path, renderer):
    steps = make(renderer, plan_for(tmp_path / "walk.mp4"))
    shown = [step for step in steps if step.picture is not None]
    assert len(shown) == 12
    assert np.array_equal(shown[0].picture, renderer.render(LOOKS[0]))
    assert all(step.seconds_left is not None and step.seconds_left >= 0 for step in shown)
    assert shown[-1].seconds_left == 0


def test_the_name_appears_with_the_last_step(tmp_path, renderer):
    plan = plan_for(tmp_path / "walk.mp4")
    seen = []
    for step in module.export_video(renderer, plan):
        seen.append(plan.path.exists())
        assert step.stage != "rendering" or not plan.path.exists()
    assert seen[-1]
    assert names(tmp_path) == ["walk.mp4", "walk.mp4.json"]


@pytest.mark.parametrize("name", ["walk.mp4", "walk.gif", "frames"])
@pytest.mark.parametrize("after", [0, 1, 5])
def test_closing_cancels_and_leaves_nothing(tmp_path, renderer, after, name):
    steps = module.export_video(renderer, plan_for(tmp_path / name))
    for _ in range(after):
        next(steps)
    steps.close()
    assert names(tmp_path) == []


def test_closing_while_the_file_is_finished_leaves_nothing(tmp_path, renderer):
    steps = module.export_video(renderer, plan_for(tmp_path / "walk.gif", small_walk(seconds=2.0)))
    while next(steps).stage != "finishing":
        pass
    steps.close()
    assert names(tmp_path) == []


def test_a_failure_while_rendering_leaves_nothing(tmp_path, renderer, monkeypatch):
    steps = module.export_video(renderer, plan_for(tmp_path / "walk.mp4"))
    next(steps)
    monkeypatch.setattr(Renderer, "_render_each", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        list(steps)
    assert names(tmp_path) == []


def test_a_look_that_does_not_fit_is_a_sentence(tmp_path, renderer):
    wrong = small_walk()
    wrong = replace(wrong, keys=(replace(wrong.keys[0], look=replace(LOOKS[0], class_weights=(1.0, 0.0))), *wrong.keys))
    with pytest.raises(ConfigError, match="class weights"):
        make(renderer, plan_for(tmp_path / "walk.mp4", wrong))
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", ["taken.mp4", "nowhere/walk.mp4", "beside.mp4"])
def test_a_place_that_cannot_work_is_refused_before_anything_is_rendered(tmp_path, renderer, name, monkeypatch):
    (tmp_path / "taken.mp4").write_bytes(b"mine")
    (tmp_path / "beside.mp4.json").write_bytes(b"mine")
    monkeypatch.setattr(Renderer, "ws", lambda *args: pytest.fail("rendered"))
    with pytest.raises(ExportError, match=r"exists already|does not exist"):
        module.export_video(renderer, plan_for(tmp_path / name))
    assert names(tmp_path) == ["beside.mp4.json", "taken.mp4"]


def test_a_file_that_came_into_being_during_the_export_is_kept(tmp_path, renderer):
    plan = plan_for(tmp_path / "walk.mp4")
    with contextlib.closing(module.export_video(renderer, plan)) as steps:
        next(steps)
        plan.path.write_bytes(b"theirs")
        with pytest.raises(ExportError, match="exists already"):
            list(steps)
    assert plan.path.read_bytes() == b"theirs"
    assert names(tmp_path) == ["walk.mp4"]


def use_encoder(monkeypatch, folder: Path, script: str):
    """An FFmpeg that knows every encoder and then does what the script says."""
    program = folder / "ffmpeg"
    listing = "echo ' V..... libx264 x'; exit 0"
    program.write_text(f'#!/bin/sh\ncase "$*" in *-encoders*) {listing};; esac\n{script}\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))


@pytest.mark.skipif(os.name == "nt", reason="the failing encoder is a shell script")
@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("echo 'av_interleaved_write_frame(): No space left on device' >&2; exit 228", "the disk is full"),
        ("echo 'Unknown option' >&2; exit 8", "the encoder failed .*Unknown option"),
        ("exit 3", "the encoder failed .*exit status 3"),
        ("cat > /dev/null; echo 'late trouble' >&2; exit 1", "the encoder failed .*late trouble"),
        ("kill -9 $$", "the encoder failed .*exit status -9"),
    ],
)
def test_a_failing_encoder_is_a_sentence_and_leaves_no_file(tmp_path, renderer, monkeypatch, script, sentence):
    tools, target = tmp_path / "tools", tmp_path / "target"
    tools.mkdir()
    target.mkdir()
    use_encoder(monkeypatch, tools, script)
    with pytest.raises(ExportError, match=sentence) as caught:
        make(renderer, plan_for(target / "walk.mp4"))
    assert str(target / "walk.mp4") in str(caught.value)
    assert names(target) == []


@pytest.mark.skipif(os.name == "nt", reason="the poor encoder is a shell script")
def test_a_missing_codec_is_a_sentence(tmp_path, renderer, monkeypatch):
    tools = tmp_path / "tools"
    tools.mkdir()
    use_encoder(monkeypatch, tools, "exit 1")
    with pytest.raises(ExportError, match="no encoder libsvtav1 for av1"):
        make(renderer, plan_for(tmp_path / "walk.mp4", format="av1"))
    assert names(tmp_path) == ["tools"]


def test_a_missing_encoder_is_a_sentence(tmp_path, renderer, monkeypatch):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "gone"))
    with pytest.raises(ExportError, match="does not start"):
        make(renderer, plan_for(tmp_path / "walk.mp4"))
    assert names(tmp_path) == []

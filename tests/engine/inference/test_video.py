import contextlib
import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from PIL import Image

from engine.errors import ConfigError, ExportError
from engine.inference.encoder import VideoFormat, encode_mp4
from engine.inference.images import over_white
from engine.inference.renderer import Renderer
from engine.inference.requests import Look, Noise, SeedLatent, StyleMix, Truncation, look_from_dict
from engine.inference.video import export_video
from engine.inference.video_plan import VideoPlan
from tests.engine.inference.tiny_models import tiny_config, tiny_model

LOOKS = (
    Look(latent=SeedLatent(seed=1), truncation=Truncation(psi=0.6), noise=Noise(mode="random", seed=5)),
    Look(latent=SeedLatent(seed=2), style_mixes=(StyleMix(latent=SeedLatent(seed=9), strengths=(0.0, 0.7, 1.0)),)),
    Look(latent=SeedLatent(seed=3), truncation=Truncation(psi=0.9, cutoff=2)),
)


@pytest.fixture(scope="module")
def renderer():
    return Renderer(tiny_model(), "cpu")


def make_plan(folder, **options):
    return VideoPlan(**{"looks": LOOKS, "path": folder / "walk.mp4", "seconds_per_step": 0.2, "fps": 20, **options})


def decode(path):
    """(frames as RGB uint8 [N, H, W, 3], the stream, the container's metadata)"""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
        return np.stack(frames), stream, container.metadata


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def error_between(a, b):
    return float(np.abs(a.astype(int) - b.astype(int)).mean())


def encode(path, frames):
    height, width = frames[0].shape[:2]
    video_format = VideoFormat(width=width, height=height, fps=30, recipe={}, shown_path=path)
    with encode_mp4(path, video_format) as encoder:
        for frame in frames:
            encoder.write(frame)


@pytest.mark.parametrize("loop", [True, False])
def test_a_video_shows_the_walk_frame_by_frame(tmp_path, renderer, loop):
    plan = make_plan(tmp_path, loop=loop)
    assert list(export_video(renderer, plan)) == list(range(1, plan.frame_count + 1))
    frames, stream, _ = decode(plan.path)

    assert frames.shape == (12 if loop else 9, 256, 256, 3)
    assert stream.codec_context.name == "h264"
    assert stream.codec_context.pix_fmt == "yuv420p"
    assert float(stream.average_rate) == 20
    keys = torch.stack([renderer.ws(look) for look in LOOKS])
    walk = [
        renderer.render_ws((keys[key] * (1 - t) + keys[following] * t)[None], LOOKS[0].noise)[0]
        .repeat(16, 0)
        .repeat(16, 1)
        for key, following, t in plan.positions()
    ]
    for frame, expected in zip(frames, walk, strict=True):
        assert error_between(frame, expected) < 3
    assert error_between(walk[0], walk[4]) > 10  # else the comparison would say nothing
    if loop:  # one step further would be the first frame again: the seam is no larger than the other steps
        steps = [error_between(a, b) for a, b in zip(frames, [*frames[1:], frames[0]], strict=True)]
        assert 0 < steps[-1] <= 1.5 * max(steps[:-1])
        assert min(steps) > 5  # more than the encoder's error: no frame is shown twice


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (200, 100, 50)])
def test_colours_come_back_right(tmp_path, colour):
    frames = [np.full((64, 64, 3), colour, dtype=np.uint8)] * 3
    encode(tmp_path / "colour.mp4", frames)
    decoded, stream, _ = decode(tmp_path / "colour.mp4")
    assert np.abs(decoded.astype(int) - np.array(colour)).max() <= 3
    context = stream.codec_context
    assert (context.colorspace, context.color_primaries, context.color_trc) == (1, 1, 1)  # BT.709, in H.273's numbers
    assert context.color_range == 1  # limited


def test_a_real_picture_comes_back_close(tmp_path):
    y, x = np.mgrid[0:128, 0:192] / 128
    picture = np.stack([np.sin(6 * x + 2 * y), np.cos(5 * y), np.sin(4 * x * y)], axis=-1)
    picture = ((picture + 1) * 127.5).astype(np.uint8)
    frames = [np.roll(picture, 2 * shift, axis=1) for shift in range(8)]
    encode(tmp_path / "photo.mp4", frames)
    decoded, _, _ = decode(tmp_path / "photo.mp4")
    assert error_between(decoded, np.stack(frames)) < 3


def test_the_index_stands_in_front_and_the_recipe_inside(tmp_path, renderer):
    looks = LOOKS * 60  # far more than one command line could carry on some systems
    plan = make_plan(tmp_path, looks=looks, seconds_per_step=0.05, size=16)
    for _ in export_video(renderer, plan):
        pass
    data = plan.path.read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")
    recipe = json.loads(decode(plan.path)[2]["comment"])
    assert tuple(look_from_dict(look) for look in recipe["looks"]) == looks
    assert recipe["model"] == renderer.info.content_id


@pytest.mark.parametrize(
    ("resolution", "size", "expected"), [(8, None, 256), (16, 101, 102), (16, 8, 8), (64, None, 256), (16, 2, 2)]
)
def test_every_size_can_be_made(tmp_path, resolution, size, expected):
    renderer = Renderer(tiny_model(tiny_config(resolution=resolution)), "cpu")
    plan = make_plan(tmp_path, looks=LOOKS[::2], size=size, seconds_per_step=0.1)
    for _ in export_video(renderer, plan):
        pass
    assert decode(plan.path)[0].shape == (4, expected, expected, 3)


@pytest.mark.parametrize("channels", [1, 4])
def test_grey_stays_grey_and_transparent_becomes_white(tmp_path, channels):
    renderer = Renderer(tiny_model(tiny_config(channels=channels)), "cpu")
    plan = make_plan(tmp_path, looks=LOOKS[::2])
    for _ in export_video(renderer, plan):
        pass
    first = decode(plan.path)[0][0]
    pixels = renderer.render(LOOKS[0])
    assert error_between(first, over_white(pixels).repeat(16, 0).repeat(16, 1)) < 3
    if channels == 1:
        assert np.ptp(first.astype(int), axis=-1).max() <= 2


def test_a_size_that_is_no_multiple_is_resampled(tmp_path, renderer):
    plan = make_plan(tmp_path, size=100)
    for _ in export_video(renderer, plan):
        pass
    expected = Image.fromarray(renderer.render(LOOKS[0])).resize((100, 100), Image.Resampling.LANCZOS)
    assert error_between(decode(plan.path)[0][0], np.asarray(expected)) < 5


def test_the_name_appears_when_the_last_frame_is_reported(tmp_path, renderer):
    plan = make_plan(tmp_path)
    frames = export_video(renderer, plan)
    assert names(tmp_path) == []
    for done in frames:
        assert plan.path.exists() == (done == plan.frame_count)
        assert len(names(tmp_path)) == 1
    assert names(tmp_path) == ["walk.mp4"]


@pytest.mark.parametrize("after", [0, 1, 5])
def test_closing_cancels_and_leaves_nothing(tmp_path, renderer, after):
    frames = export_video(renderer, make_plan(tmp_path))
    for _ in range(after):
        next(frames)
    frames.close()
    assert names(tmp_path) == []


def test_a_failure_while_rendering_leaves_nothing(tmp_path, renderer, monkeypatch):
    frames = export_video(renderer, make_plan(tmp_path))
    next(frames)
    monkeypatch.setattr(Renderer, "render_ws", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        next(frames)
    assert names(tmp_path) == []


def test_a_look_that_does_not_fit_is_a_sentence(tmp_path, renderer):
    wrong = replace(LOOKS[0], class_weights=(1.0, 0.0))
    with pytest.raises(ConfigError, match="class weights"):
        list(export_video(renderer, make_plan(tmp_path, looks=(LOOKS[0], wrong))))
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "word"),
    [("taken.mp4", "exists already"), ("nowhere/walk.mp4", "does not exist"), ("walk.avi", r"ends in \.mp4")],
)
def test_a_place_that_cannot_work_is_refused_before_anything_is_rendered(tmp_path, renderer, name, word, monkeypatch):
    (tmp_path / "taken.mp4").write_bytes(b"mine")
    monkeypatch.setattr(Renderer, "ws", lambda *args: pytest.fail("rendered"))
    with pytest.raises(ExportError, match=word):
        export_video(renderer, make_plan(tmp_path, path=tmp_path / name))
    assert (tmp_path / "taken.mp4").read_bytes() == b"mine"
    assert names(tmp_path) == ["taken.mp4"]


def test_a_file_that_came_into_being_during_the_export_is_kept(tmp_path, renderer):
    plan = make_plan(tmp_path)
    with contextlib.closing(export_video(renderer, plan)) as frames:
        next(frames)
        plan.path.write_bytes(b"theirs")
        with pytest.raises(ExportError, match="exists already"):
            list(frames)
    assert plan.path.read_bytes() == b"theirs"
    assert names(tmp_path) == ["walk.mp4"]


def use_encoder(monkeypatch, folder: Path, script: str):
    program = folder / "ffmpeg"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))


@pytest.mark.skipif(os.name == "nt", reason="the failing encoder is a shell script")
@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("echo 'av_interleaved_write_frame(): No space left on device' >&2; exit 228", "the disk is full"),
        ("echo 'Unknown encoder libx264' >&2; exit 8", "the encoder failed .*Unknown encoder libx264"),
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
        list(export_video(renderer, make_plan(target)))
    assert str(target / "walk.mp4") in str(caught.value)
    assert names(target) == []


def test_a_missing_encoder_is_a_sentence(tmp_path, renderer, monkeypatch):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "gone"))
    with pytest.raises(ExportError, match="does not start"):
        list(export_video(renderer, make_plan(tmp_path)))
    assert names(tmp_path) == []


def test_a_frame_of_the_wrong_shape_is_a_bug_of_the_caller(tmp_path):
    with pytest.raises(ValueError, match="a frame of this video"):
        encode(tmp_path / "a.mp4", [np.zeros((8, 8, 3), np.uint8), np.zeros((8, 9, 3), np.uint8)])

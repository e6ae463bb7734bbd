import subprocess
import wave
from dataclasses import replace
from itertools import pairwise

import av
import numpy as np
import pytest

from engine.errors import ConfigError, DataError, ExportError
from engine.inference.renderer import Renderer
from engine.video import edits
from engine.video.ffmpeg import find_ffmpeg
from engine.video.sound import LOUDNESS_RATE, driven_by, loudness, onsets, read_sound, waveform
from engine.video.timeline import Key, Timeline
from tests.engine.inference.tiny_models import tiny_model
from tests.engine.video.films import LOOKS, make, names, plan_for, small_walk

CLICKS = (0.5, 1.0, 1.3, 2.2)
RATE = 44_100


@pytest.fixture(scope="module")
def renderer():
    return Renderer(tiny_model(), "cpu")


def write_wav(path, samples):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.stack([samples, samples], axis=1).clip(-1, 1) * 32767).astype("<i2").tobytes())
    return path


def plucks(times=CLICKS, seconds=3.0, frequency=700.0):
    """Tones that begin at once and die away, over a quiet hum."""
    t = np.arange(int(seconds * RATE)) / RATE
    sound = 0.01 * np.sin(2 * np.pi * 90 * t)
    for begin in times:
        since = np.maximum(t - begin, 0)
        sound += (t >= begin) * 0.7 * np.exp(-12 * since) * np.sin(2 * np.pi * frequency * since)
    return sound


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sounds")
    wav = write_wav(folder / "clicks.wav", plucks())
    for suffix in ("mp3", "flac"):
        command = [find_ffmpeg(), "-loglevel", "error", "-i", str(wav), str(folder / f"clicks.{suffix}")]
        subprocess.run(command, check=True)
    return folder


@pytest.mark.parametrize("suffix", ["wav", "mp3", "flac"])
def test_beats_are_found_within_a_frame(files, suffix):
    sound = read_sound(files / f"clicks.{suffix}")
    assert sound.seconds == pytest.approx(3.0, abs=0.1)
    assert onsets(sound) == pytest.approx(CLICKS, abs=1 / 60)


def test_silence_and_a_steady_tone_have_no_beats(tmp_path):
    assert onsets(read_sound(write_wav(tmp_path / "silent.wav", np.zeros(RATE)))) == ()
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)
    assert all(beat < 0.1 for beat in onsets(read_sound(write_wav(tmp_path / "tone.wav", tone))))


def test_the_waveform_shows_where_the_sound_is(files):
    shape = waveform(read_sound(files / "clicks.wav"), 30)
    assert shape.shape == (30, 2)
    loud = {int(column) for column in np.flatnonzero(shape[:, 1] > 0.3)}
    assert {5, 10, 13, 22} <= loud <= {5, 6, 10, 11, 13, 14, 22, 23}
    assert (shape[:, 0] <= shape[:, 1]).all()
    assert waveform(read_sound(files / "clicks.wav"), 4, start=10, end=12).max() == 0


def test_a_band_is_loud_where_its_tones_are(tmp_path):
    t = np.arange(2 * RATE) / RATE
    low, high = np.sin(2 * np.pi * 60 * t) * (t < 1), np.sin(2 * np.pi * 3000 * t) * (t >= 1)
    sound = read_sound(write_wav(tmp_path / "two.wav", 0.4 * (low + high)))
    for band, first, second in (((20, 150), 1.0, 0.0), ((2000, 8000), 0.0, 1.0)):
        values = loudness(sound, *band)
        assert np.mean(values[10:50]) == pytest.approx(first, abs=0.1)
        assert np.mean(values[70:110]) == pytest.approx(second, abs=0.1)
        assert 0 <= min(values) <= max(values) <= 1
    assert len(loudness(sound, 20, 150)) == pytest.approx(2 * LOUDNESS_RATE, abs=2)


def test_a_sound_becomes_a_modulation_from_where_the_film_begins(files):
    sound = read_sound(files / "clicks.wav")
    whole, later = (driven_by(sound, "psi", "mid", 0.5, start) for start in (0.0, 0.5))
    assert later.values == whole.values[30:]
    assert later.at(0.02) > 0.3
    assert driven_by(sound, "psi", "400-1000", 0.5).values != driven_by(sound, "psi", "bass", 0.5).values
    for band in ("loud", "40-", "100-40", "a-b"):
        with pytest.raises(ConfigError, match="band"):
            driven_by(sound, "psi", band, 0.5)


def test_keys_snap_to_the_beats_of_a_sound(files):
    timeline = Timeline(keys=tuple(Key(look=look, transition=0.9) for look in LOOKS), loop=False)
    snapped = edits.snapped(timeline, onsets(read_sound(files / "clicks.wav")))
    assert snapped.starts == pytest.approx((0, 1.0, 1.3), abs=1 / 60) or snapped.starts == pytest.approx(
        (0, 1.0, 2.2), abs=1 / 60
    )


@pytest.mark.parametrize("name", ["walk.mp4", "walk.webm"])
@pytest.mark.parametrize("start", [0.0, 0.3])
def test_sound_and_picture_meet_within_a_frame(tmp_path, renderer, name, start):
    """The picture jumps where the sound sets in; both are found again in the finished film."""
    jump, fps = 0.9 - start, 30
    sound = write_wav(tmp_path / "one.wav", plucks((0.9,), seconds=4.0))
    keys = tuple(Key(look=look, hold=hold, transition=0.0) for look, hold in zip(LOOKS, (jump, 1.0), strict=False))
    plan = replace(
        plan_for(tmp_path / name, Timeline(keys=keys, loop=False, fps=fps), width=32, sound=sound), sound_start=start
    )
    make(renderer, plan)
    with av.open(str(plan.path)) as container:
        pictures = [(frame.time, frame.to_ndarray(format="rgb24").astype(int)) for frame in container.decode(video=0)]
    with av.open(str(plan.path)) as container:
        heard = []
        for frame in container.decode(audio=0):
            level = np.abs(frame.to_ndarray().astype(float)).reshape(len(frame.layout.channels), -1).max(axis=0)
            heard += [(frame.time + i / frame.sample_rate, value) for i, value in enumerate(level[: frame.samples])]
    changes = [float(np.abs(b[1] - a[1]).mean()) for a, b in pairwise(pictures)]
    seen = pictures[int(np.argmax(changes)) + 1][0]
    peak = max(value for _, value in heard)
    begins = next(time for time, value in heard if value > 0.3 * peak)
    assert abs(seen - jump) <= 1 / fps
    assert abs(begins - seen) <= 1 / fps
    assert heard[-1][0] == pytest.approx(plan.frame_count / fps, abs=0.1)
    assert len(pictures) == plan.frame_count


def test_a_short_sound_ends_before_the_film(tmp_path, renderer):
    sound = write_wav(tmp_path / "short.wav", plucks((0.1,), seconds=0.3))
    plan = plan_for(tmp_path / "walk.mp4", small_walk(), width=32, sound=sound)
    make(renderer, plan)
    with av.open(str(plan.path)) as container:
        assert len(list(container.decode(video=0))) == 12


@pytest.mark.parametrize("content", [b"", b"no sound at all" * 50])
def test_a_file_without_sound_is_a_sentence(tmp_path, renderer, content):
    (tmp_path / "no.wav").write_bytes(content)
    with pytest.raises(DataError, match="no sound that can be read"):
        read_sound(tmp_path / "no.wav")
    with pytest.raises(DataError, match="no sound that can be read"):
        make(renderer, plan_for(tmp_path / "walk.mp4", width=32, sound=tmp_path / "no.wav"))
    assert names(tmp_path) == ["no.wav"]


def test_a_missing_sound_is_a_sentence(tmp_path, renderer):
    with pytest.raises(DataError, match="does not exist"):
        read_sound(tmp_path / "gone.mp3")
    with pytest.raises(ExportError, match="does not exist"):
        make(renderer, plan_for(tmp_path / "walk.mp4", sound=tmp_path / "gone.mp3"))

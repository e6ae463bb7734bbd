"""A sound is listened to once: beats, bands, and where its file is found again."""

import json
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest

from engine.errors import ConfigError, DataError, ExportError
from engine.inference.renderer import Renderer
from engine.inference.requests import Look, SeedLatent, Truncation
from engine.video import edits
from engine.video.beats import every_nth
from engine.video.ffmpeg import find_ffmpeg
from engine.video.finishing import json_beside
from engine.video.listening import STAGES, listen
from engine.video.moving import Modulation
from engine.video.plan_file import recipe_of_plan
from engine.video.recipe import read_video_recipe
from engine.video.sound import LOUDNESS_RATE, levels, read_sound, smoothed, write_playable
from engine.video.soundtrack import Soundtrack, as_seen_from, content_id_of, found_again
from engine.video.timeline import Key, Timeline
from engine.video.timeline_file import read_timeline, timeline_to_dict
from engine.video.walk import Walk
from tests.engine.inference.tiny_models import tiny_model
from tests.engine.video.films import LOOKS, decode, make, plan_for, small_walk
from tests.engine.video.test_sound import plucks, write_wav


@pytest.fixture(scope="module")
def renderer():
    return Renderer(tiny_model(), "cpu")


def song(tempo: float, seconds: float = 12.0, offset: float = 0.4) -> np.ndarray:
    """Strong beats, and weaker ones a third and a half of the way to the next."""
    beat = 60 / tempo
    times = np.arange(offset, seconds - 0.3, beat)
    sound = plucks(times, seconds, 500.0)
    weak = np.concatenate([times + beat / 2, times[::3] + beat / 4])
    return sound + 0.3 * plucks(weak[weak < seconds - 0.2], seconds, 2400.0)


@pytest.mark.parametrize("tempo", [84.0, 120.0, 131.0])
def test_a_foot_taps_the_strong_beats(tmp_path, tempo):
    heard = listen(write_wav(tmp_path / "song.wav", song(tempo)))
    wanted = np.arange(0.4, 11.7, 60 / tempo)
    assert len(heard.onsets) > 1.4 * len(wanted)
    assert len(heard.beats) == pytest.approx(len(wanted), abs=1)
    for beat in heard.beats:
        assert abs(wanted - beat).min() < 1 / 60


def test_listening_knows_all_at_once_and_tells_its_stages(tmp_path):
    path = write_wav(tmp_path / "song.wav", song(120.0))
    told: list[str] = []
    heard, sound = listen(path, told.append), read_sound(path)
    assert list(dict.fromkeys(told)) == list(STAGES)
    assert heard.content_id == content_id_of(path)
    assert heard.seconds == sound.seconds == pytest.approx(12.0, abs=0.01)
    assert heard.shape.shape == (2400, 2)
    assert heard.shape[:, 1].max() == pytest.approx(float(sound.samples.max()), abs=1e-6)
    assert heard.curve("mid", 0.1, 2.0) == heard.curve("mid", 0.1)[2 * LOUDNESS_RATE :]
    with pytest.raises(ConfigError, match="band"):
        heard.curve("loud", 0.1)


def test_listening_is_given_up_when_nobody_wants_it_any_more(tmp_path):
    path = write_wav(tmp_path / "song.wav", song(120.0))
    for stages in range(4):
        begun: list[str] = []
        with pytest.raises(DataError, match="given up"):
            listen(path, begun.append, lambda: len(begun) >= stages)  # noqa: B023 - called at once
        assert len(begun) <= stages


def test_more_smoothing_is_calmer_and_never_shifts(tmp_path):
    sound = read_sound(write_wav(tmp_path / "one.wav", plucks((1.5,), 3.0)))
    level = levels(sound, {"mid": (150.0, 2000.0)})["mid"]
    quick, calm = smoothed(level, 0.05), smoothed(level, 0.8)
    assert len(quick) == len(calm) == len(level)
    assert np.abs(np.diff(calm)).max() < 0.3 * np.abs(np.diff(quick)).max()
    symmetric = np.zeros(181, np.float32)
    symmetric[90] = 1.0
    for smoothing in (0.05, 0.3, 2.0, 10.0):
        around = np.array(smoothed(symmetric, smoothing))
        assert abs(np.flatnonzero(around == around.max()).mean() - 90) <= 0.5
    assert smoothed(np.zeros(5, np.float32), 0.1) == (0.0,) * 5


def test_every_nth_beat_goes_on_after_the_last():
    times = (0.0, 0.5, 1.0, 1.5, 2.0)
    assert every_nth(times, 1, 3) == (0.5, 1.0, 1.5)
    assert every_nth(times, 2, 3) == pytest.approx((1.0, 2.0, 3.0))
    assert every_nth((), 1, 2) == (0.5, 1.0)


@pytest.mark.parametrize("loop", [True, False])
def test_keys_are_put_on_times(loop):
    keys = tuple(Key(look=look, hold=0.4, transition=1.0) for look in LOOKS)
    timeline = edits.on_times(Timeline(keys=keys, loop=loop), (0.3, 1.0, 2.5))
    assert timeline.starts == pytest.approx((0.0, 0.3, 1.0))
    assert timeline.keys[0].hold == pytest.approx(0.3)
    assert timeline.keys[1].hold == 0.4
    assert timeline.duration == pytest.approx(2.5 if loop else 1.4)
    assert edits.on_times(Timeline(keys=keys, loop=loop), ()) == Timeline(keys=keys, loop=loop)


def test_a_direction_leads_from_the_mean_picture_to_a_latent(renderer):
    latent = SeedLatent(seed=7)
    there, mean = Look(latent=latent), Look(latent=latent, truncation=Truncation(psi=0.0))
    way = renderer.ws(there).cpu() - renderer.ws(mean).cpu()
    pulse = Modulation(target="direction", amount=0.5, rate=1.0, values=(0.0, 1.0, 0.0), latent=latent)
    plain, driven = (Walk(renderer, small_walk(2.0, modulations=each)) for each in ((), (pulse,)))
    for seconds, amount in ((0.0, 0.0), (1.0, 0.5), (1.5, 0.25), (3.0, 0.0)):
        expected = plain.at(seconds).ws.cpu() + amount * way
        assert np.allclose(driven.at(seconds).ws.cpu(), expected, atol=1e-5)
    for wrong in ({"target": "psi", "latent": latent}, {"target": "direction", "latent": None}):
        with pytest.raises(ConfigError, match="direction"):
            Modulation(amount=1.0, rate=1.0, values=(), **wrong)


def test_a_sound_is_found_again_by_its_content(tmp_path, monkeypatch):
    music, films = tmp_path / "Music", tmp_path / "Films"
    for folder in (music, films):
        folder.mkdir()
    path = write_wav(music / "a.wav", plucks())
    track = Soundtrack(path=path, content_id=content_id_of(path), start=1.0)
    seen = as_seen_from(track, films)
    assert seen.path == Path("../Music/a.wav")
    assert found_again(seen, [films]) == track
    path.rename(films / "a.wav")
    assert found_again(seen, [films]).path == films / "a.wav"
    write_wav(films / "a.wav", plucks((0.1,)))
    assert found_again(seen, [films]) == track
    monkeypatch.setattr(Path, "home", lambda: music)
    assert as_seen_from(track, films).path == Path("a.wav")
    assert as_seen_from(track, music / "films").path == Path("../a.wav")


@pytest.mark.parametrize("suffix", ["wav", "mp3", "flac", "ogg", "m4a"])
def test_a_playable_copy_lasts_as_long(tmp_path, suffix):
    path = write_wav(tmp_path / "a.wav", plucks())
    if suffix != "wav":
        path = tmp_path / f"a.{suffix}"
        subprocess.run([find_ffmpeg(), "-loglevel", "error", "-i", str(tmp_path / "a.wav"), str(path)], check=True)
    write_playable(path, tmp_path / "playable.wav")
    with av.open(str(tmp_path / "playable.wav")) as container:
        assert container.duration / av.time_base == pytest.approx(3.0, abs=0.1)
    assert listen(path).onsets == pytest.approx((0.5, 1.0, 1.3, 2.2), abs=1 / 60)
    (tmp_path / "no.mp3").write_bytes(b"none" * 99)
    with pytest.raises(DataError, match="no sound"):
        write_playable(tmp_path / "no.mp3", tmp_path / "other.wav")


def test_a_sound_that_is_too_long_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.video.sound.MAX_SECONDS", 2)
    with pytest.raises(DataError, match="longer than"):
        read_sound(write_wav(tmp_path / "long.wav", plucks()))


def test_a_film_carries_its_timelines_sound_and_the_way_to_it(tmp_path, renderer):
    path = write_wav(tmp_path / "a.wav", plucks())
    track = Soundtrack(path=path, content_id=content_id_of(path), start=0.25)
    timeline = small_walk(sound=track)
    make(renderer, plan_for(tmp_path / "walk.mp4", timeline, width=32))
    with av.open(str(tmp_path / "walk.mp4")) as container:
        samples = np.concatenate([frame.to_ndarray().mean(axis=0) for frame in container.decode(audio=0)])
        rate = container.streams.audio[0].rate
    begins = np.flatnonzero(np.abs(samples) > 0.2 * np.abs(samples).max())[0] / rate
    assert begins == pytest.approx(0.5 - track.start, abs=1 / timeline.fps)
    recipe = read_video_recipe(tmp_path / "walk.mp4")
    assert recipe["timeline"]["sound"]["path"] == "a.wav"
    assert read_timeline(json_beside(tmp_path / "walk.mp4")) == timeline
    make(renderer, plan_for(tmp_path / "walk.gif", timeline, width=32))
    assert len(decode(tmp_path / "walk.gif")) == timeline.frame_count
    write_wav(path, plucks((0.1,)))
    with pytest.raises(ExportError, match="another one"):
        make(renderer, plan_for(tmp_path / "again.mp4", timeline, width=32))
    path.unlink()
    with pytest.raises(ExportError, match="does not exist"):
        make(renderer, plan_for(tmp_path / "again.mp4", timeline, width=32))


def test_the_recipe_names_no_folder_beyond_the_way(tmp_path):
    track = Soundtrack(path=tmp_path / "secret" / "a.wav", content_id="0" * 64)
    plan = plan_for(tmp_path / "secret" / "walk.mp4", small_walk(sound=track))
    assert str(tmp_path) not in json.dumps(recipe_of_plan(plan, "id"))
    assert timeline_to_dict(plan.timelines[0])["sound"]["path"] == track.path.as_posix()


def test_values_that_cannot_be_are_refused():
    with pytest.raises(ConfigError, match="starts at"):
        Soundtrack(path=Path("a"), content_id="", start=-1.0)
    with pytest.raises(ConfigError, match="averaged"):
        Modulation(target="psi", amount=1.0, rate=1.0, values=(), smoothing=-1.0)

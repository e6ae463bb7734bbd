"""A film's sound in the window: dropped, seen, snapped to, followed, heard, exported, and found again."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.formats.model_file import load_model
from engine.inference.renderer import Renderer
from engine.video.ffmpeg import find_ffmpeg
from engine.video.pictures import Painter
from engine.video.soundtrack import content_id_of
from engine.video.timeline import Timeline
from engine.video.walk import Walk
from explorer.app.sound_player import buffered_seconds, heard_seconds
from explorer.library.settings import Settings, read_settings, write_settings
from tests.engine.video.test_sound import plucks, write_wav
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import MODEL, Driver
from tests.explorer.app.test_timeline import frame, message, studio, view, with_keys

CLICKS = tuple(0.5 + 0.5 * number for number in range(14))


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """120 beats a minute for eight seconds."""
    return write_wav(tmp_path / "a song.wav", plucks(CLICKS, seconds=8.0))


def drop(driver: Driver, path: Path) -> None:
    driver.post(pygame.DROPFILE, file=str(path))
    driver.pump(lambda: not driver.app.timeline.sounds.busy and not driver.app.errands.busy, "the sound")
    driver.frames()


def with_sound(driver: Driver, path: Path, keys: int = 3) -> None:
    with_keys(driver, keys)
    drop(driver, path)
    view(driver).track.focus()


def choose_sound(driver: Driver) -> None:
    driver.click(view(driver).sound_button)
    driver.frames()


@pytest.mark.parametrize("suffix", ["wav", "mp3", "flac", "ogg"])
def test_a_sound_that_is_dropped_is_seen_below_the_keys(driver: Driver, song: Path, suffix: str) -> None:
    path = song.with_suffix(f".{suffix}")
    if suffix != "wav":
        subprocess.run([find_ffmpeg(), "-loglevel", "error", "-i", str(song), str(path)], check=True)
    with_keys(driver)
    before, height = studio(driver).timeline, view(driver).track.rect.height
    drop(driver, path)
    track = view(driver).track
    sound = studio(driver).timeline.sound
    assert sound is not None
    assert (sound.path, sound.content_id) == (path, content_id_of(path))
    assert track.rect.height > height
    assert track.lane is not None
    assert track.lane.words == path.name
    assert track.lane.heard is not None
    assert track.lane.heard.onsets == pytest.approx(CLICKS, abs=1 / 60)
    assert [any(abs(beat - click) < 1 / 60 for beat in track.lane.heard.beats) for click in CLICKS].count(True) > 12
    lane = track.lane_place
    pixels = pygame.surfarray.array3d(track.image)[:, lane.top : lane.bottom].astype(int)
    changes = np.abs(np.diff(pixels[:, lane.height // 2 - 8], axis=0)).sum(axis=1)
    loud = {track.geometry.x(click) for click in CLICKS if click < before.duration}
    assert all(changes[x - 3 : x + 4].max() > 60 for x in loud)
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    assert studio(driver).timeline == before
    driver.frames()
    assert view(driver).track.lane is None
    driver.key(pygame.K_y, mod=pygame.KMOD_LCTRL)
    driver.frames()
    assert studio(driver).timeline.sound == sound
    assert view(driver).track.lane is not None


def test_the_lane_scrolls_and_grows_with_the_track(driver: Driver, song: Path) -> None:
    with_sound(driver, song)
    track = view(driver).track
    driver.move(track.time_point(3.0))
    before = pygame.surfarray.array3d(track.image)[:, -20:]
    pygame.key.set_mods(pygame.KMOD_CTRL)
    driver.post(pygame.MOUSEWHEEL, x=0, y=3, flipped=False, precise_x=0.0, precise_y=3.0)
    pygame.key.set_mods(pygame.KMOD_NONE)
    driver.frames()
    zoomed = pygame.surfarray.array3d(track.image)[:, -20:]
    driver.post(pygame.MOUSEWHEEL, x=0, y=-2, flipped=False, precise_x=0.0, precise_y=-2.0)
    driver.frames()
    scrolled = pygame.surfarray.array3d(track.image)[:, -20:]
    assert not np.array_equal(before, zoomed)
    moved = 2 * 64
    assert np.abs(zoomed[moved:-40].astype(int) - scrolled[: -moved - 40]).mean() < 4


@pytest.mark.parametrize("content", [b"", b"no sound at all" * 50])
def test_a_bad_file_is_a_sentence_and_loses_nothing(driver: Driver, song: Path, content: bytes) -> None:
    with_sound(driver, song)
    before = driver.app.session.document
    bad = song.with_name("bad.mp3")
    bad.write_bytes(content)
    drop(driver, bad)
    assert "holds no sound that can be read" in message(driver)
    assert driver.app.session.document == before
    assert view(driver).track.lane.heard is not None


def test_a_reading_can_be_given_up(driver: Driver, song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_keys(driver)
    before = driver.app.session.document

    def slow(_path: Path, _tell: object, cancelled: object) -> None:
        while not cancelled():
            time.sleep(0.01)
        raise AssertionError("nobody hears of this")

    monkeypatch.setattr("explorer.app.sound_reader.listen", slow)
    driver.post(pygame.DROPFILE, file=str(song))
    assert "Reading" in message(driver)
    assert driver.app.timeline.sounds.busy
    driver.click(driver.app.window.notices.action_button)
    assert not driver.app.timeline.sounds.busy
    driver.frames()
    assert driver.app.session.document == before


def test_keys_snap_to_beats_and_with_alt_they_do_not(driver: Driver, song: Path) -> None:
    with_sound(driver, song)
    track = view(driver).track
    start = track.centre(1)
    across = round(0.45 * track.geometry.scale)
    driver.drag(start, (start[0] + across, start[1]))
    assert studio(driver).timeline.starts == pytest.approx((0.0, 2.5, 4.0), abs=1 / 60)
    assert studio(driver).timeline.starts[1] in driver.app.timeline.sound.times
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    pygame.key.set_mods(pygame.KMOD_ALT)
    driver.drag(start, (start[0] + across, start[1]))
    pygame.key.set_mods(pygame.KMOD_NONE)
    free = studio(driver).timeline.starts[1]
    assert free == pytest.approx(2.0 + across / track.geometry.scale, abs=0.01)
    assert free not in driver.app.timeline.sound.times
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    choose_sound(driver)
    driver.click(view(driver).sound_column.snap)
    driver.drag(start, (start[0] + across, start[1]))
    assert studio(driver).timeline.starts[1] == free
    grip = track.hold_point(1)
    pygame.key.set_mods(pygame.KMOD_ALT)
    driver.drag(grip, (grip[0] + across, grip[1]))
    pygame.key.set_mods(pygame.KMOD_NONE)
    end = studio(driver).timeline.ends[1]
    assert min(abs(end - each) for each in driver.app.timeline.sound.times) < 1e-5


def test_a_favourite_that_is_dragged_into_the_track_becomes_a_key_on_a_beat(driver: Driver, song: Path) -> None:
    driver.click(driver.tile(3))
    with_sound(driver, song)
    track, strip = view(driver).track, driver.app.window.strip
    before = studio(driver).timeline

    def over(seconds: float) -> tuple[float | None, str]:
        """What is marked, and what is said, while it is held there."""
        start, point = strip.centre(0), track.time_point(seconds)
        driver.press(start)
        driver.move((start[0], start[1] - 40))
        driver.move((point[0], point[1] + 40))
        return track.insertion, driver.app.commands.favourite_drag.told

    off = 8 / track.geometry.scale
    marked, told = over(2.5 - off)
    assert marked in driver.app.timeline.sound.times
    assert marked == pytest.approx(2.5, abs=1 / 60)
    assert "0:02.5" in told
    assert "on a beat" in told
    driver.release(track.time_point(2.5 - off))
    assert studio(driver).timeline.starts == (0.0, 2.0, marked, 4.0)
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    assert studio(driver).timeline == before
    pygame.key.set_mods(pygame.KMOD_ALT)
    marked, told = over(2.5 - off)
    assert marked == pytest.approx(2.5 - off, abs=1 / track.geometry.scale)
    assert "beat" not in told
    driver.release(track.time_point(2.5 - off))
    pygame.key.set_mods(pygame.KMOD_NONE)
    assert studio(driver).timeline.starts == (0.0, 2.0, marked, 4.0)
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    marked, told = over(before.duration - off)
    assert (marked, told) == (before.duration, "Let go: a key at the film's end")
    driver.release(track.time_point(before.duration - off))
    assert studio(driver).timeline.keys[:3] == before.keys
    assert studio(driver).timeline.keys[3].look == driver.app.session.look_of(3)
    assert track.insertion is None


def test_keys_are_put_on_every_other_beat_in_one_step(driver: Driver, song: Path) -> None:
    with_sound(driver, song)
    before = studio(driver).timeline
    choose_sound(driver)
    column = view(driver).sound_column
    driver.type_into(column.every, "2")
    driver.click(column.put)
    timeline = studio(driver).timeline
    assert timeline.starts == pytest.approx((0.0, 1.0, 2.0), abs=1 / 60)
    assert timeline.duration == pytest.approx(3.0, abs=1 / 60)
    driver.type_into(column.start, "0.25")
    assert studio(driver).timeline.sound.start == 0.25
    driver.click(column.put)
    assert studio(driver).timeline.starts == pytest.approx((0.0, 0.75, 1.75), abs=1 / 60)
    for expected in (replace(timeline, sound=studio(driver).timeline.sound), timeline, before):
        driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
        assert studio(driver).timeline == expected
    choose_sound(driver)
    choose_sound(driver)
    driver.click(view(driver).sound_column.remove)
    driver.frames()
    assert studio(driver).timeline == replace(before, sound=None)


@pytest.mark.parametrize("target", ["psi", "direction"])
def test_what_follows_the_sound_is_seen_in_the_scrubbed_frame(driver: Driver, song: Path, target: str) -> None:
    with_sound(driver, song)
    silent = studio(driver).timeline
    driver.click(driver.tile(3), pygame.BUTTON_RIGHT)
    choose_sound(driver)
    row = view(driver).drive_row
    driver.click(row.targets.buttons[target])
    driver.click(row.bands.buttons["mid"])
    driver.type_into(row.amount, "-0.8")
    driver.type_into(row.smoothing, "0.05")
    [modulation] = studio(driver).timeline.modulations
    assert (modulation.target, modulation.band, modulation.amount, modulation.smoothing) == (target, "mid", -0.8, 0.05)
    assert (modulation.latent is not None) == (target == "direction")
    if modulation.latent is not None:
        assert modulation.latent == driver.app.session.look_of(3).latent
    assert view(driver).track.lane.curve == modulation.values
    driver.click(view(driver).track.time_point(1.05))
    seconds = studio(driver).playhead
    renderer = Renderer(load_model(MODEL), "cpu")
    shown = frame(driver)
    drawn = {
        timeline: Painter(renderer, timeline.noise).paint([Walk(renderer, timeline).at(seconds)])[0]
        for timeline in (silent, studio(driver).timeline)
    }
    assert np.array_equal(shown, drawn[studio(driver).timeline])
    assert not np.array_equal(shown, drawn[silent])
    driver.type_into(row.amount, "0")
    assert np.array_equal(frame(driver), drawn[silent])


def test_the_playhead_follows_what_is_heard(driver: Driver, song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_sound(driver, song, keys=2)
    player = driver.app.timeline.sounds._player
    driver.click(view(driver).play_button)
    driver.pump(lambda: studio(driver).playhead > 0.6, "the playhead")
    apart = []
    for _ in range(10):
        driver.app.step(0.016)
        apart.append(abs((player.position() or 0.0) - studio(driver).playhead))
    assert float(np.median(apart)) < 0.05
    driver.click(view(driver).track.time_point(2.5))
    driver.frames(2)
    assert player.position() >= 2.4
    assert player.position() == pytest.approx(studio(driver).playhead, abs=0.3)
    driver.pump(lambda: studio(driver).playhead < 1.0, "the loop")
    driver.frames(2)
    assert player.position() == pytest.approx(studio(driver).playhead, abs=0.3)
    monkeypatch.setattr(player, "position", lambda: 2.5)  # the device stands still, and so does the film
    driver.frames(4)
    assert studio(driver).playhead == pytest.approx(2.5, abs=0.1)
    monkeypatch.undo()
    driver.click(view(driver).play_button)
    driver.frames(2)
    assert not player.playing


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000])
@given(begun=st.floats(0, 600), played=st.floats(0, 600), delay=st.floats(0, 1))
def test_what_is_heard_is_what_was_handed_over_two_portions_and_a_delay_before(
    rate: int, begun: float, played: float, delay: float
) -> None:
    late = buffered_seconds(rate) + delay
    assert late == pytest.approx(2 * 1024 / rate + delay)
    heard = heard_seconds(begun, played, late)
    assert heard >= begun  # before the first sample is heard the film waits at its place
    if played >= late:
        assert heard == pytest.approx(begun + played - late)


def test_the_playhead_waits_for_late_loudspeakers(launch: Launch, song: Path) -> None:
    driver = launch()
    driver.settle()
    with_sound(driver, song, keys=2)
    sidebar, player = driver.app.window.sidebar, driver.app.timeline.sounds._player
    sidebar.unfold({sidebar.window.title})
    driver.frames()
    driver.type_into(sidebar.window.sound_delay, "250")
    driver.click(view(driver).play_button)
    driver.pump(lambda: studio(driver).playhead > 0.3, "the playhead")
    late, before = [], []
    for _ in range(10):
        driver.app.step(0.016)
        late.append(pygame.mixer.music.get_pos() / 1000 - (player.position() or 0.0))
        before.append(pygame.mixer.music.get_pos() / 1000 - studio(driver).playhead)
    assert float(np.median(late)) == pytest.approx(0.25 + 2 * 1024 / 44_100, abs=0.003)
    assert min(before) > 0.25  # the picture never comes before its sound, however slow the window is
    driver.app.close()
    again = launch(model=None)
    again.settle()
    assert again.app.preferences.settings.sound_delay_ms == 250
    again.app.preferences.change(Settings())


@pytest.mark.parametrize("value", [-1, 1001, "20", 2.5, True, None])
def test_a_delay_that_is_none_is_none(tmp_path: Path, value: object) -> None:
    write_settings(tmp_path, Settings(sound_delay_ms=20))
    assert read_settings(tmp_path).sound_delay_ms == 20
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"sound_delay_ms": value}))
    assert read_settings(tmp_path).sound_delay_ms == 0


def test_without_a_device_the_film_plays_in_silence(
    driver: Driver, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.app.sound_reader.open_mixer", lambda: False)
    with_sound(driver, song, keys=2)
    driver.click(view(driver).play_button)
    driver.frames(2)
    assert "no sound device" in message(driver)
    driver.pump(lambda: studio(driver).playhead > 0.3, "the playhead")
    driver.app.window.notices.close()
    driver.click(view(driver).play_button)
    driver.click(view(driver).play_button)
    driver.frames(2)
    assert message(driver) == ""


def test_the_film_has_the_sound_and_brings_it_back(launch: Launch, song: Path, tmp_path: Path) -> None:
    driver = launch()
    driver.settle()
    with_sound(driver, song, keys=2)
    studio(driver).choose((0, 1))
    studio(driver).set_transition(0.0)
    studio(driver).set_hold(1.0)
    choose_sound(driver)
    driver.type_into(view(driver).drive_row.amount, "0.2")
    driver.app.export.start_timeline(driver.app.timeline.timeline)
    driver.pump(lambda: not driver.app.export.running, "the film")
    film = tmp_path / "ada_uncond_64-walk.mp4"
    assert_in_step(film, studio(driver).timeline)
    made = studio(driver).timeline
    driver.app.close()
    again = launch(new=True)
    again.settle()
    drop(again, film)
    again.pump(lambda: again.app.timeline.sound.heard is not None, "the sound")
    assert studio(again).timeline == made
    again.app.close()
    song.unlink()
    lost = launch(new=True)
    lost.settle()
    drop(lost, film)
    lost.pump(lambda: "not to be found" in message(lost), "the sentence")
    assert studio(lost).timeline == made
    assert view(lost).track.lane.words == "a song.wav is not to be found any more"
    (tmp_path / "moved").mkdir()
    moved = write_wav(tmp_path / "moved" / "b.wav", plucks(CLICKS, seconds=8.0))
    drop(lost, moved)
    assert studio(lost).timeline == replace(made, sound=replace(made.sound, path=moved))


def test_the_next_start_has_the_sound_or_says_that_it_is_gone(launch: Launch, song: Path) -> None:
    driver = launch()
    driver.settle()
    with_sound(driver, song, keys=2)
    timeline = studio(driver).timeline
    driver.app.close()
    again = launch(model=None)
    again.settle()
    again.pump(lambda: again.app.timeline.sound.heard is not None, "the sound")
    assert studio(again).timeline == timeline
    again.app.close()
    write_wav(song, plucks((0.3,), seconds=1.0))
    other = launch(model=None)
    other.settle()
    other.pump(lambda: "is not the sound any more" in message(other), "the sentence")
    assert studio(other).timeline == timeline
    assert other.app.timeline.sound.heard is None


def assert_in_step(film: Path, timeline: Timeline) -> None:
    """The picture jumps after one second, where the sound has a click: both are found in the film within a frame."""
    with av.open(str(film)) as container:
        pictures = [(each.time, each.to_ndarray(format="rgb24").astype(int)) for each in container.decode(video=0)]
    with av.open(str(film)) as container:
        rate = container.streams.audio[0].rate
        samples = np.concatenate([np.abs(each.to_ndarray()).max(axis=0) for each in container.decode(audio=0)])
    assert len(pictures) == timeline.frame_count
    assert len(samples) / rate == pytest.approx(timeline.duration, abs=0.1)
    changes = [float(np.abs(b[1] - a[1]).mean()) for a, b in pairwise(pictures)]
    seen = pictures[int(np.argmax(changes)) + 1][0]
    around = samples[int((seen - 0.25) * rate) : int((seen + 0.2) * rate)]
    heard = seen - 0.25 + int(np.flatnonzero(around > 0.5 * around.max())[0]) / rate
    assert abs(heard - seen) <= 1 / timeline.fps

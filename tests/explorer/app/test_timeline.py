"""The timeline below the grid, by mouse and keyboard: keys, drags, undo, the frame at the playhead."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pygame
import pytest
from click.testing import CliRunner

from engine.cli.tools import main
from engine.formats.model_file import load_model
from engine.inference.renderer import Renderer
from engine.video.easing import EASINGS
from engine.video.finishing import json_beside
from engine.video.moving import NoisePath
from engine.video.pictures import Painter
from engine.video.timeline_file import timeline_to_dict
from engine.video.walk import Walk
from explorer.panels.timeline_view import TimelineView
from explorer.session.studio import Studio
from tests.engine.video.films import decode
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import MODEL, Driver


def message(driver: Driver) -> str:
    notice = driver.app.window.notices.current
    return notice.text if notice else ""


def view(driver: Driver) -> TimelineView:
    opened = driver.app.window.timeline.view
    assert opened is not None
    return opened


def studio(driver: Driver) -> Studio:
    return driver.app.timeline.studio


def with_keys(driver: Driver, count: int = 3) -> None:
    for tile in range(count):
        driver.move(driver.tile(tile))
        driver.frames(2)
        driver.key(pygame.K_a, "a")
    driver.settle()


def frame(driver: Driver) -> np.ndarray:
    """What stands over the grid once it is there."""
    picture = driver.app.window.frame
    driver.pump(lambda: picture.visible and picture.picture and driver.app.timeline.settled, "the full frame")
    driver.frames(2)
    assert picture.picture is not None
    return pygame.surfarray.array3d(picture.picture).swapaxes(0, 1)


def test_keys_are_made_moved_and_undone(driver: Driver) -> None:
    window = driver.app.window
    assert window.timeline.view is None
    driver.click(window.timeline.tab)
    driver.frames()
    driver.click(view(driver).add_button)
    assert "press A" in message(driver)
    with_keys(driver)
    looks = tuple(driver.app.session.look_of(tile) for tile in range(3))
    assert tuple(key.look for key in studio(driver).timeline.keys) == looks
    track = view(driver).track
    assert all(picture is not None for picture in track.pictures)
    before = studio(driver).timeline
    start = track.centre(1)
    driver.drag(start, (start[0] + 60, start[1]))
    moved = 60 / track.geometry.scale
    assert studio(driver).timeline.starts == pytest.approx((0.0, 2.0 + moved, 4.0), abs=0.02)
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    assert studio(driver).timeline == before
    driver.click(view(driver).ripple_button)
    driver.drag(start, (start[0] + 60, start[1]))
    assert studio(driver).timeline.starts == pytest.approx((0.0, 2.0 + moved, 4.0 + moved), abs=0.02)
    driver.click(track.centre(2), pygame.BUTTON_RIGHT)
    assert len(studio(driver).timeline.keys) == 2
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    assert studio(driver).timeline == before


def test_a_picture_is_inserted_at_the_playhead(driver: Driver) -> None:
    with_keys(driver)
    driver.click(view(driver).track.time_point(1.5))
    driver.key(pygame.K_ESCAPE)  # back to the grid
    driver.move(driver.tile(3))
    driver.key(pygame.K_a, "A", pygame.KMOD_LSHIFT)
    assert studio(driver).timeline.starts == pytest.approx((0.0, 1.5, 2.0, 4.0), abs=0.02)
    assert studio(driver).timeline.keys[1].look == driver.app.session.look_of(3)
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    assert len(studio(driver).timeline.keys) == 3


def test_chosen_keys_are_set_by_numbers_easings_and_the_curve(driver: Driver) -> None:
    with_keys(driver)
    shown = view(driver)
    driver.click(shown.track.centre(0))
    driver.click(shown.track.centre(1))
    assert studio(driver).chosen == {1}
    driver.type_into(shown.key_row.hold, "0.5")
    driver.type_into(shown.key_row.transition, "1.25")
    driver.click(shown.key_row.easing.buttons["smooth"])
    driver.frames()
    key = studio(driver).timeline.keys[1]
    assert (key.hold, key.transition, key.easing) == (0.5, 1.25, EASINGS["smooth"])
    handle = shown.curve.handle_point(0)
    driver.drag(handle, (handle[0] + 20, handle[1] - 20))
    easing = studio(driver).timeline.keys[1].easing
    assert easing.x1 == pytest.approx(1 / 3 + 20 / 80, abs=0.03)
    assert easing.y1 == pytest.approx(20 / 80, abs=0.03)
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    assert studio(driver).timeline.keys[1].easing == EASINGS["smooth"]
    end = shown.track.hold_point(1)
    scale = shown.track.geometry.scale
    driver.drag(end, (end[0] + 40, end[1]))
    assert studio(driver).timeline.keys[1].hold == pytest.approx(0.5 + 40 / scale, abs=0.05)
    driver.key(pygame.K_a, "a", pygame.KMOD_LCTRL)
    assert studio(driver).chosen == {0, 1, 2}
    driver.key(pygame.K_DELETE)
    assert studio(driver).timeline.keys == ()


def test_the_film_is_set_and_comes_back_at_the_next_start(launch: Launch) -> None:
    driver = launch()
    driver.settle()
    with_keys(driver, 2)
    driver.click(view(driver).track.time_point(1.0))
    studio(driver).choose(())
    driver.frames()
    row = view(driver).film_row
    driver.click(row.ways.buttons["spline"])
    driver.click(row.paces.buttons["even"])
    driver.click(row.loop)
    driver.frames()
    timeline = studio(driver).timeline
    assert (timeline.interpolation, timeline.pace, timeline.loop) == ("spline", "even", False)
    driver.app.close()
    again = launch(model=None)
    again.settle()
    assert studio(again).timeline == timeline
    assert len(view(again).track.pictures) == 2


def test_a_favourite_is_dragged_into_the_timeline(driver: Driver) -> None:
    with_keys(driver, 2)
    driver.click(driver.tile(3))
    driver.frames()
    window, track = driver.app.window, view(driver).track
    before = driver.app.session.document
    point = track.time_point(1.0)
    driver.drag(window.strip.centre(0), (point[0], point[1] + 40))
    assert studio(driver).timeline.starts == pytest.approx((0.0, 1.0, 2.0), abs=0.02)
    assert studio(driver).timeline.keys[1].look == driver.app.session.look_of(3)
    assert replace(driver.app.session.document, timeline=before.timeline) == before
    driver.drag(window.strip.centre(0), driver.tile(0))
    assert len(studio(driver).timeline.keys) == 3
    driver.click(view(driver).favourites_button)
    assert len(studio(driver).timeline.keys) == 4


def test_scrubbing_shows_the_frame_that_a_direct_rendering_makes(driver: Driver) -> None:
    with_keys(driver)
    track = view(driver).track
    point = track.time_point(1.3)
    driver.drag(track.time_point(0.2), point)
    seconds = studio(driver).playhead
    assert seconds == pytest.approx(1.3, abs=0.02)
    renderer = Renderer(load_model(MODEL), "cpu")
    timeline = studio(driver).timeline
    moment = Walk(renderer, timeline).at(seconds)
    assert np.array_equal(frame(driver), Painter(renderer, timeline.noise).paint([moment])[0])
    driver.key(pygame.K_ESCAPE)
    driver.frames()
    assert not driver.app.window.frame.visible
    driver.click(point)
    frame(driver)
    driver.type_into(driver.app.window.sidebar.truncation.psi.entry, "0.5")  # to be seen in the grid
    driver.frames()
    assert not driver.app.window.frame.visible


def test_playing_goes_by_the_clock_and_a_click_returns_to_the_grid(driver: Driver) -> None:
    with_keys(driver, 2)
    driver.key(pygame.K_y, "y")
    first = frame(driver) if not studio(driver).playing else None
    driver.pump(lambda: studio(driver).playhead > 0.3, "the playhead")
    assert first is None
    picture = driver.app.window.frame
    driver.pump(lambda: picture.picture is not None, "a frame")
    driver.click(view(driver).play_button)
    stood = studio(driver).playhead
    driver.frames(6)
    assert studio(driver).playhead == stood
    driver.click(picture.rect.center)
    driver.frames()
    assert not picture.visible


def test_an_empty_timeline_says_so(driver: Driver) -> None:
    driver.key(pygame.K_y, "y")
    assert "empty" in message(driver)
    assert driver.app.window.timeline.view is None


def test_a_dropped_video_or_its_json_brings_the_timeline_back(driver: Driver, tmp_path: Path) -> None:
    with_keys(driver, 3)
    studio(driver).choose((0, 1, 2))
    studio(driver).set_transition(0.2)
    studio(driver).set_easing(EASINGS["smooth"])
    studio(driver).set_hold(0.1, index=1)
    timeline = studio(driver).timeline
    driver.app.export.start_timeline(timeline)
    driver.pump(lambda: not driver.app.export.running, "the video")
    video = tmp_path / "ada_uncond_64-walk.mp4"
    studio(driver).delete((0, 1, 2))
    driver.key(pygame.K_t, "t")
    assert driver.app.window.timeline.view is None
    emptied = driver.app.session.document
    for path in (video, json_beside(video)):
        driver.post(pygame.DROPFILE, file=str(path))
        driver.pump(lambda: not driver.app.errands.busy, "the recipe")
        driver.frames()
        assert studio(driver).timeline == timeline, path
        assert len(view(driver).track.pictures) == 3
        driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
        assert driver.app.session.document == emptied


def test_the_noise_is_fixed_or_a_loop_that_is_set_undone_saved_and_exported(launch: Launch, tmp_path: Path) -> None:
    driver = launch()
    driver.settle()
    with_keys(driver, 2)
    driver.click(view(driver).track.time_point(0.7))
    studio(driver).choose(())
    driver.frames()
    column = view(driver).noise_column
    assert column.turns.visible
    assert not column.turns.is_enabled
    still = frame(driver)
    assert studio(driver).timeline.noise == NoisePath()
    driver.click(column.kinds.buttons["loop"])
    driver.type_into(column.turns, "3")
    driver.type_into(column.moves, "0.5")
    timeline = studio(driver).timeline
    assert timeline.noise == NoisePath(kind="loop", turns=3, amount=0.5)
    renderer = Renderer(load_model(MODEL), "cpu")
    moment = Walk(renderer, timeline).at(studio(driver).playhead)
    moved = frame(driver)
    assert np.array_equal(moved, Painter(renderer, timeline.noise).paint([moment])[0])
    assert not np.array_equal(moved, still)
    for noise in (NoisePath(kind="loop", turns=3), NoisePath(kind="loop"), NoisePath()):
        driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
        assert studio(driver).timeline.noise == noise
    assert np.array_equal(frame(driver), still)
    for _ in range(3):
        driver.key(pygame.K_y, mod=pygame.KMOD_LCTRL)
    driver.click(view(driver).track.centre(0))
    driver.frames()
    assert not column.turns.visible  # the chosen key's easing is there
    driver.app.close()
    again = launch(model=None)
    again.settle()
    assert studio(again).timeline == timeline


def test_the_command_line_sets_the_noise_as_the_window_does(driver: Driver, tmp_path: Path) -> None:
    with_keys(driver, 2)
    studio(driver).choose((0, 1))
    studio(driver).set_transition(0.2)
    plain = tmp_path / "plain.json"
    plain.write_text(json.dumps(timeline_to_dict(studio(driver).timeline)))
    studio(driver).choose(())
    driver.frames()
    column = view(driver).noise_column
    driver.click(column.kinds.buttons["loop"])
    driver.type_into(column.turns, "2")
    driver.type_into(column.moves, "0.75")
    driver.app.export.start_timeline(studio(driver).timeline)
    driver.pump(lambda: not driver.app.export.running, "the video")
    asked = ("--timeline", plain, "--noise-loop", 2, "--noise-moves", 0.75, "-o", tmp_path / "command.mp4")
    result = CliRunner().invoke(main, ["video", "--model", str(MODEL), *map(str, asked)])
    assert result.exit_code == 0, result.output
    made = decode(tmp_path / "ada_uncond_64-walk.mp4")
    assert np.array_equal(made, decode(tmp_path / "command.mp4"))


def test_several_keys_are_chosen_copied_moved_and_deleted_together_and_undone(driver: Driver) -> None:
    with_keys(driver, 4)
    shown, track = view(driver), view(driver).track

    def click_with(modifier: int, index: int) -> None:
        pygame.key.set_mods(modifier)
        driver.click(track.centre(index))
        pygame.key.set_mods(pygame.KMOD_NONE)

    before = studio(driver).timeline
    driver.click(track.centre(1))
    click_with(pygame.KMOD_LCTRL, 3)
    assert studio(driver).chosen == {1, 3}
    click_with(pygame.KMOD_LCTRL, 1)
    assert studio(driver).chosen == {3}
    driver.click(track.centre(1))
    click_with(pygame.KMOD_LSHIFT, 2)
    assert studio(driver).chosen == {1, 2}
    start = track.centre(2)
    driver.drag(start, (start[0] + 50, start[1]))
    moved = studio(driver).timeline
    by = 50 / track.geometry.scale
    assert moved.starts == pytest.approx((0.0, 2.0 + by, 4.0 + by, 6.0), abs=0.03)
    driver.key(pygame.K_d, "d", pygame.KMOD_LCTRL)
    copied = studio(driver).timeline
    looks = [key.look for key in before.keys]
    assert [key.look for key in copied.keys] == [looks[0], looks[1], looks[1], looks[2], looks[2], looks[3]]
    assert studio(driver).chosen == {2, 4}
    driver.click(shown.ripple_button)
    driver.key(pygame.K_DELETE)
    assert [key.look for key in studio(driver).timeline.keys] == looks
    for expected in (copied, moved, before):
        driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
        assert studio(driver).timeline == expected
    for expected in (moved, copied):
        driver.key(pygame.K_y, mod=pygame.KMOD_LCTRL)
        assert studio(driver).timeline == expected

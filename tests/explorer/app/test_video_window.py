"""The window of the video export: what is set there, the list of videos, and what becomes of a killed one."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pygame
import pytest
from PIL import Image
from pygame_gui.elements import UITextBox

from engine.formats.model_file import load_model
from engine.inference.renderer import Renderer
from engine.inference.requests import Look, SeedLatent
from engine.video.export import ExportOptions, export_video
from engine.video.finishing import json_beside
from engine.video.plan import VideoPlan
from engine.video.plan_file import timelines_of
from engine.video.recipe import read_video_recipe
from engine.video.timeline import Timeline, walk_through
from explorer.app.video_commands import LeavingWindow
from explorer.app.video_window import VideoWindow
from explorer.panels.queue_view import QueueRow
from tests.engine.video.films import decode
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import MODEL, Driver


def message(driver: Driver) -> str:
    notice = driver.app.window.notices.current
    return notice.text if notice else ""


def opened(driver: Driver, seconds: float = 0.2) -> VideoWindow:
    """Two keys, and the window."""
    for tile in range(2):
        driver.move(driver.tile(tile))
        driver.frames(2)
        driver.key(pygame.K_a, "a")
    driver.settle()
    studio = driver.app.timeline.studio
    studio.choose((0, 1))
    studio.set_transition(seconds)
    view = driver.app.window.timeline.view
    assert view is not None
    driver.click(view.export_button)
    window = driver.app.window.dialog
    assert isinstance(window, VideoWindow)
    driver.pump(lambda: not driver.app.errands.running, "the list of encoders")
    driver.frames()
    return window


def row(driver: Driver, window: VideoWindow, index: int) -> QueueRow:
    assert window.queue is not None
    return window.queue.rows[driver.app.export.queue.videos[index].number]


def looks_in(timeline: Timeline) -> list[Look]:
    return [key.look for key in timeline.keys]


def finish(driver: Driver) -> None:
    driver.pump(lambda: not driver.app.export.running, "the videos")
    driver.frames()


def test_videos_are_ordered_rest_change_places_and_are_taken_back(driver: Driver, tmp_path: Path) -> None:
    window, export = opened(driver), driver.app.export
    for name in ("gif", "frames", "apng", "webp"):
        driver.click(window.formats.buttons[name])
        driver.frames()
        driver.click(window.export_button)
        if name == "gif":
            driver.frames()
            driver.click(row(driver, window, 0).button("Pause"))
    driver.frames()
    assert export.queue.waiting == 3
    assert "ada_uncond_64-walk-2.webp" in window.path.text
    done = export.state().done
    driver.frames(10)
    assert export.state().done == done
    assert export.queue.active is not None
    assert export.queue.active.state == "paused"
    driver.click(row(driver, window, 2).button("Up"))
    driver.frames()
    assert [video.plan.format for video in export.queue.videos] == ["gif", "apng", "frames", "webp"]
    assert not row(driver, window, 1).button("Up").is_enabled
    driver.click(row(driver, window, 1).button("Remove"))
    driver.frames()
    driver.click(row(driver, window, 0).button("Go on"))
    finish(driver)
    assert [video.state for video in export.queue.videos] == ["finished"] * 3
    with Image.open(tmp_path / "ada_uncond_64-walk.gif") as image:
        assert (image.n_frames, image.size) == (12, (256, 256))
    assert len(list((tmp_path / "ada_uncond_64-walk-frames").glob("*.png"))) == 12
    assert (tmp_path / "ada_uncond_64-walk.webp").is_file()
    assert not (tmp_path / "ada_uncond_64-walk.apng").exists()


def test_names_are_counted_on_over_files_and_videos_to_come(driver: Driver, tmp_path: Path) -> None:
    window, export = opened(driver, seconds=60.0), driver.app.export
    for name in ("ada_uncond_64-walk.mp4", "ada_uncond_64-walk-3.mp4"):
        (tmp_path / name).write_bytes(b"mine")
    for _ in range(3):
        driver.click(window.export_button)
        driver.frames()
    names = [video.plan.path.stem.removeprefix("ada_uncond_64-") for video in export.queue.videos]
    assert names == ["walk-2", "walk-4", "walk-5"]
    for video in reversed(export.queue.videos):
        export.queue.cancel(video.number)
    finish(driver)


def test_what_is_seldom_wanted_unfolds_and_counts(driver: Driver, tmp_path: Path) -> None:
    window = opened(driver)
    assert window.more is None
    driver.click(window.more_button)
    driver.frames()
    assert window.more is not None
    for entry, text in (
        (window.more.columns, "2"),
        (window.more.width, "192"),
        (window.more.height, "64"),
        (window.more.blur, "2"),
        (window.more.fps, "20"),
        (window.more.quality, "95"),
    ):
        driver.type_into(entry, text)
    driver.click(window.more.spread.buttons["seeds"])
    driver.click(window.more.fit.buttons["crop"])
    driver.frames()
    assert window.summary.text == "8 frames, 0:00.4, 192 × 64 pixels"
    driver.click(window.export_button)
    finish(driver)
    shown = decode(tmp_path / "ada_uncond_64-walk.mp4")
    assert shown.shape == (8, 64, 192, 3)
    recipe = read_video_recipe(tmp_path / "ada_uncond_64-walk.mp4")
    walks = timelines_of(recipe)
    assert walks[0] == driver.app.timeline.timeline
    seeds = [[look.latent.seed for look in looks_in(walk) if isinstance(look.latent, SeedLatent)] for walk in walks]
    assert [b - a for a, b in zip(*seeds, strict=True)] == [1000, 1000]
    output = recipe["output"]
    assert (output["quality"], output["supersampling"], output["fit"]) == (95, 2, "crop")
    driver.click(window.sides.buttons[256])
    driver.frames()
    assert window.summary.text == "8 frames, 0:00.4, 256 × 128 pixels"


def test_what_cannot_be_made_is_said_before(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    sentence = "this FFmpeg has no encoder libsvtav1 for av1; choose another format"
    monkeypatch.setattr("explorer.app.assembly.problems", lambda: {"av1": sentence})
    window = opened(driver)
    assert window.export_button.is_enabled
    driver.click(window.formats.buttons["av1"])
    driver.frames()
    assert window.summary.text.startswith("This FFmpeg has no encoder")
    assert window.summary.tool_tip_text == sentence
    assert not window.export_button.is_enabled
    driver.click(window.formats.buttons["gif"])
    driver.click(window.more_button)
    driver.frames()
    assert window.more is not None
    assert window.export_button.is_enabled
    driver.type_into(window.more.fps, "60")
    driver.frames()
    assert window.summary.text == "A gif has at most 50 frames a second, not 60"
    assert not window.export_button.is_enabled


def test_everything_fits_a_small_window(launch: Launch) -> None:
    driver = launch(size=(900, 600))
    driver.settle()
    window = opened(driver, seconds=60.0)
    driver.click(window.more_button)
    for _ in range(5):
        driver.frames()
        driver.click(window.export_button)
    driver.frames(10)
    assert driver.app.window.surface.get_rect().contains(window.rect)
    inside = pygame.Rect(window.get_container().rect)
    assert window.queue is not None
    outer = [element for element in window.get_container() if element.visible]
    assert len(outer) > 30
    assert all(inside.contains(element.rect) for element in outer)
    assert len(window.queue.rows) == 5
    last = row(driver, window, 4).picture  # it is scrolled out of view, and nothing of it is painted
    below = pygame.Rect(last.rect).clip(driver.app.window.surface.get_rect())
    assert last.image is not None
    assert below.height == 0 or not pygame.surfarray.array_alpha(last.image).any()
    driver.app.export.cancel()
    for video in driver.app.export.queue.videos[1:]:
        driver.app.export.queue.cancel(video.number)
    finish(driver)


def test_a_finished_video_is_played_and_shown(driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[str, Path]] = []
    for module in ("video_commands", "replies"):
        monkeypatch.setattr(f"explorer.app.{module}.can_open", lambda: True)
        monkeypatch.setattr(f"explorer.app.{module}.show_in_folder", lambda path: shown.append(("show", path)))
    monkeypatch.setattr("explorer.app.video_commands.open_file", lambda path: shown.append(("play", path)))
    window = opened(driver)
    driver.click(window.export_button)
    finish(driver)
    video = tmp_path / "ada_uncond_64-walk.mp4"
    driver.click(driver.app.window.notices.action_button)
    driver.frames()
    driver.click(row(driver, window, 0).button("Play"))
    driver.click(row(driver, window, 0).button("Folder"))
    assert shown == [("show", video), ("play", video), ("show", video)]
    assert row(driver, window, 0).text.text.startswith("Ready: 12 frames")
    driver.click(row(driver, window, 0).button("Remove"))
    driver.frames()
    assert window.queue is None
    assert video.is_file()


def test_a_failed_video_says_why_and_is_made_again(driver: Driver, tmp_path: Path) -> None:
    window, export = opened(driver), driver.app.export
    folder = tmp_path / "away"
    folder.mkdir()
    export.choose(folder / "walk.mp4")
    driver.frames()
    folder.rmdir()
    driver.click(window.export_button)
    finish(driver)
    assert "does not exist" in export.queue.videos[0].message
    assert row(driver, window, 0).text.tool_tip_text == export.queue.videos[0].message
    folder.mkdir()
    driver.click(row(driver, window, 0).button("Again"))
    finish(driver)
    assert [video.state for video in export.queue.videos] == ["finished"]
    assert (folder / "walk.mp4").is_file()


def test_closing_the_window_says_what_becomes_of_videos_and_is_never_refused(driver: Driver, tmp_path: Path) -> None:
    window = opened(driver, seconds=60.0)
    driver.click(window.export_button)
    driver.click(window.export_button)
    driver.pump(lambda: driver.app.export.state().done > 0, "the first frame")
    driver.post(pygame.QUIT)
    question = driver.app.window.dialog
    assert isinstance(question, LeavingWindow)
    [told] = [element for element in question.get_container() if isinstance(element, UITextBox)]
    for part in ("ada_uncond_64-walk.mp4 is being made", "of 3600 frames", "Another one waits", "is kept"):
        assert part in told.html_text
    driver.click(question.buttons["Stay here"])
    driver.frames()
    assert (driver.app.running, driver.app.export.running) == (True, True)
    driver.post(pygame.QUIT)
    driver.post(pygame.QUIT)  # whoever closes it twice has read it
    assert not driver.app.running
    driver.app.running = True
    driver.app.window.close_dialog()
    driver.post(pygame.QUIT)
    question = driver.app.window.dialog
    assert isinstance(question, LeavingWindow)
    driver.click(question.buttons["Close, and go on next time"])
    assert not driver.app.running
    driver.app.close()
    assert driver.app.worker.stop(60.0)
    assert not list(tmp_path.glob("*walk*"))


def cut_off(plan: VideoPlan, renderer: Renderer) -> None:
    """Leaves what a killed program leaves: a job with some finished segments, that nobody holds."""
    steps = export_video(renderer, plan, ExportOptions(segment_frames=3))
    job = next(
        folder
        for _ in steps
        for folder in plan.path.parent.glob(f".{plan.path.name}.*.job")
        if len(list(folder.glob("segment-*[0-9].mp4"))) >= 2
    )
    saved = job.with_name("saved")
    shutil.copytree(job, saved)
    steps.close()
    saved.rename(job)


def test_a_killed_video_is_offered_goes_on_and_ends_with_the_same_frames(launch: Launch, tmp_path: Path) -> None:
    renderer = Renderer(load_model(MODEL), "cpu")
    looks = tuple(Look(latent=SeedLatent(seed=seed)) for seed in (1, 2))
    plan = VideoPlan(timelines=(walk_through(looks, seconds=0.3),), path=tmp_path / "cut.mp4")
    cut_off(plan, renderer)
    driver = launch()
    driver.settle()
    driver.pump(lambda: "cut.mp4 was not finished" in message(driver), "the offer")
    driver.click(driver.app.window.notices.action_button)
    driver.pump(lambda: driver.app.export.state().done > 0, "the first frame")
    assert driver.app.export.state().done > 6  # the finished segments are not made again
    finish(driver)
    assert not list(tmp_path.glob(".cut.mp4*"))
    whole = VideoPlan(timelines=plan.timelines, path=tmp_path / "whole.mp4")
    for _ in export_video(renderer, whole, ExportOptions(segment_frames=3)):
        pass
    assert np.array_equal(decode(tmp_path / "cut.mp4"), decode(whole.path))
    assert json_beside(tmp_path / "cut.mp4").is_file()

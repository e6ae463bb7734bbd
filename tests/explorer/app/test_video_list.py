"""Videos that were ordered outlive the window: closed, killed, with a damaged list, and beside another explorer."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from engine.formats.model_file import load_model
from engine.inference.renderer import Renderer
from engine.inference.requests import Look, SeedLatent
from engine.video.export import export_video
from engine.video.job_folder import cut_off_videos
from engine.video.plan import Output, VideoPlan
from engine.video.timeline import walk_through
from explorer.app.errands import Errands
from explorer.app.video_keeper import VideoKeeper
from explorer.app.video_window import VideoWindow
from explorer.library.video_list import FOLDER, LIST, SET_ASIDE, OrderedVideo, read_list, write_list
from explorer.worker.inference_process import InferenceProcess
from tests.engine.video.films import decode
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import MODEL, Driver, in_a_process
from tests.explorer.app.test_video_window import finish, message, row

ROOT = Path(__file__).parents[3]
LOOKS = tuple(Look(latent=SeedLatent(seed=seed)) for seed in (1, 2))
LONG, SHORT = 4.5, 0.2
"""seconds of a transition: 270 frames, which are three segments, and 12 frames"""


def film(path: Path, seconds: float) -> VideoPlan:
    output = Output(format="h264", width=64, height=64)
    return VideoPlan(timelines=(walk_through(LOOKS, seconds=seconds),), path=path, output=output)


def films(folder: Path) -> list[VideoPlan]:
    """A long one that will be cut off, and two that wait."""
    return [film(folder / name, seconds) for name, seconds in (("b.mp4", LONG), ("c.mp4", SHORT), ("a.mp4", SHORT))]


def listed(data_folder: Path) -> list[list[str]]:
    """What the lists on the disk hold."""
    files = sorted(data_folder.glob(f"{FOLDER}/*/{LIST}"))
    return [[video.plan.path.name for video in read_list(file)] for file in files]


def begun(folder: Path) -> bool:
    """Whether the long film has a finished segment."""
    return bool(list(folder.glob(".b.mp4.*.job/segment-000000.mp4")))


def all_are_finished_from_where_they_were(driver: Driver, folder: Path) -> None:
    queue = driver.app.export.queue
    driver.pump(lambda: "b.mp4 and 2 others were not finished" in message(driver), "the offer")
    assert [(video.plan.path.name, video.state) for video in queue.videos] == [
        ("b.mp4", "kept"),
        ("c.mp4", "kept"),
        ("a.mp4", "kept"),
    ]
    driver.click(driver.app.window.notices.action_button)
    driver.pump(lambda: driver.app.export.state().done > 0, "the first frame")
    assert driver.app.export.state().done > 120  # the finished segments are not made again
    finish(driver)
    assert [video.state for video in queue.videos] == ["finished"] * 3
    made = [folder / name for name in ("b.mp4", "c.mp4", "a.mp4")]
    assert sorted(made, key=lambda path: path.stat().st_mtime) == made
    assert not list(folder.glob(".*"))
    renderer, whole = Renderer(load_model(MODEL), "cpu"), film(folder / "whole.mp4", LONG)
    for _ in export_video(renderer, whole):
        pass
    assert np.array_equal(decode(folder / "b.mp4"), decode(whole.path))


def test_what_the_closed_window_left_is_finished_at_the_next_start(
    launch: Launch, data_folder: Path, tmp_path: Path
) -> None:
    driver = launch(worker=in_a_process)
    driver.settle()
    for plan in films(tmp_path):
        driver.app.export.order(plan)
    driver.pump(lambda: begun(tmp_path), "the first segment")
    driver.app.close()
    assert driver.app.worker.stop(60.0)
    assert not list(tmp_path.glob("*.mp4"))
    again = launch(model=None)
    again.settle()
    all_are_finished_from_where_they_were(again, tmp_path)
    again.app.close()
    assert listed(data_folder) == []
    assert list((data_folder / FOLDER).iterdir()) == []


PROGRAM = f"""
import sys
from tests.explorer.app.driver import *
from tests.explorer.app.test_video_list import begun, films
folder = Path(sys.argv[1])
options = AppOptions(model=Path({str(MODEL)!r}), grid=(2, 2), device="cpu", new=True)
driver = Driver(options, in_a_process(options))
driver.settle()
for plan in films(folder):
    driver.app.export.order(plan)
driver.pump(lambda: begun(folder), "the first segment")
print("begun", flush=True)
while True:
    driver.app.step(0.016)
"""


def test_what_a_killed_window_left_is_finished_at_the_next_start(
    launch: Launch, data_folder: Path, tmp_path: Path
) -> None:
    arguments = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    while "begun" not in (line := process.stdout.readline()):
        assert line, "it ended before"
    process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    process.wait()
    process.stdout.close()
    assert listed(data_folder) == [["b.mp4", "c.mp4", "a.mp4"]]
    driver = launch()
    driver.settle()
    all_are_finished_from_where_they_were(driver, tmp_path)


def test_one_goes_on_and_the_others_wait_or_are_given_up(launch: Launch, data_folder: Path, tmp_path: Path) -> None:
    driver = launch()
    driver.settle()
    for plan in films(tmp_path):
        driver.app.export.order(plan)
    driver.pump(lambda: begun(tmp_path), "the first segment")
    driver.app.close()
    assert driver.app.worker.stop(60.0)
    again = launch(model=None)
    again.settle()
    again.pump(lambda: "were not finished" in message(again), "the offer")
    again.app.window.notices.close()
    again.app.commands.video.toggle_window()
    window = again.app.window.dialog
    assert isinstance(window, VideoWindow)
    again.frames()
    assert row(again, window, 0).text.text.startswith("Not finished: 270 frames")
    again.click(row(again, window, 2).button("Go on"))
    finish(again)
    assert (tmp_path / "a.mp4").is_file()
    again.click(row(again, window, 0).button("Remove"))
    again.pump(lambda: not again.app.errands.running, "the removal")
    assert cut_off_videos(tmp_path) == ()
    assert not list(tmp_path.glob(".b.mp4*"))
    again.pump(lambda: listed(data_folder) == [["c.mp4"]], "the list")


def test_the_list_outlives_the_engine(launch: Launch, data_folder: Path, tmp_path: Path) -> None:
    driver = launch(worker=in_a_process)
    driver.settle()
    for plan in films(tmp_path):
        driver.app.export.order(plan)
    driver.pump(lambda: begun(tmp_path), "the first segment")
    workshop = driver.app.worker._workshop
    assert isinstance(workshop, InferenceProcess)
    psutil.Process(workshop.pid).kill()
    driver.pump(lambda: driver.app.happenings.engine_ended, "the end of the engine")
    driver.frames()
    queue = driver.app.export.queue
    assert [video.state for video in queue.videos] == ["failed", "kept", "kept"]
    driver.pump(lambda: listed(data_folder) == [["c.mp4", "a.mp4"]], "the list")
    driver.app.models.open(MODEL)
    driver.settle()
    queue.go_on()
    driver.app.export.again(queue.videos[0].number)
    driver.pump(lambda: queue.active is not None and queue.active.plan.path.name == "b.mp4", "its turn")
    driver.pump(lambda: driver.app.export.state().done > 0, "the first frame")
    assert driver.app.export.state().done > 120
    finish(driver)
    assert len(decode(tmp_path / "b.mp4")) == 270
    assert not list(tmp_path.glob(".*"))


def test_a_name_that_was_taken_meanwhile_is_left_alone_and_a_finished_one_is_forgotten(
    launch: Launch, data_folder: Path, tmp_path: Path
) -> None:
    renderer = Renderer(load_model(MODEL), "cpu")
    orders = [
        OrderedVideo(plan=film(tmp_path / name, SHORT), content_id=renderer.info.content_id, path=MODEL)
        for name in ("made.mp4", "taken.mp4", "taken-2.mp4")
    ]
    for _ in export_video(renderer, orders[0].plan):
        pass
    (tmp_path / "taken.mp4").write_bytes(b"mine")
    write_list(data_folder / FOLDER / "dead" / LIST, orders)
    driver = launch()
    driver.settle()
    driver.pump(lambda: "not finished" in message(driver), "the offer")
    names = [video.plan.path.name for video in driver.app.export.queue.videos]
    assert names == ["taken-3.mp4", "taken-2.mp4"]  # in their order, and the last one has its own name
    driver.click(driver.app.window.notices.action_button)
    finish(driver)
    assert (tmp_path / "taken.mp4").read_bytes() == b"mine"
    assert len(decode(tmp_path / "taken-3.mp4")) == 12


@pytest.mark.parametrize("content", ["", "[]", "nonsense", '{"format": "stylegan-explorer videos", "version": 1}'])
def test_a_damaged_list_is_a_sentence_and_loses_nothing_else(
    launch: Launch, data_folder: Path, tmp_path: Path, content: str
) -> None:
    good = OrderedVideo(plan=film(tmp_path / "good.mp4", SHORT), content_id="of another model")
    write_list(data_folder / FOLDER / "good" / LIST, [good])
    bad = data_folder / FOLDER / "bad"
    bad.mkdir()
    (bad / LIST).write_text(content)
    driver = launch()
    driver.settle()
    driver.pump(lambda: "The list of videos that waited is lost" in message(driver), "the sentence")
    assert "good.mp4 was not finished" in message(driver)
    assert (data_folder / SET_ASIDE).read_text() == content
    driver.pump(lambda: listed(data_folder) == [["good.mp4"]], "the list")
    driver.click(driver.app.window.notices.action_button)
    finish(driver)
    assert "Open that model" in driver.app.export.queue.videos[0].message


def test_a_newer_list_is_left_for_the_newer_program(launch: Launch, data_folder: Path, tmp_path: Path) -> None:
    path = data_folder / FOLDER / "newer" / LIST
    write_list(path, [OrderedVideo(plan=film(tmp_path / "walk.mp4", SHORT), content_id="m")])
    content = json.dumps(json.loads(path.read_text()) | {"version": 2})
    path.write_text(content)
    driver = launch()
    driver.settle()
    driver.pump(lambda: "newer version" in message(driver), "the sentence")
    driver.app.close()
    assert path.read_text() == content


class Explorer:
    """One that keeps a list."""

    def __init__(self, data_folder: Path) -> None:
        self.complaints: list[str] = []
        self.errands = Errands()
        self.keeper = VideoKeeper(data_folder, self.errands, self.complaints.append)

    def keep(self, *videos: OrderedVideo) -> None:
        self.keeper.observe(videos)
        while self.errands.running:
            self.errands.collect()

    def close(self, *videos: OrderedVideo) -> None:
        self.errands.close()
        self.keeper.close(videos)


def orders(tmp_path: Path) -> tuple[OrderedVideo, ...]:
    return tuple(OrderedVideo(plan=plan, content_id="m", path=MODEL) for plan in films(tmp_path))


def test_two_explorers_keep_lists_of_their_own(data_folder: Path, tmp_path: Path) -> None:
    one, other, (b, c, a) = Explorer(data_folder), Explorer(data_folder), orders(tmp_path)
    one.keep(b, c)
    other.keep(a)
    assert other.keeper.look().videos == one.keeper.look().videos == ()  # both are alive
    assert sorted(listed(data_folder)) == [["a.mp4"], ["b.mp4", "c.mp4"]]
    one.close(c)
    inherited = other.keeper.look()
    assert inherited.videos == (c,)
    other.keeper.take_over(inherited)
    other.keep(c, a)
    assert listed(data_folder) == [["c.mp4", "a.mp4"]]
    other.close()
    assert listed(data_folder) == []


def test_a_list_that_cannot_be_written_is_said_once(data_folder: Path, tmp_path: Path) -> None:
    data_folder.write_text("no folder")
    explorer, (b, c, a) = Explorer(data_folder), orders(tmp_path)
    explorer.keep(b)
    explorer.keep(b, c)
    assert len(explorer.complaints) == 1
    assert "could not be written" in explorer.complaints[0]
    data_folder.unlink()
    explorer.keep(b, c, a)
    assert listed(data_folder) == [["b.mp4", "c.mp4", "a.mp4"]]
    explorer.close(b)


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    whole = tuple(
        replace(video, weights=weights, path=path)
        for video, weights, path in zip(orders(tmp_path), ("ema", "raw", "ema"), (MODEL, MODEL, None), strict=True)
    )
    write_list(tmp_path / "list.json", whole)
    assert read_list(tmp_path / "list.json") == whole
    assert read_list(tmp_path / "gone.json") == ()

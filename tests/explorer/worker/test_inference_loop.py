"""What the inference thread does next, step by step and without a thread."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import ConfigError, ExportError, LoadCancelledError
from engine.inference.requests import Look, RenderFailure, RenderRequest, RenderResult
from explorer.worker.commands import CancelExport, ExportVideo, OpenModel, PauseExport
from explorer.worker.failures import is_out_of_memory, sentence_for
from explorer.worker.inference_loop import InferenceLoop
from explorer.worker.jobs import ExportJob, JobState
from explorer.worker.mailbox import Mailbox
from explorer.worker.replies import (
    ExportCancelled,
    ExportFailed,
    ExportFinished,
    ExportLeft,
    ExportProgress,
    MemoryShort,
    ModelFailed,
    ModelOpened,
    Reply,
    WorkerReady,
)
from tests.explorer.worker.fakes import FakeBackend, FakeModel, look, picture_of, plan, request


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STYLEGAN_EXPLORER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


class Desk:
    """A loop with its mailbox, its fake models and its replies."""

    def __init__(self) -> None:
        self.mailbox, self.backend = Mailbox(), FakeBackend("a", "b")
        self.replies: list[Reply] = []
        self.loop = InferenceLoop(self.mailbox, self.backend, self.replies.append)

    def open(self, name: str) -> None:
        self.mailbox.put_command(OpenModel(path=Path(name)))

    def run(self) -> list[Reply]:
        while self.loop.step():
            pass
        answered, self.replies[:] = list(self.replies), []
        return answered

    def events(self, name: str = "a") -> list[str]:
        return self.backend.models[name].events


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.open("a")
    desk.run()
    return desk


def test_tiles_come_one_by_one_in_the_order_of_the_request(desk: Desk) -> None:
    desk.mailbox.put_request(request(7, 30, 10, 20))
    replies = desk.run()
    assert desk.events() == ["tile 30", "tile 10", "tile 20"]
    for tile, (reply, seed) in enumerate(zip(replies, (30, 10, 20), strict=True)):
        assert isinstance(reply, RenderResult)
        assert (reply.request_id, reply.tile, reply.look) == (7, tile, look(seed))
        np.testing.assert_array_equal(reply.pixels, picture_of(look(seed), "a"))


def test_a_newer_request_takes_over_between_two_tiles(desk: Desk) -> None:
    desk.mailbox.put_request(request(1, 10, 11, 12))
    assert desk.loop.step()
    desk.mailbox.put_request(request(2, 20, 21))
    desk.run()
    assert desk.events() == ["tile 10", "tile 20", "tile 21"]


def test_the_tile_in_the_making_is_not_made_again_for_a_newer_request(desk: Desk) -> None:
    desk.backend.models["a"].on_render = lambda _: desk.mailbox.put_request(request(2, 5, 10))
    desk.mailbox.put_request(request(1, 10, 5))
    desk.loop.step()
    desk.backend.models["a"].on_render = lambda _: None
    desk.mailbox.put_request(request(2, 10, 5))
    replies = desk.run()
    assert desk.events() == ["tile 10", "tile 5"]
    answered = [(reply.request_id, reply.tile) for reply in replies if isinstance(reply, RenderResult)]
    assert answered == [(1, 0), (2, 0), (2, 1)]


def test_another_model_drops_the_tiles_of_the_former_and_makes_its_own(desk: Desk) -> None:
    desk.mailbox.put_request(request(1, 10, 11))
    desk.loop.step()
    desk.open("b")
    desk.run()
    assert desk.events("b") == []
    desk.mailbox.put_request(request(2, 10))
    [reply] = desk.run()
    assert isinstance(reply, RenderResult)
    np.testing.assert_array_equal(reply.pixels, picture_of(look(10), "b"))


def test_a_request_waits_for_the_first_model() -> None:
    desk = Desk()
    desk.mailbox.put_request(request(1, 10))
    assert desk.run() == []
    desk.open("a")
    opened, result = desk.run()
    assert isinstance(opened, ModelOpened)
    assert isinstance(result, RenderResult)


def test_a_failure_to_open_leaves_the_model_in_use(desk: Desk) -> None:
    desk.mailbox.put_request(request(1, 10, 11))
    desk.loop.step()
    desk.open("holiday.jpg")
    replies = desk.run()
    assert ModelFailed(path=Path("holiday.jpg"), message="holiday.jpg is not a model") in replies
    assert desk.events() == ["tile 10", "tile 11"]


def test_a_failed_tile_ends_its_request_and_the_next_one_goes_on(desk: Desk) -> None:
    def fail(wanted: Look) -> None:
        raise ConfigError("this look does not fit the model")

    desk.backend.models["a"].on_render = fail
    desk.mailbox.put_request(request(1, 10, 11))
    assert desk.run() == [RenderFailure(request_id=1, message="this look does not fit the model")]
    desk.backend.models["a"].on_render = lambda _: None
    desk.mailbox.put_request(request(2, 10))
    [reply] = desk.run()
    assert isinstance(reply, RenderResult)


def test_the_unexpected_becomes_a_sentence_and_its_traceback_goes_into_the_log(desk: Desk, data_folder: Path) -> None:
    desk.backend.problems["a"] = ZeroDivisionError("division by zero")
    desk.open("a")
    [reply] = desk.run()
    assert isinstance(reply, ModelFailed)
    assert "It was not possible to open a" in reply.message
    assert "Traceback" not in reply.message
    log = data_folder / "errors.log"
    assert str(log) in reply.message
    assert "Traceback" in log.read_text()
    assert "division by zero" in log.read_text()


def test_an_unwritable_log_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STYLEGAN_EXPLORER_DATA", str(tmp_path / "file"))
    assert "could not be written" in sentence_for("open a", KeyError("x"))


def test_a_large_log_starts_again(data_folder: Path) -> None:
    data_folder.mkdir()
    (data_folder / "errors.log").write_bytes(b"x" * (2**20 + 1))
    sentence_for("open a", KeyError("x"))
    assert (data_folder / "errors.log").stat().st_size < 1000
    assert (data_folder / "errors.old.log").stat().st_size == 2**20 + 1


OUT_OF_MEMORY = [
    MemoryError(),
    RuntimeError("[enforce fail at alloc_cpu.cpp:75] err == 0. DefaultCPUAllocator: can't allocate memory: you tried"),
    RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 4398046511104 bytes."),
    RuntimeError("MPS backend out of memory (MPS allocated: 8.00 GB)"),
]


@pytest.mark.parametrize("error", OUT_OF_MEMORY)
def test_out_of_memory_is_a_sentence_that_says_what_to_do(desk: Desk, error: Exception, data_folder: Path) -> None:
    desk.backend.problems["big"] = error
    desk.open("big")
    [reply] = desk.run()
    assert isinstance(reply, ModelFailed)
    assert reply.message.startswith("There is not enough memory to open big: close other programs")
    assert not data_folder.exists()


def test_what_torch_itself_raises_is_recognised() -> None:
    torch = pytest.importorskip("torch")
    assert is_out_of_memory(torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"))
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60, dtype=torch.uint8)
    assert is_out_of_memory(caught.value)
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))


def test_a_video_is_made_frame_by_frame_and_named_when_complete(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "walk.mp4"
    desk.mailbox.put_command(ExportVideo(plan=plan(path), content_id="a"))
    *steps, end = desk.run()
    seen = [(step.progress.stage, step.progress.done) for step in steps if isinstance(step, ExportProgress)]
    assert seen == [*(("rendering", done) for done in (1, 2, 3, 4)), ("done", 4)]
    assert end == ExportFinished(path=path)
    assert path.exists()


def test_pictures_go_before_the_next_frame(desk: Desk, tmp_path: Path) -> None:
    desk.mailbox.put_command(ExportVideo(plan=plan(tmp_path / "walk.mp4"), content_id="a"))
    for _ in range(3):  # the order, and two frames
        desk.loop.step()
    desk.mailbox.put_request(request(1, 10, 11))
    desk.run()
    assert desk.events() == ["frame 1", "frame 2", "tile 10", "tile 11", "frame 3", "frame 4"]


def test_a_paused_video_waits_and_goes_on_where_it_was(desk: Desk, tmp_path: Path) -> None:
    desk.mailbox.put_command(ExportVideo(plan=plan(tmp_path / "walk.mp4"), content_id="a"))
    for _ in range(3):  # the order, and two frames
        desk.loop.step()
    desk.mailbox.put_command(PauseExport(paused=True))
    desk.mailbox.put_request(request(1, 10))
    desk.run()
    assert desk.events() == ["frame 1", "frame 2", "tile 10"]
    desk.mailbox.put_command(PauseExport(paused=False))
    assert desk.run()[-1] == ExportFinished(path=tmp_path / "walk.mp4")
    assert desk.events() == ["frame 1", "frame 2", "tile 10", "frame 3", "frame 4"]


def test_a_cancelled_video_leaves_no_file(desk: Desk, tmp_path: Path) -> None:
    desk.mailbox.put_command(ExportVideo(plan=plan(tmp_path / "walk.mp4"), content_id="a"))
    for _ in range(3):
        desk.loop.step()
    assert list(tmp_path.iterdir()) != []
    desk.mailbox.put_command(CancelExport())
    assert desk.run()[-1] == ExportCancelled()
    assert list(tmp_path.iterdir()) == []
    desk.mailbox.put_command(CancelExport())
    assert desk.run() == []


def test_the_end_of_the_loop_leaves_what_is_finished_of_the_video(desk: Desk, tmp_path: Path) -> None:
    desk.mailbox.put_command(ExportVideo(plan=plan(tmp_path / "walk.mp4"), content_id="a"))
    for _ in range(3):
        desk.loop.step()
    desk.loop.close()
    assert desk.replies[-1] == ExportLeft()
    assert [path.name for path in tmp_path.iterdir()] == ["walk.partial"]
    desk.loop.close()
    assert desk.replies[-1] == ExportLeft()


def test_a_video_goes_on_with_its_own_model_when_another_is_opened(desk: Desk, tmp_path: Path) -> None:
    desk.mailbox.put_command(ExportVideo(plan=plan(tmp_path / "walk.mp4"), content_id="a"))
    for _ in range(3):
        desk.loop.step()
    desk.open("b")
    assert desk.run()[-1] == ExportFinished(path=tmp_path / "walk.mp4")
    assert desk.events("a") == ["frame 1", "frame 2", "frame 3", "frame 4"]
    assert desk.events("b") == []


def test_a_video_that_fails_says_why_and_leaves_no_file(desk: Desk, tmp_path: Path) -> None:
    def fail(done: int) -> None:
        if done == 3:
            raise ExportError("the disk is full")

    desk.backend.models["a"].render_frame = fail  # type: ignore[method-assign]
    desk.mailbox.put_command(ExportVideo(plan=plan(tmp_path / "walk.mp4"), content_id="a"))
    assert desk.run()[-1] == ExportFailed(message="the disk is full")
    assert list(tmp_path.iterdir()) == []


def test_a_video_without_a_model_or_beside_another_is_refused(desk: Desk, tmp_path: Path) -> None:
    empty = Desk()
    empty.mailbox.put_command(ExportVideo(plan=plan(tmp_path / "walk.mp4"), content_id="a"))
    [reply] = empty.run()
    assert isinstance(reply, ExportFailed)
    assert "Open that model" in reply.message
    for name in ("one.mp4", "two.mp4"):
        desk.mailbox.put_command(ExportVideo(plan=plan(tmp_path / name), content_id="a"))
    replies = desk.run()
    assert [type(reply) for reply in replies].count(ExportFailed) == 1
    assert replies[-1] == ExportFinished(path=tmp_path / "one.mp4")


def test_a_video_of_another_model_than_the_open_one_is_made_with_its_own(desk: Desk, tmp_path: Path) -> None:
    """The order was given before b was opened, or by the program of yesterday."""
    model = tmp_path / "models" / "a"
    model.parent.mkdir()
    model.write_bytes(b"")
    desk.open("b")
    desk.run()
    film = tmp_path / "walk.mp4"
    desk.mailbox.put_command(ExportVideo(plan=plan(film), content_id="a", path=model))
    assert desk.run()[-1] == ExportFinished(path=film)
    assert desk.events("a") == ["frame 1", "frame 2", "frame 3", "frame 4"]
    desk.mailbox.put_request(request(1, 10))
    desk.run()
    assert desk.events("b") == ["tile 10"]  # it stays the one that pictures are of


@pytest.mark.parametrize("name", ["gone", "b"])
def test_a_video_whose_model_is_gone_or_another_one_by_now_says_so(desk: Desk, tmp_path: Path, name: str) -> None:
    model = tmp_path / "models" / "b"
    model.parent.mkdir()
    model.write_bytes(b"")
    desk.open("b")
    desk.run()
    order = ExportVideo(plan=plan(tmp_path / "walk.mp4"), content_id="a", path=model.with_name(name))
    desk.mailbox.put_command(order)
    reply = desk.run()[-1]
    assert isinstance(reply, ExportFailed)
    assert "another model" in reply.message
    assert [path.name for path in tmp_path.iterdir()] == ["models"]


def test_a_job_has_a_life(tmp_path: Path) -> None:
    frames = FakeBackend("a").models["a"].export(plan(tmp_path / "walk.mp4"))
    job = ExportJob(plan(tmp_path / "walk.mp4"), frames)
    states = [job.state]
    while not job.is_over:
        job.advance()
        states.append(job.state)
    assert states == [JobState.PENDING, *[JobState.RUNNING] * 4, JobState.SUCCEEDED]
    job.cancel()
    job.leave()
    assert job.state is JobState.SUCCEEDED


def test_the_worker_can_be_imported_without_torch() -> None:
    code = "import sys, explorer.worker.render_worker; sys.exit('torch' in sys.modules or 'pygame' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_only_a_hurried_request_gets_drafts_and_only_where_full_pictures_are_late(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, now = desk.backend.models["a"], [0.0]
    monkeypatch.setattr("explorer.worker.inference_loop.time.perf_counter", lambda: now[0])
    model.on_render = lambda _look: now.__setitem__(0, now[0] + 0.01 * model.sides[-1])

    def drafts(wanted: RenderRequest) -> list[bool]:
        desk.mailbox.put_request(wanted)
        return [reply.draft for reply in desk.run() if isinstance(reply, RenderResult)]

    assert drafts(request(1, 1, 2)) == [False, False]
    assert drafts(replace(request(2, 3, 4), hurry=True)) == [True, True]
    assert drafts(request(3, 3, 4)) == [False, False]
    assert model.sides == [8, 8, 4, 4, 8, 8]
    model.on_render = lambda _look: None
    for request_id in range(4, 60):
        last = drafts(replace(request(request_id, request_id), hurry=True))
    assert last == [False]


def test_a_cancelled_load_ends_where_it_is(desk: Desk) -> None:
    wanted: list[bool] = []

    def opens(_path: Path, _weights: str, still_wanted: Callable[[], bool]) -> FakeModel:
        wanted.append(still_wanted())
        desk.mailbox.cancel_open()
        wanted.append(still_wanted())
        raise LoadCancelledError("It was not wanted any more.")

    desk.backend.open = opens  # type: ignore[assignment]
    desk.open("b")
    assert desk.run() == []  # nobody is told: it was they who cancelled
    assert wanted == [True, False]
    desk.mailbox.put_request(request(1, 10))
    desk.run()
    assert desk.events("a") == ["tile 10"]


def test_a_model_moves_to_another_device_and_later_ones_follow(desk: Desk) -> None:
    desk.mailbox.put_command(OpenModel(path=Path("a"), device="cuda"))
    opened, ready = desk.run()
    assert isinstance(opened, ModelOpened)
    assert ready == WorkerReady(device="cuda", devices=("cuda", "cpu"))
    desk.open("b")
    desk.run()
    assert desk.backend.device == "cuda"


@pytest.mark.parametrize(("name", "device"), [("a", "mps"), ("missing", "cuda")])
def test_a_move_that_cannot_be_leaves_everything_where_it_was(desk: Desk, name: str, device: str) -> None:
    desk.mailbox.put_command(OpenModel(path=Path(name), device=device))
    failed, ready = desk.run()
    assert isinstance(failed, ModelFailed)
    assert ready == WorkerReady(device="cpu", devices=("cuda", "cpu"))
    desk.mailbox.put_request(request(1, 10))
    [picture] = desk.run()
    assert isinstance(picture, RenderResult)


def test_memory_that_was_short_is_told_of_once_a_model(desk: Desk) -> None:
    model = desk.backend.models["a"]
    model.on_render = lambda _: setattr(model, "sparing", True)
    desk.mailbox.put_request(request(1, 10, 11))
    assert [type(reply) for reply in desk.run()] == [RenderResult, MemoryShort, RenderResult]
    desk.mailbox.put_request(request(2, 12))
    assert [type(reply) for reply in desk.run()] == [RenderResult]

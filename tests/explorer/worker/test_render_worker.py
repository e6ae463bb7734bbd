"""The inference thread as the window sees it, with fakes that wait where a test wants, and with a real model."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from engine.errors import ConfigError, ExportError
from engine.inference.requests import Look, RenderRequest, RenderResult, SeedLatent, Truncation
from engine.video.plan import VideoPlan
from engine.video.timeline import walk_through
from explorer.session import edits
from explorer.session.document import new_document
from explorer.session.session import Session
from explorer.worker.backend import TorchBackend
from explorer.worker.commands import ExportVideo
from explorer.worker.inference_process import InferenceProcess
from explorer.worker.inference_thread import BackendFactory, InferenceThread
from explorer.worker.render_worker import LEAVE_SECONDS, STOP_SECONDS, RenderWorker, Workshop
from explorer.worker.replies import (
    ExportCancelled,
    ExportFinished,
    ExportLeft,
    ExportProgress,
    ModelFailed,
    ModelOpened,
    WorkerFailed,
    WorkerReady,
)
from tests.explorer.worker.fakes import TIMEOUT, FakeBackend, FakeModel, plan, replies_until, request

FIXTURE = Path(__file__).parents[2] / "fixtures" / "ada_uncond_64.pkl"


@pytest.fixture(autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLEGAN_EXPLORER_DATA", str(tmp_path_factory.mktemp("data")))


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend("a", "b")


@pytest.fixture
def model(backend: FakeBackend) -> FakeModel:
    return backend.models["a"]


@pytest.fixture
def worker(backend: FakeBackend, model: FakeModel) -> Iterator[RenderWorker]:
    worker = RenderWorker(InferenceThread(backend))
    worker.start()
    worker.open_model(Path("a"))
    replies = replies_until(worker, ModelOpened)
    assert replies[0] == WorkerReady(device="cpu", devices=("cuda", "cpu"))
    yield worker
    for each in backend.models.values():
        each.gate.set()
    assert worker.stop(TIMEOUT)


def held_in_the_first_tile(worker: RenderWorker, model: FakeModel) -> None:
    model.gate.clear()
    worker.request(request(1, 10, 11, 12))
    assert model.entered.wait(TIMEOUT)


def test_many_requests_become_few_pictures_and_the_last_is_complete(worker: RenderWorker, model: FakeModel) -> None:
    held_in_the_first_tile(worker, model)
    for request_id in range(2, 300):
        worker.request(request(request_id, request_id))
    assert worker.replies() == []
    model.gate.set()
    results = [reply for reply in replies_until(worker, RenderResult, 2) if isinstance(reply, RenderResult)]
    assert [reply.request_id for reply in results] == [1, 299]
    assert model.events == ["tile 10", "tile 299"]


def test_pictures_are_made_in_the_threads_own_thread(worker: RenderWorker, model: FakeModel, tmp_path: Path) -> None:
    worker.request(request(1, 10))
    replies_until(worker, RenderResult)
    worker.export_video(ExportVideo(plan=plan(tmp_path / "walk.mp4"), content_id="a"))
    replies_until(worker, ExportFinished)
    assert model.threads == {"inference"}


def test_another_model_opens_while_a_picture_is_made(worker: RenderWorker, model: FakeModel) -> None:
    held_in_the_first_tile(worker, model)
    worker.open_model(Path("missing"))
    worker.open_model(Path("b"))
    model.gate.set()
    replies = replies_until(worker, ModelOpened)
    assert not any(isinstance(reply, ModelFailed) for reply in replies)  # overtaken
    worker.request(request(2, 10))
    replies_until(worker, RenderResult)
    worker.open_model(Path("missing"))
    replies_until(worker, ModelFailed)
    worker.request(request(3, 11))
    replies_until(worker, RenderResult)
    assert model.events == ["tile 10"]


def test_the_grid_stays_live_while_a_video_is_made(worker: RenderWorker, model: FakeModel, tmp_path: Path) -> None:
    model.frames_allowed = threading.Semaphore(2)
    worker.export_video(ExportVideo(plan=plan(tmp_path / "walk.mp4", seconds_per_step=500), content_id="a"))
    replies_until(worker, ExportProgress, 2)
    worker.request(request(1, 10))
    model.frames_allowed.release()
    replies_until(worker, RenderResult)
    assert worker.exporting
    with pytest.raises(ExportError, match="made already"):
        worker.export_video(ExportVideo(plan=plan(tmp_path / "other.mp4"), content_id="a"))
    worker.cancel_export()
    model.frames_allowed.release()
    replies_until(worker, ExportCancelled)
    tile = model.events.index("tile 10")  # the request came before or during the third frame, the order during the next
    assert tile in (2, 3)
    assert len(model.events) <= 5
    assert not worker.exporting
    assert list(tmp_path.iterdir()) == []
    model.frames_allowed = None
    worker.export_video(ExportVideo(plan=plan(tmp_path / "walk.mp4"), content_id="a"))
    replies_until(worker, ExportFinished)
    assert [path.name for path in tmp_path.iterdir()] == ["walk.mp4"]


def test_stopping_in_the_middle_of_a_picture_and_a_video(
    worker: RenderWorker, model: FakeModel, tmp_path: Path
) -> None:
    model.frames_allowed = threading.Semaphore(1)
    worker.export_video(ExportVideo(plan=plan(tmp_path / "walk.mp4", seconds_per_step=500), content_id="a"))
    replies_until(worker, ExportProgress)
    model.gate.clear()
    worker.request(request(1, 10, 11, 12))
    model.frames_allowed.release()
    assert model.entered.wait(TIMEOUT)
    assert not worker.stop(timeout=0.01)
    model.gate.set()
    assert worker.stop(TIMEOUT)
    assert worker.replies()[-1] == ExportLeft()
    assert [path.name for path in tmp_path.iterdir()] == ["walk.partial"]
    assert model.events in (["frame 1", "tile 10"], ["frame 1", "frame 2", "tile 10"])


def test_stopping_waits_for_a_video_and_for_nothing_else(tmp_path: Path) -> None:
    importing = threading.Event()

    def slow() -> FakeBackend:
        assert importing.wait(TIMEOUT)
        return FakeBackend("a")

    worker = RenderWorker(InferenceThread(slow))
    worker.start()
    begin = time.monotonic()
    assert not worker.stop()
    assert time.monotonic() - begin < STOP_SECONDS / 2
    importing.set()
    assert worker.stop(TIMEOUT)

    backend = FakeBackend("a")
    model = backend.models["a"]
    model.frames_allowed = threading.Semaphore(1)
    worker = RenderWorker(InferenceThread(backend))
    worker.start()
    worker.open_model(Path("a"))
    worker.export_video(ExportVideo(plan=plan(tmp_path / "walk.mp4", seconds_per_step=500), content_id="a"))
    replies_until(worker, ExportProgress)
    threading.Timer(4 * LEAVE_SECONDS, model.frames_allowed.release).start()
    assert worker.stop()
    assert [path.name for path in tmp_path.iterdir()] == ["walk.partial"]


def test_stopping_what_never_started_or_has_stopped_is_fine() -> None:
    worker = RenderWorker(InferenceThread(FakeBackend()))
    assert worker.stop()
    worker = RenderWorker(InferenceThread(FakeBackend()))
    worker.start()
    assert worker.stop(TIMEOUT)
    assert worker.stop(TIMEOUT)


@pytest.mark.parametrize("error", [ConfigError("this computer has no cuda device"), ImportError("no torch")])
def test_a_thread_that_cannot_start_says_so(error: Exception) -> None:
    def broken() -> FakeBackend:
        raise error

    worker = RenderWorker(InferenceThread(broken))
    worker.start()
    [reply] = replies_until(worker, WorkerFailed)
    assert isinstance(reply, WorkerFailed)
    assert str(error) in reply.message
    assert worker.stop(TIMEOUT)


def test_a_session_and_a_worker_show_the_last_of_many_edits(worker: RenderWorker) -> None:
    session = Session(new_document(2, 2))
    session.set_model(FakeModel("a").info)
    for step in range(200):
        session.edit(edits.with_psi(session.document, step / 200), "drag")
        wanted = session.next_request()
        if wanted is not None:
            worker.request(wanted)
        for reply in worker.replies():
            if isinstance(reply, RenderResult):
                session.accept(reply)
    while session.pending:
        replies = worker.replies(timeout=TIMEOUT)
        assert replies
        for reply in replies:
            if isinstance(reply, RenderResult):
                session.accept(reply)
    assert {result.look.truncation.psi for result in session.results.values()} == {199 / 200}


@pytest.mark.parametrize("workshop", [InferenceThread, InferenceProcess])
def test_a_real_model_renders_and_exports(tmp_path: Path, workshop: Callable[[BackendFactory], Workshop]) -> None:
    """The picture that comes from elsewhere is the one that the renderer makes here."""
    wanted = [Look(latent=SeedLatent(seed=seed), truncation=Truncation(psi=0.7)) for seed in (1, 2)]
    worker = RenderWorker(workshop(partial(TorchBackend, "cpu")))
    worker.start()
    worker.open_model(FIXTURE)
    opened = replies_until(worker, ModelOpened)[-1]
    assert isinstance(opened, ModelOpened)
    assert opened.info.img_resolution == 64
    content_id = opened.info.content_id
    worker.request(RenderRequest(request_id=1, looks=tuple(enumerate(wanted))))
    results = [reply for reply in replies_until(worker, RenderResult, 2) if isinstance(reply, RenderResult)]
    path = tmp_path / "walk.mp4"
    walks = [replace(walk_through(tuple(wanted), seconds=seconds), fps=10) for seconds in (0.3, 60)]
    film = VideoPlan(timelines=(walks[0],), path=path)
    worker.export_video(ExportVideo(plan=film, content_id=content_id))
    replies = replies_until(worker, ExportFinished)
    film = VideoPlan(timelines=(walks[1],), path=tmp_path / "b.mp4")
    worker.export_video(ExportVideo(plan=film, content_id=content_id))
    replies_until(worker, ExportProgress)
    worker.cancel_export()
    replies_until(worker, ExportCancelled)
    assert worker.stop(TIMEOUT)
    steps = [reply.progress for reply in replies if isinstance(reply, ExportProgress)]
    assert (steps[-1].stage, steps[-1].done, steps[-1].total) == ("done", 6, 6)
    assert {entry.name for entry in tmp_path.iterdir()} == {path.name, path.name + ".json"}

    from engine.formats.model_file import load_model
    from engine.inference.renderer import Renderer

    renderer = Renderer(load_model(FIXTURE), "cpu")
    for reply, look in zip(results, wanted, strict=True):
        assert reply.pixels.shape == (64, 64, 3)
        np.testing.assert_array_equal(reply.pixels, renderer.render(look))

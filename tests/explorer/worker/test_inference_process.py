"""The process that makes pictures: its end, by order, by accident, and when the window's own process is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from engine.inference.requests import RenderFailure, RenderResult
from explorer.worker.commands import ExportVideo, FrameRequest
from explorer.worker.inference_main import LAST_SECONDS
from explorer.worker.inference_process import InferenceProcess
from explorer.worker.render_worker import RenderWorker
from explorer.worker.replies import ExportFailed, FrameFailed, ModelOpened, WorkerFailed, WorkerReady
from tests.explorer.worker.fakes import TIMEOUT, FakeBackend, picture_of, plan, replies_until, request

ROOT = Path(__file__).parents[3]
SLOW_SECONDS = 1.0


def backend() -> FakeBackend:
    return FakeBackend("a", "b")


def noisy_backend() -> FakeBackend:
    print("a library says hello")
    os.write(1, b"and another one does so from C\n")
    return FakeBackend("a")


def stuck_backend() -> FakeBackend:
    time.sleep(1000)
    raise AssertionError


def slow_backend() -> FakeBackend:
    made = FakeBackend("a")
    made.models["a"].on_render = lambda look: time.sleep(SLOW_SECONDS)
    return made


def dying_backend() -> FakeBackend:
    """Ends the process in the middle of the second picture, as the system does that runs out of memory."""
    made = FakeBackend("a")

    def die(look: object) -> None:
        if made.models["a"].events[1:]:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    made.models["a"].on_render = die
    return made


def impatient_backend() -> FakeBackend:
    os.kill(os.getpid(), signal.SIGINT)  # Ctrl-C reaches every process of a terminal
    return FakeBackend("a")


@pytest.fixture(autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLEGAN_EXPLORER_DATA", str(tmp_path_factory.mktemp("data")))


@pytest.fixture
def workshop(request: pytest.FixtureRequest) -> Iterator[InferenceProcess]:
    workshop = InferenceProcess(getattr(request, "param", backend))
    yield workshop
    workshop.close()
    workshop.join(TIMEOUT)


def opened(workshop: InferenceProcess) -> RenderWorker:
    worker = RenderWorker(workshop)
    worker.start()
    worker.open_model(Path("a"))
    assert replies_until(worker, ModelOpened)[0] == WorkerReady(device="cpu", devices=("cuda", "cpu"))
    return worker


def alive(workshop: InferenceProcess) -> bool:
    assert workshop.pid is not None
    return psutil.pid_exists(workshop.pid) and psutil.Process(workshop.pid).status() != psutil.STATUS_ZOMBIE


def test_pictures_cross_whole_and_the_process_ends_when_it_is_told_to(workshop: InferenceProcess) -> None:
    worker = opened(workshop)
    assert workshop.pid not in (None, os.getpid())
    worker.request(request(1, 10, 11))
    results = [reply for reply in replies_until(worker, RenderResult, 2) if isinstance(reply, RenderResult)]
    for result in results:
        assert (result.pixels == picture_of(result.look, "a")).all()
    assert worker.stop(TIMEOUT)
    assert workshop.exit_status == 0  # by itself, and not because it was killed
    assert worker.replies() == []  # an end that was asked for is no failure


@pytest.mark.parametrize("workshop", [slow_backend], indirect=True)
def test_one_that_is_busy_ends_with_what_it_is_in(workshop: InferenceProcess) -> None:
    worker = opened(workshop)
    worker.request(request(1, 10, 11, 12))
    time.sleep(SLOW_SECONDS / 2)
    begin = time.monotonic()
    assert worker.stop(TIMEOUT)
    assert time.monotonic() - begin < LAST_SECONDS / 2
    assert workshop.exit_status == 0


@pytest.mark.parametrize("workshop", [noisy_backend, impatient_backend], indirect=True)
def test_what_is_printed_and_ctrl_c_disturb_nothing(workshop: InferenceProcess) -> None:
    worker = opened(workshop)
    worker.request(request(1, 10))
    assert replies_until(worker, RenderResult)


@pytest.mark.parametrize("workshop", [stuck_backend], indirect=True)
def test_one_that_is_stuck_is_not_waited_for(workshop: InferenceProcess) -> None:
    worker = RenderWorker(workshop)
    worker.start()
    begin = time.monotonic()
    assert worker.stop()
    assert time.monotonic() - begin < TIMEOUT / 2
    assert not alive(workshop)


@pytest.mark.parametrize("workshop", [dying_backend], indirect=True)
def test_after_an_accident_everything_is_answered_and_the_next_model_starts_anew(
    workshop: InferenceProcess, tmp_path: Path
) -> None:
    worker = opened(workshop)
    first = workshop.pid
    worker.request(request(7, 10, 11, 12))
    replies = replies_until(worker, WorkerFailed)
    assert [type(reply) for reply in replies] == [RenderResult, RenderFailure, WorkerFailed]
    assert isinstance(replies[1], RenderFailure)
    assert replies[1].request_id == 7
    assert isinstance(replies[2], WorkerFailed)
    if os.name == "posix":
        assert "SIGKILL" in replies[2].message
        assert "memory" in replies[2].message
    worker.request(request(8, 10))
    timeline = plan(tmp_path / "walk.mp4").timelines[0]
    worker.show_frame(FrameRequest(request_id=9, timeline=timeline, seconds=0.0, hurry=False))
    worker.export_video(ExportVideo(plan=plan(tmp_path / "walk.mp4"), content_id="a"))
    assert not worker.exporting
    assert [type(reply) for reply in worker.replies()] == [RenderFailure, FrameFailed, ExportFailed]
    worker.open_model(Path("a"))
    replies_until(worker, ModelOpened)
    assert workshop.pid != first
    worker.request(request(10, 10))
    assert replies_until(worker, RenderResult)


def test_a_video_that_an_accident_ends_has_failed(workshop: InferenceProcess, tmp_path: Path) -> None:
    worker = opened(workshop)
    worker.export_video(ExportVideo(plan=plan(tmp_path / "walk.mp4", seconds_per_step=3600), content_id="a"))
    assert worker.exporting
    assert workshop.pid is not None
    psutil.Process(workshop.pid).kill()
    replies = replies_until(worker, WorkerFailed)
    assert any(isinstance(reply, ExportFailed) for reply in replies)
    assert not worker.exporting


def test_it_ends_when_the_window_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"  # which the empty entry of -c is not, for the other process
        "from tests.explorer.worker.test_inference_process import *\n"
        "workshop = InferenceProcess(backend)\n"
        "worker = opened(workshop)\n"
        "print(workshop.pid, flush=True)\n"
        "time.sleep(1000)\n"
    )
    window = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert window.stdout is not None
    number = int(window.stdout.readline())
    maker = psutil.Process(number)
    window.kill()
    window.wait()
    maker.wait(TIMEOUT)  # raises if it goes on
    window.stdout.close()


def test_a_program_that_does_not_start_is_told_of(workshop: InferenceProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(ROOT / "no-such-python"))
    worker = RenderWorker(workshop)
    worker.start()
    [reply] = replies_until(worker, WorkerFailed)
    assert isinstance(reply, WorkerFailed)
    assert "does not start" in reply.message


def test_nothing_is_imported_from_the_folder_that_the_person_is_in(
    workshop: InferenceProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = tmp_path / "trap"
    trap.mkdir()
    for name in ("torch", "numpy", "pickle", "explorer"):
        (trap / f"{name}.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')", encoding="utf-8")
    monkeypatch.chdir(trap)
    monkeypatch.syspath_prepend("")
    opened(workshop)
    assert not (tmp_path / "sprung").exists()

"""Videos one after the other, without a window: what is made when, and what is told of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.inference.requests import Look, SeedLatent
from engine.video.plan import VideoPlan
from engine.video.progress import Progress
from engine.video.timeline import walk_through
from explorer.app.export_queue import MOST_OVER, SMALL_SIDE, ExportQueue, QueueBackend
from explorer.library.video_list import OrderedVideo
from explorer.panels.queue_view import progress_text
from explorer.panels.states import QueuedVideo

LOOKS = tuple(Look(latent=SeedLatent(seed=seed)) for seed in (1, 2))


def plan(name: str = "walk.mp4") -> VideoPlan:
    return VideoPlan(timelines=(walk_through(LOOKS),), path=Path(name))


class Worker:
    """Remembers what it was told, in order."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.picture: np.ndarray | None = None
        self.queue = ExportQueue(
            QueueBackend(
                export=lambda order: self.told.append(f"make {order.plan.path} of {order.content_id}"),
                pause=lambda paused: self.told.append("rest" if paused else "go on"),
                cancel=lambda: self.told.append("give up"),
                discard=lambda order: self.told.append(f"discard {order.plan.path}"),
                picture=lambda _order: self.picture,
            )
        )

    def order(self, *names: str) -> list[int]:
        for name in names:
            self.queue.order(OrderedVideo(plan=plan(name), content_id="model"))
        return [video.number for video in self.queue.videos]

    @property
    def states(self) -> list[tuple[str, str]]:
        return [(video.plan.path.name, video.state) for video in self.queue.videos]


def test_one_is_made_at_a_time_in_the_order_of_the_list() -> None:
    worker = Worker()
    _, b, c = worker.order("a.mp4", "b.mp4", "c.mp4")
    assert worker.told == ["make a.mp4 of model"]
    assert worker.queue.waiting == 2
    worker.queue.move(c, -1)
    worker.queue.move(c, -1)  # the one in the making stays before it
    worker.queue.move(b, 1)
    assert worker.states == [("a.mp4", "running"), ("c.mp4", "waiting"), ("b.mp4", "waiting")]
    worker.queue.ended("finished")
    worker.queue.ended("failed", "no room")
    assert worker.told == [f"make {name}.mp4 of model" for name in "acb"]
    assert worker.states == [("a.mp4", "finished"), ("c.mp4", "failed"), ("b.mp4", "running")]
    assert worker.queue.videos[1].message == "no room"
    worker.queue.ended("cancelled")
    assert worker.queue.active is None


def test_resting_and_giving_up() -> None:
    worker = Worker()
    a, b = worker.order("a.mp4", "b.mp4")
    worker.queue.toggle_pause()
    worker.queue.toggle_pause()
    worker.queue.cancel(b)
    assert worker.states == [("a.mp4", "running")]
    worker.queue.cancel(a)
    assert worker.told == ["make a.mp4 of model", "rest", "go on", "discard b.mp4", "give up"]
    assert worker.states == [("a.mp4", "running")]  # until the worker has answered
    worker.queue.ended("cancelled")
    worker.queue.again(a, Path("a-2.mp4"))
    assert worker.states == [("a-2.mp4", "running")]
    worker.queue.again(a, Path("a-3.mp4"))  # that number is gone
    assert len(worker.queue.videos) == 1


def test_what_the_last_time_left_waits_for_somebody_who_wants_it() -> None:
    worker = Worker()
    queue = worker.queue
    worker.order("new.mp4")
    queue.bring_back(OrderedVideo(plan=plan(name), content_id="model") for name in ("a.mp4", "b.mp4", "c.mp4"))
    assert [state for _, state in worker.states] == ["kept", "kept", "kept", "running"]
    assert [order.plan.path.name for order in queue.unfinished] == ["a.mp4", "b.mp4", "c.mp4", "new.mp4"]
    assert queue.will_make(Path("b.mp4"))
    queue.cancel(queue.videos[1].number)
    queue.ended("finished")
    assert worker.told == ["make new.mp4 of model", "discard b.mp4"]
    queue.go_on(queue.videos[1].number)
    queue.go_on()
    queue.ended("finished")
    assert worker.told[2:] == ["make c.mp4 of model", "make a.mp4 of model"]
    queue.cancel(queue.videos[1].number)  # it is finished: its file stays
    assert worker.told[4:] == []
    assert [order.plan.path.name for order in queue.unfinished] == ["a.mp4"]


def test_names_of_videos_to_come_are_taken() -> None:
    worker = Worker()
    worker.order("a.mp4", "b.mp4")
    assert worker.queue.will_make(Path("b.mp4"))
    worker.queue.ended("failed")
    assert not worker.queue.will_make(Path("a.mp4"))


def test_news_goes_to_the_active_one_and_only_a_small_picture_is_kept() -> None:
    worker = Worker()
    worker.order("a.mp4", "b.mp4")
    picture = np.arange(512 * 512 * 3, dtype=np.uint8).reshape(512, 512, 3)
    worker.queue.progressed(Progress(stage="rendering", done=1, total=9, picture=picture))
    worker.queue.progressed(Progress(stage="rendering", done=2, total=9))
    first, second = worker.queue.videos
    assert first.progress is not None
    assert (first.progress.done, first.picture is picture, second.progress) == (2, True, None)
    worker.queue.ended("finished")
    kept = worker.queue.videos[0].picture
    assert kept is not None
    assert kept.shape == (SMALL_SIDE, SMALL_SIDE, 3)
    assert np.array_equal(kept, picture[::4, ::4])


def test_one_that_waits_has_the_picture_of_its_first_key() -> None:
    worker = Worker()
    worker.picture = np.full((2 * SMALL_SIDE, 2 * SMALL_SIDE, 3), 9, np.uint8)
    worker.order("a.mp4")
    worker.queue.bring_back([OrderedVideo(plan=plan("b.mp4"), content_id="model")])
    assert [video.picture.shape for video in worker.queue.videos if video.picture is not None] == [
        (SMALL_SIDE, SMALL_SIDE, 3)
    ] * 2


def test_old_ones_leave_the_list() -> None:
    worker = Worker()
    for number in range(MOST_OVER + 3):
        worker.order(f"{number}.mp4")
        worker.queue.ended("finished")
    assert len(worker.queue.videos) == MOST_OVER
    assert worker.states[0][0] == "3.mp4"


DEEDS = ("order", "cancel", "move", "pause", "finish", "again", "bring back", "go on")
deeds = st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 6), st.booleans()), max_size=40)


@given(done=deeds)
def test_whatever_is_done_one_is_made_if_any_waits_and_none_is_lost(done: list[tuple[str, int, bool]]) -> None:
    worker = Worker()
    queue = worker.queue
    for deed, index, flag in done:
        numbers = [video.number for video in queue.videos]
        chosen = numbers[index % len(numbers)] if numbers else 0
        removable = {video.number for video in queue.videos if video.number == chosen and not video.is_active}
        if deed == "order":
            worker.order("a.mp4")
        elif deed == "cancel":
            queue.cancel(chosen)
        elif deed == "move":
            queue.move(chosen, 1 if flag else -1)
        elif deed == "pause":
            queue.toggle_pause()
        elif deed == "finish" and queue.active is not None:
            queue.ended("finished" if flag else "failed")
        elif deed == "bring back":
            queue.bring_back([OrderedVideo(plan=plan("kept.mp4"), content_id="model")])
        elif deed == "go on":
            queue.go_on(chosen if flag else None)
        elif deed == "again":
            queue.again(chosen, Path("b.mp4"))
        left = [video.number for video in queue.videos]
        assert len(set(left)) == len(left)
        assert set(numbers) - set(left) <= (removable if deed in ("cancel", "again") else set())
        assert sum(video.is_active for video in queue.videos) <= 1
        assert queue.active is not None or queue.waiting == 0


@pytest.mark.parametrize(
    ("state", "progress", "text"),
    [
        ("waiting", None, "Waits: 120 frames, 0:04.0"),
        ("kept", None, "Not finished: 120 frames, 0:04.0"),
        ("running", None, "Starting…"),
        ("running", Progress(stage="measuring", done=3, total=9), "Measuring, 3 of 9 drafts"),
        ("running", Progress(stage="rendering", done=3, total=9), "3 of 9 frames"),
        ("running", Progress(stage="rendering", done=3, total=9, seconds_left=83.0), "3 of 9 frames, 1:23 left"),
        ("paused", Progress(stage="rendering", done=3, total=9, seconds_left=83.0), "3 of 9 frames, resting"),
        ("running", Progress(stage="finishing", done=9, total=9), "Finishing the file…"),
        ("finished", Progress(stage="done", done=9, total=9), "Ready: 120 frames, 0:04.0"),
        ("cancelled", None, "Cancelled"),
        ("failed", None, "The disk is full"),
    ],
)
def test_every_state_is_said(state: str, progress: Progress | None, text: str) -> None:
    video = QueuedVideo(number=1, order=OrderedVideo(plan=plan(), content_id="m"), state=state, progress=progress)
    assert progress_text(replace(video, message="The disk is full")) == text

"""Playing on a machine that is too slow: frames are dropped, and none is late."""

from __future__ import annotations

import numpy as np
import pytest

from engine.formats.model_info import ModelInfo
from engine.inference.requests import Look, SeedLatent
from explorer.app.timeline_desk import TimelineDesk
from explorer.session.session import Session
from explorer.session.studio import Studio
from explorer.worker.commands import FrameRequest
from explorer.worker.replies import FrameShown

TURN = 1 / 60
MODEL = ModelInfo(
    z_dim=16,
    c_dim=0,
    w_dim=16,
    num_ws=6,
    img_resolution=16,
    img_channels=3,
    source_format="test",
    content_id="model",
    parameters=0,
)


class Player:
    """A desk whose clock a test moves, and a worker that takes its time and makes one frame at a time."""

    def __init__(self, latency: float) -> None:
        self.now, self.latency = 100.0, latency
        session = Session()
        session.set_model(MODEL)
        self.complaints: list[str] = []
        self.orders: list[tuple[float, FrameRequest]] = []
        self.shown: list[tuple[float, float]] = []
        """(when, seconds of the film) of each frame that came"""
        self.desk = TimelineDesk(
            session=session,
            favourites=None,  # type: ignore[arg-type] - no key is made of one here
            order=lambda request: self.orders.append((self.now, request)),
            complain=self.complaints.append,
            say=lambda notice: self.complaints.append(notice.text),
            unfold=lambda: None,
            sound_delay=lambda: 0.0,
        )
        self.desk.studio = Studio(session, lambda: self.now)
        self.desk.studio.add(tuple(Look(latent=SeedLatent(seed=seed)) for seed in (1, 2, 3)))

    def turn(self) -> None:
        """One turn of the window's loop."""
        self.now += TURN
        if self.orders and self.desk.waiting and self.now >= self.orders[-1][0] + self.latency:
            request = self.orders[-1][1]
            self.shown.append((self.now, request.seconds))
            pixels = np.zeros((2, 2, 3), np.uint8)
            self.desk.take(FrameShown(request_id=request.request_id, pixels=pixels, draft=True))
        self.desk.pass_time()


@pytest.mark.parametrize("latency", [0.001, 0.05, 0.21, 0.9])
def test_a_slow_frame_is_dropped_and_never_late(latency: float) -> None:
    player = Player(latency)
    studio = player.desk.studio
    studio.toggle_play()
    began = player.now
    while player.now < began + 9.0:  # one and a half times round
        player.turn()
    assert studio.playing
    half_frame = 0.5 / studio.timeline.fps
    for ordered, request in player.orders:
        film_time = (ordered - began) % studio.timeline.duration
        off = abs(request.seconds - film_time)
        assert min(off, studio.timeline.duration - off) <= half_frame + 1e-6  # what is asked for is what is due now
        assert request.hurry
    for came, seconds in player.shown:
        late = (came - began - seconds) % studio.timeline.duration
        assert min(late, studio.timeline.duration - late) <= latency + TURN + half_frame + 1e-6
    frame = 1 / studio.timeline.fps
    fewest, most = 9.0 / (max(latency, frame) + 2 * TURN) - 1, 9.0 / max(latency, frame) + 1
    assert fewest <= len(player.shown) <= most  # as many as can be made, and no more
    assert player.complaints == []


def test_one_frame_is_in_the_making_at_a_time_and_the_last_one_is_whole() -> None:
    player = Player(0.3)
    studio = player.desk.studio
    studio.toggle_play()
    for _ in range(30):
        player.turn()
        assert len(player.orders) - len(player.shown) <= 1
    studio.pause()
    for _ in range(60):
        player.turn()
    last = player.orders[-1][1]
    assert (last.seconds, last.hurry) == (studio.playhead, False)
    count = len(player.orders)
    for _ in range(60):
        player.turn()
    assert len(player.orders) == count  # nothing is asked for twice

"""The pad moves by itself, closes circles, and stops."""

from __future__ import annotations

import math
import time

import pygame
import pytest

from explorer.app.drifting import LONGEST_STEP_SECONDS, DriftDesk
from explorer.panels.states import DriftState
from tests.explorer.app.driver import Driver
from tests.explorer.session.test_session import opened, settled


def test_a_drift_by_key_moves_every_picture_and_is_one_step_of_undo(driver: Driver) -> None:
    driver.key(pygame.K_d, "d")
    driver.pump(lambda: driver.app.session.document.pad[0] > 0.1, "a drift")
    driver.key(pygame.K_d, "d")
    driver.settle()
    place = driver.app.session.document.pad
    end = time.monotonic() + 0.3
    while time.monotonic() < end:
        driver.frames(1)
    assert driver.app.session.document.pad == place
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    assert driver.app.session.document.pad == (0.0, 0.0)
    panel = driver.app.window.sidebar.pad
    driver.click(panel.header)
    driver.frames()
    driver.click(panel.drift.buttons["circle"])
    driver.frames()
    driver.type_into(panel.radius.entry, "0.5")
    driver.type_into(panel.speed.entry, "2")
    driver.pump(lambda: driver.app.session.document.pad[1] > 0.1, "a circle")
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    assert not driver.app.drift.running


@pytest.mark.parametrize(("kind", "radius"), [("straight", 1.0), ("circle", 0.5)])
def test_the_way_is_as_long_as_time_and_speed_say(kind: str, radius: float) -> None:
    session = settled(opened())
    desk = DriftDesk(session)
    desk.change(DriftState(kind=kind, speed=1.0, radius=radius))
    period = 2 * math.pi * radius
    steps = 40
    for step in range(steps + 1):
        settled(session)
        desk.pass_time(step * period / steps)
    x, y = session.document.pad
    if kind == "straight":
        assert (x, y) == (pytest.approx(period, abs=0.01), 0.0)
        desk.pass_time(500.0)
        assert session.document.pad == (x, y)  # the pictures have not followed yet
    else:
        assert (x, y) == (pytest.approx(0, abs=0.01), pytest.approx(0, abs=0.01))
    settled(session)
    desk.pass_time(1000.0)
    assert abs(session.document.pad[0] - x) <= LONGEST_STEP_SECONDS + 0.01

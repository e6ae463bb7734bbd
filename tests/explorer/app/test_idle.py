"""Idle costs nothing: no redraw and no picture asked for while nothing happens, whatever is open."""

from __future__ import annotations

import pytest

from explorer.app.pace import IDLE_SECONDS
from tests.explorer.app.driver import Driver
from tests.explorer.app.test_window import unfold_everything

TURNS = 200


def nothing(_driver: Driver) -> None:
    """As it starts."""


def views(driver: Driver) -> None:
    """The library and the film strip, one over the other."""
    driver.app.commands.toggle_psi_film()
    driver.pump(lambda: driver.app.window.film.complete, "the strip")
    driver.app.commands.toggle_library()


def viewer(driver: Driver) -> None:
    """The maps of a layer."""
    driver.app.commands.toggle_layers()
    driver.pump(lambda: driver.app.window.layer_viewer.maps is not None, "the maps")


def after_drifting(driver: Driver) -> None:
    """Pictures that moved by themselves, and do no more."""
    driver.app.commands.toggle_drift()
    driver.frames(8)
    driver.app.commands.toggle_drift()
    driver.settle()


@pytest.mark.parametrize("prepare", [nothing, unfold_everything, views, viewer, after_drifting])
def test_idle_turns_draw_nothing_and_ask_for_nothing(driver: Driver, prepare: object) -> None:
    assert callable(prepare)
    prepare(driver)
    driver.frames()
    app = driver.app
    driver.pump(lambda: app.patience() == IDLE_SECONDS and app.settled and not app.errands.busy, "idleness")
    asked: list[object] = []
    app.worker.request = asked.append
    app.worker.look_into = asked.append
    drawn = app.frames_drawn
    for _ in range(TURNS):
        app.step()
    assert app.frames_drawn == drawn
    assert asked == []
    driver.move(driver.tile(0))
    assert app.frames_drawn > drawn

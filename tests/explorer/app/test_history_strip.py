"""The last steps as thumbnails: a click goes there, back or forward."""

from __future__ import annotations

import pygame

from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import Driver


def with_steps(launch: Launch) -> Driver:
    driver = launch(size=(1300, 800))
    driver.settle()
    for psi in ("0.8", "0.5", "0.2"):
        driver.type_into(driver.app.window.sidebar.truncation.psi.entry, psi)
        driver.settle()
    return driver


def test_a_click_goes_to_a_step_and_forward_again(launch: Launch) -> None:
    driver = with_steps(launch)
    strip = driver.app.window.history
    assert strip.steps == (3, 2, 1, 0)
    assert all(thumbnail is not None for _, thumbnail in strip._steps)
    assert strip._present == 3
    driver.click(strip.centre(1))
    driver.frames()
    assert driver.app.session.document.truncation.psi == 0.8
    assert strip.steps == (3, 2, 1, 0)
    assert strip._present == 1
    driver.click(strip.centre(3))
    driver.click(strip.centre(2), pygame.BUTTON_RIGHT)
    assert driver.app.session.document.truncation.psi == 0.2
    driver.click(strip.centre(0))
    driver.key(pygame.K_y, mod=pygame.KMOD_LCTRL)
    assert driver.app.session.document.truncation.psi == 0.8
    driver.key(pygame.K_n, "n")
    driver.settle()
    assert strip.steps == (2, 1, 0)


def test_it_can_be_hidden_and_small_windows_begin_without_it(launch: Launch) -> None:
    driver = with_steps(launch)
    window = driver.app.window
    width = window.grid.rect.width
    place = window.history.cross_place.move(window.history.rect.topleft)
    driver.click(place.center)
    driver.frames()
    assert not window.shows_history
    assert window.grid.rect.width > width
    assert window.grid.rect.right == 1300
    driver.key(pygame.K_h, "h")
    assert window.grid.rect.width == width
    driver.key(pygame.K_h, "h")
    driver.app.close()
    driver = launch(size=(1300, 800))
    assert not driver.app.window.shows_history  # as it was left
    driver.app.close()
    driver = launch(size=(900, 600), new=True)
    assert not driver.app.window.shows_history


def test_many_steps_show_the_newest(launch: Launch) -> None:
    driver = with_steps(launch)
    for _ in range(20):
        driver.key(pygame.K_n, "n")
    strip = driver.app.window.history
    assert len(strip.steps) == strip.room
    assert strip.steps[0] == 23
    assert strip.place(len(strip.steps) - 1).bottom <= strip.rect.height

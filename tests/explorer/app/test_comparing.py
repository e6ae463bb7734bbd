"""Holding Space shows the state before; Z gives one picture all the room; a hover names the seed."""

from __future__ import annotations

import numpy as np
import pygame

from explorer.session.document import latent_of
from explorer.session.seed_plane import described
from tests.explorer.app.driver import Driver


def hold_space(driver: Driver) -> None:
    driver.post(pygame.KEYDOWN, key=pygame.K_SPACE, unicode=" ", mod=0, scancode=0)
    driver.settle()


def let_go(driver: Driver) -> None:
    driver.post(pygame.KEYUP, key=pygame.K_SPACE, unicode=" ", mod=0, scancode=0)
    driver.settle()


def same(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_space_shows_the_state_before_while_it_is_held(driver: Driver) -> None:
    first = driver.pictures()
    hold_space(driver)
    assert "no earlier state" in driver.app.window.notices.current.text
    let_go(driver)
    driver.type_into(driver.app.window.sidebar.truncation.psi.entry, "0.3")
    driver.settle()
    second, document = driver.pictures(), driver.app.session.document
    hold_space(driver)
    assert same(driver.pictures(), first)
    assert driver.app.window.sidebar.truncation.psi.entry.text == "1.00"
    assert "before" in driver.app.window.status.left.text
    driver.key(pygame.K_n, "n")  # nothing is changed while one looks back
    let_go(driver)
    assert same(driver.pictures(), second)
    assert driver.app.session.document == document

    driver.key(pygame.K_b, "b")
    driver.key(pygame.K_n, "n")
    driver.key(pygame.K_n, "n")
    hold_space(driver)
    assert same(driver.pictures(), second)
    driver.post(pygame.WINDOWFOCUSLOST)
    driver.settle()
    assert not driver.app.session.comparing
    assert not same(driver.pictures(), second)


def test_one_picture_gets_all_the_room_and_gives_it_back(driver: Driver) -> None:
    grid = driver.app.window.grid
    side, document = grid.geometry.side, driver.app.session.document
    driver.move(driver.tile(2))
    driver.frames()
    driver.key(pygame.K_z, "z")
    assert grid.zoomed == 2
    assert grid.geometry.side > 1.9 * side
    driver.frames()
    driver.click(driver.tile(2))
    assert driver.app.favourites.marked_tiles() == {2}
    driver.key(pygame.K_RIGHT)
    driver.settle()
    driver.key(pygame.K_LEFT)
    driver.key(pygame.K_ESCAPE)
    assert grid.zoomed is None
    driver.key(pygame.K_RETURN, "\r")
    assert grid.zoomed is not None
    driver.key(pygame.K_RETURN, "\r")
    assert grid.geometry.side == side
    assert driver.app.session.document == document
    driver.key(pygame.K_z, "z")
    driver.key(pygame.K_PLUS, "+")
    driver.settle()
    assert grid.zoomed is None
    assert len(driver.pictures()) == 9


def test_the_picture_under_the_mouse_is_named(driver: Driver) -> None:
    grid = driver.app.window.grid
    driver.type_into(driver.app.window.sidebar.seeds.first, "41")
    driver.settle()
    corner = pygame.Rect(grid._place(1)).move(grid.rect.topleft)
    corner = pygame.Rect(corner.left, corner.bottom - 40, 120, 40)
    driver.move((10, 300))
    driver.frames()
    before = pygame.surfarray.array3d(driver.app.window.surface.subsurface(corner))
    driver.move(driver.tile(1))
    driver.frames()
    after = pygame.surfarray.array3d(driver.app.window.surface.subsurface(corner))
    assert grid._names[1] == "seed 42"
    assert (np.abs(after.astype(int) - before).sum(axis=2) > 60).sum() > 100
    start = driver.tile(0)
    driver.drag(start, (start[0] + 3 * grid.geometry.side // 4, start[1]))
    assert described(latent_of(driver.app.session.document, 0)) == "near seed 40"

"""Neighbours, sheets and mixing sheets in the running application."""

from __future__ import annotations

import numpy as np
import pygame

from engine.inference.requests import SeedLatent
from explorer.session.arrangements import Neighbours, Sheet
from explorer.session.document import look_of
from tests.explorer.app.driver import Driver, centre


def test_children_by_key_radius_by_hand_and_the_way_back(driver: Driver) -> None:
    driver.move(driver.tile(1))
    parent = driver.pictures()[1]
    driver.key(pygame.K_k, "k")
    driver.settle()
    assert len(driver.pictures()) == 9
    assert np.array_equal(driver.pictures()[4], parent)
    panel = driver.app.window.sidebar.arrange
    driver.click(panel.header)
    driver.frames()
    handle = centre(panel.radius.slider.sliding_button)
    driver.drag(handle, (handle[0] - 300, handle[1]))
    driver.settle()
    assert all(np.array_equal(picture, parent) for picture in driver.pictures())
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    driver.settle()
    arrangement = driver.app.session.document.arrangement
    assert isinstance(arrangement, Neighbours)
    assert arrangement.radius == 0.3
    first_generation = driver.pictures()
    driver.move(driver.tile(0))
    driver.key(pygame.K_k, "k")
    driver.settle()
    assert np.array_equal(driver.pictures()[4], first_generation[0])
    assert "Generation 2" in panel.hint.text
    driver.click(panel.others_button)
    driver.key(pygame.K_BACKSPACE)
    driver.settle()
    assert np.array_equal(driver.pictures()[4], parent)


def test_a_sheet_between_corners_and_between_favourites(driver: Driver) -> None:
    corners = driver.pictures()
    panel = driver.app.window.sidebar.arrange
    driver.click(panel.header)
    driver.frames()
    driver.click(panel.favourites_button)
    assert driver.app.session.document.arrangement is None
    assert "four favourites" in driver.app.window.notices.current.text
    for tile in (3, 2, 1, 0):
        driver.click(driver.tile(tile))
    driver.click(panel.kinds.buttons["sheet"])
    driver.settle()
    shown = driver.pictures()
    assert all(np.array_equal(shown[tile], corner) for tile, corner in zip((0, 2, 6, 8), corners, strict=True))
    driver.key(pygame.K_PLUS, "+")
    driver.click(panel.favourites_button)
    driver.settle()
    shown = driver.pictures()
    assert all(np.array_equal(shown[tile], corner) for tile, corner in zip((15, 12, 3, 0), corners, strict=True))
    assert isinstance(driver.app.session.document.arrangement, Sheet)


def test_a_mixing_sheet_by_zones(driver: Driver) -> None:
    driver.click(driver.app.window.sidebar.seeds.grid.buttons[3])
    driver.settle()
    before = driver.pictures()
    panel = driver.app.window.sidebar.arrange
    driver.click(panel.header)
    driver.frames()
    driver.click(panel.kinds.buttons["mixing sheet"])
    driver.settle()
    after = driver.pictures()
    kept = [np.array_equal(a, b) for a, b in zip(before, after, strict=True)]
    assert kept == [True, True, True, True, False, False, True, False, False]
    driver.click(panel.zones.buttons["Coarse"])
    driver.frames()
    assert look_of(driver.app.session.document, 8).style_mixes[0].strengths == (1.0,) * 8
    assert look_of(driver.app.session.document, 8).style_mixes[0].latent == SeedLatent(seed=2)
    driver.click(panel.reset_button)
    driver.settle()
    assert driver.app.session.document.arrangement is None

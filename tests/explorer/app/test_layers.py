"""Curves over layers, several sources, locks, swap, mixtures of classes: by hand, in the running application."""

from __future__ import annotations

import numpy as np
import pygame
import pytest

from engine.inference.requests import SeedLatent, Truncation
from explorer.session.document import look_of
from tests.explorer.app.driver import FIXTURES, Driver, centre


def undo(driver: Driver) -> None:
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)


def test_a_curve_is_drawn_by_dragging_and_is_one_step_of_undo(driver: Driver) -> None:
    before = driver.pictures()
    panel = driver.app.window.sidebar.truncation
    driver.click(panel.layers_button)
    driver.frames()
    driver.drag(panel.bars.point(0, 0.0), panel.bars.point(4, 1.5), steps=2)
    driver.settle()
    curve = driver.app.session.document.truncation.layer_psi
    assert len(curve) == 5
    assert (curve[0], curve[4]) == (0.0, 1.5)
    assert list(curve) == sorted(set(curve))
    assert not any(np.array_equal(a, b) for a, b in zip(before, driver.pictures(), strict=True))
    undo(driver)
    assert driver.app.session.document.truncation == Truncation()
    assert not driver.app.session.can_undo


def test_bars_answer_to_keys_wheel_and_double_click(driver: Driver) -> None:
    panel = driver.app.window.sidebar.truncation
    driver.click(panel.layers_button)
    driver.frames()
    driver.click(panel.bars.point(3, 0.6))
    near = driver.app.session.document.layer_psi(3)
    assert near == pytest.approx(0.6, abs=0.02)
    tiles = driver.app.session.document.tiles
    driver.key(pygame.K_UP)
    assert driver.app.session.document.layer_psi(3) == pytest.approx(near + 0.01)
    driver.key(pygame.K_RIGHT)
    driver.key(pygame.K_DOWN, mod=pygame.KMOD_LSHIFT)
    assert driver.app.session.document.layer_psi(4) == 0.9
    assert driver.app.session.document.tiles == tiles
    driver.move(panel.bars.point(5, 0.2))
    driver.post(pygame.MOUSEWHEEL, x=0, y=2, flipped=False, precise_x=0.0, precise_y=2.0)
    assert driver.app.session.document.layer_psi(5) == 1.02
    driver.app.window.manager.mouse_double_click_time = 60.0  # a slow machine's hand
    for _ in range(2):
        driver.click(panel.bars.point(4, 0.9))
    assert driver.app.session.document.layer_psi(4) is None


def test_presets_cutoff_and_centre(driver: Driver) -> None:
    panel = driver.app.window.sidebar.truncation
    driver.click(panel.layers_button)
    driver.frames()
    driver.click(panel.presets.buttons["Coarse"])
    driver.settle()
    coarse = driver.pictures()
    assert driver.app.session.document.truncation == Truncation(layer_psi=(0.5,) * 4)
    assert panel.presets.buttons["Coarse"].is_selected
    driver.click(driver.tile(1), pygame.BUTTON_RIGHT)
    driver.click(panel.centre.buttons["picture"])
    driver.settle()
    assert driver.app.session.document.truncation.centre == SeedLatent(seed=1)
    same = [np.array_equal(a, b) for a, b in zip(coarse, driver.pictures(), strict=True)]
    assert not any(same)
    driver.type_into(panel.cutoff, "3")
    assert driver.app.session.document.truncation.cutoff == 3
    driver.type_into(panel.cutoff, "10")
    assert driver.app.session.document.truncation.cutoff is None


def test_several_sources_are_painted_locked_and_swapped(driver: Driver) -> None:
    panel = driver.app.window.sidebar.mixing
    driver.click(panel.sources_button)
    driver.frames()
    driver.drag(panel.bars.point(0, 1.0), panel.bars.point(3, 1.0))
    driver.settle()
    one_source = driver.pictures()
    driver.click(panel.add_button)
    driver.frames()
    assert panel.source == 1
    driver.click(panel.locks.buttons["Coarse"])
    driver.drag(panel.bars.point(0, 0.5), panel.bars.point(9, 0.5), steps=2)
    driver.settle()
    document = driver.app.session.document
    assert document.locked == (0, 1, 2, 3)
    assert document.sources[0].strengths == (1.0,) * 4
    half = document.mix_strength(9, 1)
    assert document.sources[1].strengths == (0.0,) * 4 + (half,) * 6
    assert half == pytest.approx(0.5, abs=0.02)
    assert not any(np.array_equal(a, b) for a, b in zip(one_source, driver.pictures(), strict=True))
    driver.post(pygame.MOUSEBUTTONDOWN, pos=panel.bars.point(2, 0.5), button=pygame.BUTTON_RIGHT, touch=False)
    assert driver.app.session.document.locked == (0, 1, 3)
    driver.click(panel.painting_buttons["Swap"])
    assert look_of(driver.app.session.document, 0).latent == SeedLatent(seed=1001)
    assert driver.app.session.document.source_seed(1) == 0
    driver.click(panel.remove_button)
    driver.frames()
    assert len(driver.app.session.document.sources) == 1
    for _ in range(5):
        undo(driver)
    driver.settle()
    assert all(np.array_equal(a, b) for a, b in zip(one_source, driver.pictures(), strict=True))


def test_classes_are_mixed_and_follow_the_seed(launch) -> None:
    driver = launch(FIXTURES / "ada_cond_64.pkl", grid=(1, 3))
    driver.settle()
    pure = driver.pictures()
    panel = driver.app.window.sidebar.classes
    driver.click(panel.header)
    driver.frames()
    driver.click(panel.mixture_button)
    driver.frames()
    driver.type_into(panel.weights[1].entry, "0.25")
    assert driver.app.session.document.class_weights == (0.75, 0.25, 0.0)
    driver.type_into(panel.weights[2].entry, "0.5")
    assert driver.app.session.document.class_weights == (0.375, 0.125, 0.5)
    assert panel.description.text == "50% class 2, 38% class 0, 12% class 1"
    handle = centre(panel.weights[2].slider.sliding_button)
    driver.press(handle)
    for across in (100, 200, 400, 400):
        driver.move((handle[0] + across, handle[1]))
    assert driver.app.session.document.class_weights == (0.0, 0.0, 1.0)
    driver.move(handle)
    driver.release(handle)
    driver.settle()
    assert driver.app.session.document.class_weights == pytest.approx((0.375, 0.125, 0.5), abs=0.02)
    mixed = driver.pictures()
    driver.click(panel.follow_button)
    driver.settle()
    classes = [driver.app.session.look_of(tile).class_weights for tile in range(3)]
    assert classes == [(), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]
    followed = driver.pictures()
    assert np.array_equal(followed[0], pure[0])
    assert not any(np.array_equal(a, b) for a, b in zip(mixed, followed, strict=True))
    driver.type_into(panel.index, "1")
    driver.settle()
    assert np.array_equal(driver.pictures()[1], followed[1])
    assert driver.app.session.document.class_by_seed == 0


def test_noise_by_layer(driver: Driver) -> None:
    panel = driver.app.window.sidebar.noise
    driver.click(panel.header)
    driver.frames()
    driver.type_into(panel.strength.entry, "1.5")
    driver.click(panel.layers_button)
    driver.frames()
    driver.drag(panel.bars.point(0, 0.0), panel.bars.point(9, 0.0), steps=2)
    driver.settle()
    noise = driver.app.session.document.noise
    assert noise.strength == 1.5
    assert noise.layer_strengths == (0.0,) * 9  # the last layer only colours
    quiet = driver.pictures()
    driver.click(panel.mode.buttons["none"])
    driver.settle()
    assert all(np.array_equal(a, b) for a, b in zip(quiet, driver.pictures(), strict=True))

"""The window that looks into the layers, in the running application."""

from __future__ import annotations

import numpy as np
import pygame

from tests.explorer.app.driver import Driver


def test_layers_and_channels_are_scrubbed_and_follow_the_picture(driver: Driver) -> None:
    before = driver.pictures()
    driver.key(pygame.K_m, "m")
    viewer = driver.app.window.layer_viewer
    assert viewer is not None
    driver.pump(lambda: viewer.maps is not None, "maps")
    driver.pump(lambda: viewer.maps.question.channel == viewer.maps.by_strength[0], "the strongest channel")
    driver.type_into(viewer.rows["Layer"].entry, "4")
    driver.pump(lambda: viewer.maps.question.layer == 4, "another layer")
    assert viewer.maps.size == (16, 16)
    channel = viewer.view.channels[3]
    driver.click(viewer.view.centre(3))
    driver.pump(lambda: viewer.maps.question.channel == channel, "another channel")
    driver.frames()
    assert viewer.rows["Channel"].entry.text == str(channel)
    assert f"{viewer.maps.channels} channels of 16 × 16" in viewer.first.text
    shown = viewer.maps.map
    driver.app.window.sidebar.truncation.psi.slider.choose(0.3)
    driver.pump(lambda: viewer.maps.question.look.truncation.psi == 0.3, "the new look")
    assert not np.array_equal(viewer.maps.map, shown)
    driver.type_into(viewer.rows["Layer"].entry, "8")
    driver.pump(lambda: viewer.maps.question.layer == 8, "the last layer")
    driver.key(pygame.K_ESCAPE)
    driver.key(pygame.K_ESCAPE)
    assert driver.app.window.layer_viewer is None
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    driver.settle()
    assert all(np.array_equal(a, b) for a, b in zip(before, driver.pictures(), strict=True))


def test_the_layer_slider_stays_in_the_hand_while_maps_with_other_channels_come(driver: Driver) -> None:
    driver.key(pygame.K_m, "m")
    viewer = driver.app.window.layer_viewer
    driver.pump(lambda: viewer.maps is not None, "maps")
    driver.frames()
    slider = viewer.rows["Layer"].slider
    channels = viewer.maps.channels
    handle = slider.sliding_button.rect.center
    driver.press(handle)
    driver.move((handle[0] + 3 * slider.rect.width // 4, handle[1]))
    driver.pump(lambda: viewer.maps.question.layer > 4 and viewer.maps.channels != channels, "another layer")
    assert slider.alive()
    assert slider.held
    driver.move((slider.rect.right + 200, handle[1]))
    driver.release((slider.rect.right + 200, handle[1]))
    driver.pump(lambda: viewer.maps.question.layer == viewer.maps.layers - 1, "the last layer")
    before = viewer.maps.question.layer
    driver.key(pygame.K_LEFT)
    driver.pump(lambda: viewer.maps.question.layer == before - 1, "the layer before, by its arrow key")

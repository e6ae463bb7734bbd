"""Dragging, typing, clicking and pressing keys in the running application changes what it shows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pygame

from engine.inference.requests import SeedLatent
from explorer.session.document import latent_of
from tests.explorer.app.driver import Driver, centre


def test_a_key_that_can_do_nothing_says_why(driver: Driver) -> None:
    driver.move((5, 5))
    for key, mod, why in (
        (pygame.K_f, 0, "Move the mouse over a picture"),
        (pygame.K_z, pygame.KMOD_LCTRL, "nothing to undo"),
        (pygame.K_y, pygame.KMOD_LCTRL, "nothing to redo"),
        (pygame.K_BACKSPACE, 0, "no parent"),
        (pygame.K_SPACE, 0, "no earlier state"),
    ):
        driver.app.window.notices.close()
        driver.key(key, mod=mod)
        notice = driver.app.window.notices.current
        assert notice is not None, why
        assert why in notice.text
        assert not notice.lasting


def changed(before: list[np.ndarray], after: list[np.ndarray]) -> list[bool]:
    return [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]


def test_dragging_psi_changes_the_pictures_and_is_one_step_of_undo(driver: Driver) -> None:
    before = driver.pictures()
    handle = driver.app.window.sidebar.truncation.psi.slider.sliding_button
    start = centre(handle)
    driver.drag(start, (start[0] - 50, start[1]))
    driver.settle()
    psi = driver.app.session.document.truncation.psi
    assert 0.2 < psi < 0.8
    assert driver.app.window.sidebar.truncation.psi.entry.text == f"{psi:.2f}"
    assert all(changed(before, driver.pictures()))
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    driver.settle()
    assert driver.app.session.document.truncation.psi == 1.0
    assert not any(changed(before, driver.pictures()))
    assert not driver.app.session.can_undo
    driver.key(pygame.K_y, mod=pygame.KMOD_LCTRL)
    driver.settle()
    assert driver.app.session.document.truncation.psi == psi


def test_holding_a_slider_still_changes_nothing(driver: Driver) -> None:
    row = driver.app.window.sidebar.truncation.psi
    driver.type_into(row.entry, "0.73")
    driver.settle()
    driver.press(centre(row.slider.sliding_button))
    driver.frames(5)
    driver.release(centre(row.slider.sliding_button))
    driver.frames(3)
    assert driver.app.session.document.truncation.psi == 0.73


def test_a_click_on_the_track_takes_the_handle_there_and_a_double_click_back(driver: Driver) -> None:
    slider = driver.app.window.sidebar.truncation.psi.slider
    driver.click((slider.rect.left + 20, slider.rect.centery))
    driver.frames()
    assert 0.1 <= driver.app.session.document.truncation.psi <= 0.25
    driver.app.window.manager.mouse_double_click_time = 60.0  # a slow machine's hand
    point = centre(slider.sliding_button)
    driver.click(point)
    driver.click(point)
    driver.frames()
    assert driver.app.session.document.truncation.psi == 1.0


def test_psi_can_be_typed_also_beyond_the_slider(driver: Driver) -> None:
    before = driver.pictures()
    entry = driver.app.window.sidebar.truncation.psi.entry
    driver.type_into(entry, "-0.5")
    driver.settle()
    assert driver.app.session.document.truncation.psi == -0.5
    assert all(changed(before, driver.pictures()))
    driver.type_into(entry, "many")
    driver.frames()
    assert driver.app.session.document.truncation.psi == -0.5
    assert entry.text == "-0.50"


def test_keys_are_text_while_a_field_has_the_focus(driver: Driver) -> None:
    tiles = driver.app.session.document.tiles
    driver.click(driver.app.window.sidebar.seeds.first)
    driver.key(pygame.K_n, "n")
    driver.key(pygame.K_LEFT)
    assert driver.app.session.document.tiles == tiles
    driver.key(pygame.K_ESCAPE)
    driver.key(pygame.K_n, "n")
    assert driver.app.session.document.tiles != tiles


def test_a_layer_follows_psi_until_it_is_touched(driver: Driver) -> None:
    panel = driver.app.window.sidebar.truncation
    driver.click(panel.layers_button)
    driver.frames()
    driver.click(panel.layers.fold_buttons["Coarse"])
    driver.frames()
    driver.type_into(panel.layers.rows[(1,)].entry, "0.2")
    driver.type_into(panel.psi.entry, "0.6")
    driver.settle()
    per_layer = driver.app.session.document.truncation.per_layer(10)
    assert per_layer == (0.6, 0.2) + (0.6,) * 8
    assert panel.layers.rows[(2,)].entry.text == "0.60"
    driver.click(panel.follow_button)
    driver.settle()
    assert driver.app.session.document.truncation.per_layer(10) == (0.6,) * 10


def test_mixing_by_group_and_by_layer(driver: Driver) -> None:
    before = driver.pictures()
    panel = driver.app.window.sidebar.mixing
    driver.type_into(panel.seed, "77")
    row = panel.layers.rows[(4, 5, 6, 7)]
    start = centre(row.slider.sliding_button)
    driver.drag(start, (start[0] + 400, start[1]))
    driver.settle()
    document = driver.app.session.document
    assert document.source_seed(0) == 77
    assert [document.mix_strength(layer) for layer in range(10)] == [0.0] * 4 + [1.0] * 4 + [0.0] * 2
    assert all(changed(before, driver.pictures()))
    driver.click(panel.layers.fold_buttons["Fine"])
    driver.frames()
    driver.type_into(panel.layers.rows[(9,)].entry, "0.5")
    assert driver.app.session.document.mix_strength(9) == 0.5
    driver.click(panel.reset_button)
    driver.settle()
    assert not any(changed(before, driver.pictures()))


def test_new_seeds_by_button_and_by_key(driver: Driver) -> None:
    seen = [driver.app.session.document.tiles]
    driver.click(driver.app.window.sidebar.seeds.new_button)
    seen.append(driver.app.session.document.tiles)
    driver.key(pygame.K_n, "n")
    seen.append(driver.app.session.document.tiles)
    assert len(set(seen)) == 3
    driver.type_into(driver.app.window.sidebar.seeds.first, "500")
    seeds = [driver.app.session.document.seed_of(tile) for tile in range(4)]
    assert seeds == [500, 501, 502, 503]


def test_the_pad_moves_every_picture_and_snaps(driver: Driver) -> None:
    before = driver.pictures()
    panel = driver.app.window.sidebar.pad
    driver.click(panel.header)
    driver.frames()
    start = centre(panel.pad)
    driver.drag(start, (start[0] - 40, start[1]))
    driver.settle()
    x, y = driver.app.session.document.pad
    assert 0.5 < x < 1.0
    assert y == 0.0
    assert all(changed(before, driver.pictures()))
    driver.click(panel.snap_button)
    assert latent_of(driver.app.session.document, 0) == SeedLatent(seed=1)
    driver.click(panel.reset_button)
    driver.settle()
    assert not any(changed(before, driver.pictures()))


def test_dragging_a_picture_moves_the_pad_and_keeps_no_favourite(driver: Driver) -> None:
    start = driver.tile(0)
    side = driver.app.window.grid.geometry.side
    driver.drag(start, (start[0] - side // 2, start[1] + side // 4))
    x, y = driver.app.session.document.pad
    assert abs(x - 0.5) < 0.02
    assert abs(y + 0.25) < 0.02
    assert driver.app.favourites.looks == ()
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    assert driver.app.session.document.pad == (0.0, 0.0)


def test_arrows_step_through_the_plane_of_seeds(driver: Driver) -> None:
    driver.key(pygame.K_RIGHT)
    driver.key(pygame.K_DOWN)
    assert latent_of(driver.app.session.document, 0) == SeedLatent(seed=101)
    driver.key(pygame.K_LEFT)
    driver.key(pygame.K_UP)
    assert latent_of(driver.app.session.document, 0) == SeedLatent(seed=0)


def test_plus_and_minus_change_the_grid(driver: Driver) -> None:
    driver.key(pygame.K_PLUS, "+")
    driver.settle()
    assert len(driver.pictures()) == 9
    driver.key(pygame.K_MINUS, "-")
    driver.key(pygame.K_MINUS, "-")
    driver.key(pygame.K_MINUS, "-")
    driver.settle()
    assert len(driver.pictures()) == 1
    driver.click(driver.app.window.sidebar.seeds.grid.buttons[4])
    driver.settle()
    assert len(driver.pictures()) == 16


def test_noise_modes_change_the_pictures(driver: Driver) -> None:
    panel = driver.app.window.sidebar.noise
    driver.click(panel.header)
    driver.frames()
    pictures = [driver.pictures()]
    for mode in ("none", "random"):
        driver.click(panel.mode.buttons[mode])
        driver.settle()
        pictures.append(driver.pictures())
    driver.type_into(panel.seed, "9")
    driver.settle()
    pictures.append(driver.pictures())
    for before, after in pairwise(pictures):
        assert all(changed(before, after))


def test_a_conditional_model_has_a_class_panel(launch) -> None:
    from tests.explorer.app.driver import FIXTURES

    driver = launch(FIXTURES / "ada_cond_64.pkl")
    driver.settle()
    before = driver.pictures()
    panel = driver.app.window.sidebar.classes
    driver.click(panel.header)
    driver.frames()
    driver.type_into(panel.index, "2")
    driver.settle()
    assert driver.app.session.document.class_index == 2
    assert changed(before, driver.pictures()) == [True, True, False, True]  # seed 2 was of class 2 already


def test_the_list_of_shortcuts_opens_and_closes(driver: Driver) -> None:
    driver.key(pygame.K_SLASH, "?")
    assert driver.app.window.has_dialog
    driver.key(pygame.K_n, "n")
    driver.key(pygame.K_ESCAPE)
    assert not driver.app.window.has_dialog
